"""Forms of the drawers' pages."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from willing.drawers.models import DifferenceCause
from willing.ledger.models import Account
from willing.pages.console.forms import Keyed, MoneyForm
from willing.terminals.models import NAME_LENGTH_MAX, Terminal


class TillForm(Keyed):
    """Under which till a drawer is; none: it is the office's."""

    terminal = forms.ChoiceField(
        label=_("Till"),
        required=False,
        help_text=_("Visitors and staff pay cash at a till with an open drawer."),
    )

    def __init__(self, *args: Any, tills: Sequence[Terminal], **kwargs: Any) -> None:
        """Offer these tills."""
        super().__init__(*args, **kwargs)
        self.tills = {str(one.pk): one for one in tills}
        choices = [
            ("", gettext("None: it is the office's")),
            *((pk, one.name) for pk, one in self.tills.items()),
        ]
        self.fields["terminal"].choices = choices  # type: ignore[attr-defined]

    @property
    def till(self) -> Terminal | None:
        """The till that was chosen."""
        return self.tills.get(self.cleaned_data["terminal"])


class DrawerForm(TillForm):
    """A new drawer."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH_MAX)
    field_order = ("name", "terminal")


class SumForm(Keyed, MoneyForm):
    """A sum of cash, nothing among it."""

    amount_min = Decimal(0)
    label: Any = ""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Call the sum what it is."""
        super().__init__(*args, currency=currency, **kwargs)
        self.fields["amount"].label = gettext("%(what)s, in %(currency)s") % {
            "what": self.label,
            "currency": currency,
        }


class FloatForm(SumForm):
    """The change with which a drawer opens."""

    label = _("Change from the safe")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        """Begin with none."""
        super().__init__(*args, currency=currency, **kwargs)
        self.fields["amount"].initial = 0


class MoveForm(SumForm):
    """Cash between the safe and a drawer."""

    label = _("Amount")
    way = forms.ChoiceField(
        label=_("Which way"),
        choices=[("in", _("From the safe into the drawer")), ("out", _("Out of the drawer into the safe"))],
    )


class CountForm(SumForm):
    """What was counted, before anybody sees what should be there."""

    label = _("Counted")


class CloseForm(SumForm):
    """What stays in the drawer, and why the count differs."""

    label = _("Stays in the drawer")
    why = forms.ChoiceField(
        label=_("Reason for the difference"), choices=[("", "–"), *DifferenceCause.choices], required=False
    )


class CorrectionForm(SumForm):
    """What turned out about a closed day."""

    label = _("Amount")
    way = forms.ChoiceField(
        label=_("What turned out"), choices=[("found", _("It was found")), ("missing", _("It is missing"))]
    )


class BankingForm(SumForm):
    """Cash or cheques on their way to the bank."""

    label = _("Amount")
    kind = forms.ChoiceField(
        label=_("What"),
        choices=[(Account.Kind.SAFE, _("Cash of the safe")), (Account.Kind.CHEQUES, _("Cheques"))],
    )
