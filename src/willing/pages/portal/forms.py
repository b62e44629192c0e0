"""Forms of the family pages. They turn text into values; whether a deed may be done, its action says."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.attendance.models import NOTE_CHARS_MAX
from willing.complaints.models import WORDS_MAX
from willing.pages.ui.focus import FocusesErrors
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.school_limits import LimitsInForce

LIMITS: dict[str, Promise] = {
    "purchase": _("One purchase, all ways to pay"),
    "daily": _("A day, all ways to pay together"),
    "weekly": _("A week, all ways to pay together"),
    "face_daily": _("Of a day, with the face alone"),
}


class LimitsForm(FocusesErrors):
    """How much may be spent. Empty: no limit of one's own."""

    def __init__(self, *args: Any, currency: str, school: LimitsInForce, **kwargs: Any) -> None:
        """Take as many decimals as the currency has, and sums that the school lets guardians choose."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self._max_minor = school.guardian_max_minor
        self.precision = get_currency_precision(currency)
        for name, label in LIMITS.items():
            minor = getattr(school, f"{name}_minor")
            hint = (
                gettext("Leave empty for no limit of yours.")
                if minor is None
                else gettext("Leave empty for the school's limit.")
            )
            if name == "face_daily":
                hint += " " + gettext("Enter 0 to allow faces only with a card or PIN.")
            self.fields[name] = self._amount(f"{label} ({currency})", hint)

    def _amount(self, label: str, hint: str) -> forms.DecimalField:
        widget = forms.NumberInput(attrs={"min": "0", "inputmode": "decimal", "autocomplete": "off"})
        return forms.DecimalField(
            label=label,
            help_text=hint,
            required=False,
            min_value=0,
            max_value=Decimal(self._max_minor).scaleb(-self.precision),
            decimal_places=self.precision,
            widget=widget,
        )

    @property
    def limits(self) -> NewLimits:
        """The limits, in whole minor units; None where a field was left empty."""
        return NewLimits(**{f"{name}_minor": self._minor(name) for name in LIMITS})

    def _minor(self, name: str) -> int | None:
        amount = self.cleaned_data[name]
        return None if amount is None else int(amount.scaleb(self.precision))

    def show(self, own: SpendingLimits) -> None:
        """Put what the guardian has set into the fields."""
        for name in LIMITS:
            minor = getattr(own, f"{name}_minor")
            if minor is not None:
                self.initial[name] = Decimal(minor).scaleb(-self.precision)


class ReportForm(FocusesErrors):
    """A few words about what is wrong; for a line of the page they are not needed."""

    said = forms.CharField(
        label=_("In a few words (optional)"),
        required=False,
        max_length=WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out the colon."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)


class NoteForm(FocusesErrors):
    """A few words about a day in the registers. is_about_a_mark: the day is that of the mark."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    said = forms.CharField(
        label=_("In a few words"),
        max_length=NOTE_CHARS_MAX,
        help_text=_("The office of the school reads it, and nobody else in the family."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, is_about_a_mark: bool, **kwargs: Any) -> None:
        """Ask for the day where no mark says it."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        if is_about_a_mark:
            del self.fields["day"]
