"""Where money back to a family goes: the fields of a form, for the family's page and the office's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused
from willing.payments.account_rules import HOLDER_CHARS_MAX, BankAccount, read_account
from willing.payments.models import PayOut

# Which field a refusal of `read_account` is about; the number, where it says nothing else.
FIELD_OF = {"holder_missing": "holder", "holder_too_long": "holder", "sort_code_not_valid": "bank_code"}
FIELDS = ("holder", "number", "bank_code")


class AccountFields(forms.Form):
    """How money goes back, and where to. account: what was typed, None for cash."""

    account: BankAccount | None = None
    way = forms.ChoiceField(
        label=_("How"),
        choices=[
            (PayOut.Route.TRANSFER.value, _("To a bank account")),
            (PayOut.Route.CASH.value, _("In cash, against a signature")),
        ],
    )
    holder = forms.CharField(label=_("Whose account"), max_length=HOLDER_CHARS_MAX, required=False)
    number = forms.CharField(label=_("IBAN or account number"), max_length=60, required=False)
    bank_code = forms.CharField(
        label=_("Sort code or bank code (not with an IBAN)"), max_length=20, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Suggest nothing to a browser that others may use."""
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        """Read the account."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("way") == PayOut.Route.TRANSFER:
            try:
                self.account = read_account({name: said.get(name, "") for name in FIELDS})
            except Refused as refused:
                self.add_error(FIELD_OF.get(refused.code, "number"), str(refused.message))
        return said
