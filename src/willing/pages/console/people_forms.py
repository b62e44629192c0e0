"""Forms about persons, guardians and classes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from willing.pages.console.forms import Keyed, Plain
from willing.pages.ui.contact_form import ContactForm
from willing.people.guardians import GuardianDetails
from willing.people.models import Guardian, Person, YearGroup
from willing.people.persons import NewPerson

_OFF = {"autocomplete": "off"}  # a browser must not offer one family's names for another


class PersonForm(Plain):
    """What the office knows of a person."""

    given_name = forms.CharField(
        label=_("Given name"), max_length=100, widget=forms.TextInput(attrs={**_OFF, "autofocus": True})
    )
    family_name = forms.CharField(
        label=_("Family name"), max_length=100, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    kind = forms.ChoiceField(label=_("Pupil or staff"), choices=Person.Kind.choices)
    year = forms.ChoiceField(label=_("Class"), required=False)
    new_year = forms.CharField(
        label=_("Or a new class"), max_length=60, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        required=False,
        help_text=_(
            "It may stay empty. It decides whose consent a face needs and from when pupils open their own "
            "page, and attendance returns carry it."
        ),
        widget=forms.DateInput(attrs={"type": "date", **_OFF}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, classes: Sequence[YearGroup], **kwargs: Any) -> None:
        """Offer the classes that there are."""
        super().__init__(*args, **kwargs)
        self.fields["year"] = forms.ChoiceField(
            label=_("Class"),
            required=False,
            choices=[("", "—"), *((one.name, one.name) for one in classes)],
        )
        self.order_fields(["given_name", "family_name", "kind", "year", "new_year", "birth_date"])

    @property
    def person(self) -> NewPerson:
        """What was entered."""
        said = self.cleaned_data
        return NewPerson(
            said["given_name"],
            said["family_name"],
            kind=said["kind"],
            year=said["new_year"] or said["year"],
            birth_date=said["birth_date"],
        )


class NewPersonForm(Keyed, PersonForm):
    """A person to be added."""


def person_values(person: Person) -> dict[str, Any]:
    """Return what is known of a person, as the form shows it."""
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "kind": person.kind,
        "year": person.year_group.name if person.year_group else "",
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
    }


class GuardianForm(ContactForm, Plain):
    """A guardian of one person."""

    name = forms.CharField(label=_("Full name"), max_length=200, widget=forms.TextInput(attrs=_OFF))
    relationship = forms.CharField(
        label=_("Relationship"),
        required=False,
        max_length=60,
        help_text=_("Mother, uncle, foster parent: whatever helps the office."),
        widget=forms.TextInput(attrs=_OFF),
    )
    field_order = ("name", "relationship", "email", "phone", "language")

    @property
    def details(self) -> GuardianDetails:
        """What was entered."""
        said = self.cleaned_data
        return GuardianDetails(said["name"], said["email"], said["phone"], said["language"])


class NewGuardianForm(Keyed, GuardianForm):
    """A guardian to be added."""


def guardian_values(guardian: Guardian, relationship: str = "") -> dict[str, str]:
    """Return what is known of a guardian, as the form shows it."""
    known = [code for code, _name in settings.LANGUAGES]
    return {
        "name": guardian.name,
        "relationship": relationship,
        "email": guardian.email,
        "phone": guardian.phone,
        "language": guardian.language if guardian.language in known else "en",
    }


class ClassForm(Plain):
    """The name of a class."""

    name = forms.CharField(label=_("Name of the class"), max_length=60, widget=forms.TextInput(attrs=_OFF))
