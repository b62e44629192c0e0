"""Forms of the family pages. They turn text into values; whether a deed may be done, its action says."""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.complaints.models import WORDS_MAX
from willing.till.school_limits import LimitsInForce


class LimitsForm(forms.Form):
    """How much may be spent in a day. Empty: no limit of one's own."""

    def __init__(self, *args: Any, currency: str, school: LimitsInForce, **kwargs: Any) -> None:
        """Take as many decimals as the currency has, and sums that the school lets guardians choose."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self._max_minor = school.guardian_max_minor
        self.precision = get_currency_precision(currency)
        daily = gettext("Per day, all ways to pay together (%(currency)s)") % {"currency": currency}
        face = gettext("Of that, with the face alone (%(currency)s)") % {"currency": currency}
        hint = (
            gettext("Leave empty for no limit. A main meal is always sold.")
            if school.daily_minor is None
            else gettext("Leave empty for the school's limit. A main meal is always sold.")
        )
        self.fields["daily"] = self._amount(daily, hint)
        self.fields["face_daily"] = self._amount(
            face,
            gettext("Leave empty for the school's limit. Enter 0 to allow faces only with a card or PIN."),
        )

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

    def minor(self, name: str) -> int | None:
        """Return an amount in whole minor units, or None where the field was left empty."""
        amount = self.cleaned_data[name]
        return None if amount is None else int(amount.scaleb(self.precision))

    def show(self, daily_minor: int | None, face_daily_minor: int | None) -> "LimitsForm":
        """Put what holds now into the fields."""
        for name, minor in (("daily", daily_minor), ("face_daily", face_daily_minor)):
            if minor is not None:
                self.initial[name] = Decimal(minor).scaleb(-self.precision)
        return self


class ReportForm(forms.Form):
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
