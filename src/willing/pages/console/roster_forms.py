"""Forms of the import: which file, which column holds what, what may be removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.pages.console.forms import Plain
from willing.roster.dates import FORMS
from willing.roster.flat_file import FIELDS, NEEDED
from willing.roster.tables import ENCODINGS

LABELS = {
    "external_id": _("Id in the register"),
    "given_name": _("Given name, or the whole name"),
    "family_name": _("Family name"),
    "year": _("Class or year"),
    "kind": _("Role (pupil or staff)"),
    "birth_date": _("Date of birth"),
    "guardian_name": _("Guardian %(number)s: name"),
    "guardian_email": _("Guardian %(number)s: e-mail address"),
    "guardian_relationship": _("Guardian %(number)s: relationship"),
    "guardian_id": _("Guardian %(number)s: id"),
    "guardian_phone": _("Guardian %(number)s: telephone"),
    "guardian_language": _("Guardian %(number)s: language of letters"),
}
DATE_LABELS = {
    "": _("As they are, where that is certain"),
    "dmy": _("Day first (31/05/2014)"),
    "mdy": _("Month first (05/31/2014)"),
    "serial": _("A spreadsheet's number of days (41790)"),
}
ENCODING_LABELS = {
    "utf-8": "UTF-8",
    "gb18030": _("GB18030 (Chinese)"),
    "utf-16": "UTF-16",
    "cp1252": _("Western European (Windows)"),
}
GUARDIAN_ORDER = (
    "guardian_name",
    "guardian_email",
    "guardian_phone",
    "guardian_language",
    "guardian_relationship",
    "guardian_id",
)


class UploadForm(Plain):
    """A file from the school's register."""

    file = forms.FileField(
        label=_("The list"),
        help_text=_("A CSV or XLSX file, or a OneRoster zip file, of at most 12 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx,.xlsm,.zip"}),
    )


class ReadingForm(Plain):
    """How the file is written: its letters, where its columns are named."""

    encoding = forms.ChoiceField(
        label=_("Letters (encoding)"),
        choices=[("", _("Recognised by itself")), *((one, ENCODING_LABELS[one]) for one in ENCODINGS)],
        required=False,
    )
    header_line = forms.IntegerField(label=_("Line with the columns' names"), min_value=1, max_value=200)


class SchoolForm(Plain):
    """Which school of a bundle this is."""

    def __init__(self, *args: Any, schools: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the schools of the file, by name and id."""
        super().__init__(*args, **kwargs)
        choices = [(org, name if name == org else f"{name} ({org})") for org, name in schools]
        self.fields["org"] = forms.ChoiceField(
            label=_("This school"),
            choices=[("", _("Please choose")), *choices],
            error_messages={"required": _("Please choose your school.")},
        )


class ColumnsForm(Plain):
    """Which column holds what, and how dates are written."""

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        """Offer the columns of the file for each field."""
        super().__init__(*args, **kwargs)
        choices = [("", _("Not in this list")), *((one, one) for one in columns)]
        for field in ordered_fields():
            self.fields[field] = forms.ChoiceField(
                label=field_label(field),
                choices=choices,
                required=field in NEEDED,
                error_messages={"required": _("Please choose the column for this.")},
            )
        self.fields["date_form"] = forms.ChoiceField(
            label=_("How dates are written"),
            choices=[(one, DATE_LABELS[one]) for one in FORMS],
            required=False,
        )
        self.fields["absent_stay"] = forms.BooleanField(
            label=_("A list of newcomers only: people who are not in it stay"), required=False
        )

    @property
    def people(self) -> list[forms.BoundField]:
        """The fields about the people themselves."""
        return [self[field] for field in ordered_fields() if not field.startswith("guardian")]

    @property
    def first_guardian(self) -> list[forms.BoundField]:
        """The fields about the first guardian."""
        return [self[field] for field in GUARDIAN_ORDER]

    @property
    def more_guardians(self) -> list[forms.BoundField]:
        """The fields about the others."""
        return [self[field] for field in ordered_fields() if field[-1].isdigit()]

    @property
    def chosen(self) -> Mapping[str, str | None]:
        """The columns by field, None where the list has none."""
        return {field: self.cleaned_data[field] or None for field in FIELDS}


def field_label(field: str) -> str:
    """Return what a field of a list is called on a page; the name itself of a column of a bundle."""
    number = field.rpartition("_")[2] if field[-1:].isdigit() else "1"
    label = LABELS.get(field.removesuffix(f"_{number}"))
    return str(label) % {"number": number} if label else field


def ordered_fields() -> list[str]:
    """Return the fields of a list in the order in which they are asked."""
    plain = [field for field in FIELDS if not field.startswith("guardian")]
    groups = [[field + suffix for field in GUARDIAN_ORDER] for suffix in ("", "_2", "_3", "_4")]
    return [*plain, *(field for group in groups for field in group)]


class ImportForm(Plain):
    """What is confirmed after reading the preview."""

    digest = forms.CharField(widget=forms.HiddenInput)
    release = forms.BooleanField(required=False, widget=forms.HiddenInput)
    leavers = forms.IntegerField(label=_("How many people leave"), min_value=0, required=False)
    unlinked = forms.IntegerField(label=_("How many guardians are removed"), min_value=0, required=False)
