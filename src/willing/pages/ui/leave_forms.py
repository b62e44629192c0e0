"""The forms in which families and staff say when a pupil is away."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.leave.asking import NewLeave
from willing.leave.models import Leave
from willing.leave.rules import WORDS_CHARS_MAX, WantedLeave
from willing.pages.ui.focus import FocusesErrors

_DATE = {"type": "date"}
_TIME = {"type": "time"}
# Which field a refusal is about; the others are about the whole form.
FIELDS = {
    "leave_time_backwards": "last_day",
    "leave_too_long": "last_day",
    "leave_over": "last_day",
    "leave_too_far": "first_day",
    "leave_without_school": "first_day",
    "leave_overlaps": "first_day",
    "leave_how_reached": "reached",
}


class TimeForm(FocusesErrors):
    """From when to when a pupil is away. Carries its own key: sent twice, it is one."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    first_day = forms.DateField(
        label=_("First day away"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    last_day = forms.DateField(
        label=_("Last day away"), widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d")
    )
    from_time = forms.TimeField(
        label=_("Leaves school at"),
        required=False,
        help_text=_("Only if the first day begins at school."),
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
    )
    until_time = forms.TimeField(
        label=_("Back at school at"),
        required=False,
        help_text=_("Only if they come back on the last day."),
        widget=forms.TimeInput(attrs=_TIME, format="%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a fresh form a fresh key."""
        kwargs["label_suffix"] = ""
        kwargs["auto_id"] = f"{type(self).__name__.lower()}-%s"
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4

    @property
    def wanted(self) -> WantedLeave:
        """The time that was typed."""
        said = self.cleaned_data
        return WantedLeave(said["first_day"], said["last_day"], said["from_time"], said["until_time"])

    def show_refusal(self, refused: Refused) -> None:
        """Say beside the right field why not."""
        name = FIELDS.get(refused.code, "")
        self.add_error(name if name in self.fields else None, str(refused.message))


class LeaveForm(TimeForm):
    """Leave to be asked for, or an illness to be reported."""

    kind = forms.ChoiceField(label=_("Why"))
    reason = forms.CharField(
        label=_("More about it"),
        required=False,
        max_length=WORDS_CHARS_MAX,
        help_text=_("Not needed for an illness. Staff read it; it is deleted 30 days after the last day."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds in the reader's language."""
        super().__init__(*args, **kwargs)
        self.order_fields(["kind", "first_day", "last_day", "from_time", "until_time", "reason"])
        field: Any = self.fields["kind"]
        field.choices = [(one.value, one.label) for one in Leave.Kind]

    @property
    def new(self) -> NewLeave:
        """The leave that was typed."""
        said = self.cleaned_data
        return NewLeave(self.wanted, said["kind"], said["reason"], said["key"])
