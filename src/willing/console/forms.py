"""Forms of the staff pages. They turn text into values; whether a deed may be done, its action says."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

from babel.numbers import get_currency_precision
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.consent.models import SERVED_PURPOSES
from willing.till.models import PlaceKind, Way

AMOUNT_MAX = Decimal(10_000)  # so that a slipped digit is caught before it is money


class Plain(forms.Form):
    """A form whose labels end without a colon, and whose ids are its own on the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Set what Django would otherwise choose."""
        kwargs["auto_id"] = f"{type(self).__name__.lower()}-%s"
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)

    def focus_first_error(self) -> None:
        """Let the browser go to the first field that is not right; on a phone it is below the fold."""
        for name in self.fields:
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return


class Keyed(Plain):
    """A form that carries its own idempotency key: pressed twice, it does its deed once."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give a fresh form a fresh key."""
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = uuid4


class MoneyForm(Plain):
    """An amount in the school's currency."""

    amount_min: ClassVar[Decimal | None] = None  # what is too little for a deed, the deed says

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Take as many decimals as the currency has."""
        super().__init__(*args, **kwargs)
        self.precision = get_currency_precision(currency)
        widget = forms.NumberInput(attrs={"min": "0", "inputmode": "decimal", "autocomplete": "off"})
        self.fields["amount"] = forms.DecimalField(
            label=gettext("Amount in %(currency)s") % {"currency": currency},
            min_value=self.amount_min,
            max_value=AMOUNT_MAX,
            decimal_places=self.precision,
            widget=widget,
        )

    @property
    def amount_minor(self) -> int:
        """The amount in whole minor units."""
        return int(self.cleaned_data["amount"].scaleb(self.precision))


class LimitForm(MoneyForm):
    """How much may be paid in a day; nothing at all is a limit too."""

    amount_min = Decimal(0)


class PayInForm(Keyed, MoneyForm):
    """Money that the office received for a person."""


class PinForm(Keyed):
    """A new PIN, typed by its owner at the desk."""

    pin = forms.CharField(
        label=_("New PIN"),
        help_text=_("Four to six digits. Let the person type it themselves."),
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "6"}),
    )


class RefundForm(Keyed):
    """Why a sale is given back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("For the office and the log. Please name nobody here."),
    )


WAY_CHOICES = [(way.value, way.label) for way in (Way.CARD, Way.PIN, Way.STAFF, Way.FACE)]


class TerminalForm(Plain):
    """A till to be set up."""

    name = forms.CharField(label=_("Name"), max_length=60)
    purpose = forms.ChoiceField(
        label=_("What it sells for"), choices=[(purpose.value, purpose.label) for purpose in SERVED_PURPOSES]
    )
    place_kind = forms.ChoiceField(label=_("Where it stands"), choices=PlaceKind.choices)
    ways = forms.MultipleChoiceField(
        label=_("Ways to pay"),
        choices=WAY_CHOICES,
        initial=[Way.CARD.value, Way.PIN.value, Way.STAFF.value],
        widget=forms.CheckboxSelectMultiple,
        required=False,  # what a till has to take is for its action to say, in its own words
    )
