"""Forms of the staff pages about planned absence. They turn text into values; actions say what may be."""

from collections.abc import Collection
from datetime import date, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.errors import Refused
from willing.leave.models import LeaveSettings, Trip
from willing.leave.rules import TITLE_CHARS_MAX, WORDS_CHARS_MAX
from willing.leave.trips import NewTrip
from willing.pages.console.forms import Plain
from willing.pages.ui.leave_forms import LeaveForm, TimeForm
from willing.people.models import Guardian


class FamilyLeaveForm(LeaveForm):
    """Leave that staff enter for a family: on whose word, and how they were reached."""

    guardian = forms.ChoiceField(label=_("Which guardian said so"))
    reached = forms.CharField(
        label=_("How you reached them"),
        max_length=WORDS_CHARS_MAX,
        required=False,
        help_text=_("For example: called the number on file at 8:10; came to the gate. No health details."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, guardians: Collection[Guardian], **kwargs: Any) -> None:
        """Offer the pupil's guardians."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["guardian"]
        field.choices = [(str(one.id), one.name) for one in guardians]

    @property
    def guardian_id(self) -> UUID:
        """Who said so."""
        return UUID(self.cleaned_data["guardian"])


class TripForm(TimeForm):
    """A trip: what, when, who goes, who supervises it."""

    name = forms.CharField(
        label=_("What is it called"),
        max_length=TITLE_CHARS_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind of trip"))
    groups = forms.MultipleChoiceField(
        label=_("Who goes"),
        help_text=_("Whole classes or groups; single pupils are taken off or added afterwards."),
        widget=forms.CheckboxSelectMultiple,
    )
    leaders = forms.MultipleChoiceField(label=_("Who supervises it"), widget=forms.CheckboxSelectMultiple)
    packed_meals = forms.BooleanField(
        label=_("The kitchen packs their meals"),
        required=False,
        help_text=_("Then they are not taken off the kitchen's forecast."),
    )

    def __init__(
        self, *args: Any, staff: Collection[User], groups: Collection[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Offer kinds, classes and groups, and who may supervise."""
        super().__init__(*args, **kwargs)
        self._staff = {str(one.pk): one for one in staff}
        order = ["name", "kind", "first_day", "last_day", "from_time", "until_time"]
        self.order_fields([*order, "groups", "leaders", "packed_meals"])
        choices: dict[str, Any] = {
            "kind": [(one.value, one.label) for one in Trip.Kind],
            "groups": list(groups),
            "leaders": [(key, one.get_short_name()) for key, one in self._staff.items()],
        }
        for name, offered in choices.items():
            field: Any = self.fields[name]
            field.choices = offered
        if not groups:
            self.fields["groups"].help_text = _(
                "There is no class yet. Add one on the page People, under Classes."
            )

    def new(self, pupils: Collection[UUID]) -> NewTrip:
        """Return the trip that was typed, for these pupils."""
        said = self.cleaned_data
        leaders = [self._staff[key] for key in said["leaders"]]
        return NewTrip(
            said["name"], said["kind"], self.wanted, pupils, leaders, said["packed_meals"], said["key"]
        )


class TripEndForm(Plain):
    """The end of a trip."""

    last_day = forms.DateField(
        label=_("Last day away"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until_time = forms.TimeField(
        label=_("Back at school at"),
        required=False,
        help_text=_("Only if they come back on the last day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    @property
    def values(self) -> tuple[date, time | None]:
        """What was typed."""
        return self.cleaned_data["last_day"], self.cleaned_data["until_time"]

    def show_refusal(self, refused: Refused) -> None:
        """Say why the end can't be moved: beside its day, or of the whole trip."""
        self.add_error("last_day" if refused.code.startswith("leave_") else None, str(refused.message))


class LeaveSettingsForm(Plain):
    """How the school agrees to leave."""

    staff_needed = forms.TypedChoiceField(
        label=_("Who agrees, beside a guardian"),
        choices=[(1, _("One of the staff")), (2, _("Two of the staff: a teacher, then the office"))],
        coerce=int,
        help_text=_("An illness is confirmed by one."),
    )
    report_back_by = forms.TimeField(
        label=_("Pupils report back by"),
        required=False,
        help_text=_(
            "On the first school day after a leave; who has not by then is on the list of those overdue. "
            "Empty: the register is enough."
        ),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    @property
    def values(self) -> tuple[int, time | None]:
        """What was typed."""
        return self.cleaned_data["staff_needed"], self.cleaned_data["report_back_by"]


def shown_settings(held: LeaveSettings) -> dict[str, Any]:
    """Return what the form shows."""
    return {"staff_needed": held.staff_needed, "report_back_by": held.report_back_by}
