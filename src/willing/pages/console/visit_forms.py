"""Forms of the pages about visitors. They turn text into values; actions say what may be."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.errors import Refused
from willing.pages.console.forms import Keyed
from willing.visits.actions import NewVisit, VisitorSignIn
from willing.visits.models import Visit
from willing.visits.rules import BADGE_NUMBER_MAX, NAME_CHARS_MAX, WORDS_CHARS_MAX

_TYPED = {"autocomplete": "off"}
# Which field a refusal is about; the others are about the whole form.
FIELDS = {
    "visit_name_missing": "name",
    "visit_named_as_pupil": "name",
    "visit_day_over": "day",
    "visit_too_far": "day",
    "visit_badge_taken": "badge_number",
    "visit_badge_number": "badge_number",
}


class VisitForm(Keyed):
    """Who comes, from where, to whom."""

    name = forms.CharField(
        label=_("Name of the visitor"), max_length=NAME_CHARS_MAX, widget=forms.TextInput(attrs=_TYPED)
    )
    is_namesake = forms.BooleanField(
        label=_("The visitor has the same name as a pupil and is another person"), required=False
    )
    organisation = forms.CharField(
        label=_("Firm or office"),
        required=False,
        max_length=NAME_CHARS_MAX,
        widget=forms.TextInput(attrs=_TYPED),
    )
    kind = forms.ChoiceField(label=_("Comes as"), widget=forms.RadioSelect)
    host = forms.ChoiceField(label=_("Visits"))
    purpose = forms.CharField(
        label=_("What for"),
        required=False,
        max_length=WORDS_CHARS_MAX,
        help_text=_("A few words: boiler check, a talk, a meeting. Nothing about a pupil."),
        widget=forms.TextInput(attrs=_TYPED),
    )

    def __init__(self, *args: Any, staff: Collection[User], **kwargs: Any) -> None:
        """Offer the staff who may be visited."""
        super().__init__(*args, **kwargs)
        self._staff = {str(one.pk): one for one in staff}
        kind: Any = self.fields["kind"]
        host: Any = self.fields["host"]
        kind.choices = [(one.value, one.label) for one in Visit.Kind]
        kind.initial = Visit.Kind.VISITOR
        host.choices = [(key, one.get_short_name()) for key, one in self._staff.items()]
        if not self.data.get("is_namesake"):
            self.fields["is_namesake"].widget = forms.HiddenInput()

    @property
    def new(self) -> NewVisit:
        """The visit that was typed."""
        said = self.cleaned_data
        return NewVisit(
            said["name"],
            self._staff[said["host"]],
            said["kind"],
            said["organisation"],
            said["purpose"],
            said.get("day"),
            said.get("expected_at"),
            is_namesake=said["is_namesake"],
            id=said["key"],
        )

    def show_refusal(self, refused: Refused) -> None:
        """Say beside the right field why not; who bears a pupil's name can say that it is another person."""
        if refused.code == "visit_named_as_pupil":
            self.fields["is_namesake"].widget = forms.CheckboxInput()
        name = FIELDS.get(refused.code, "")
        self.add_error(name if name in self.fields else None, str(refused.message))


class AnnounceForm(VisitForm):
    """A visit to come."""

    day = forms.DateField(
        label=_("Day of the visit"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    expected_at = forms.TimeField(
        label=_("Expected at"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class SignInForm(forms.Form):
    """What the desk notes as a visitor comes. It is in a row, so its ids bear the visit's."""

    is_inducted = forms.BooleanField(
        label=_("Was shown what to do in a fire and whom to ask"), required=False
    )
    badge_number = forms.IntegerField(
        label=_("Number of the badge"),
        required=False,
        widget=forms.NumberInput(attrs={"min": 1, "max": BADGE_NUMBER_MAX, "inputmode": "numeric"}),
    )

    @property
    def noted(self) -> VisitorSignIn:
        """What was typed."""
        return VisitorSignIn(self.cleaned_data["is_inducted"], self.cleaned_data["badge_number"])


class ReceiveForm(VisitForm):
    """A visitor whom nobody announced, signed in at once."""

    is_inducted = SignInForm.base_fields["is_inducted"]
    badge_number = SignInForm.base_fields["badge_number"]

    @property
    def noted(self) -> VisitorSignIn:
        """What was typed about the signing in."""
        return VisitorSignIn(self.cleaned_data["is_inducted"], self.cleaned_data["badge_number"])
