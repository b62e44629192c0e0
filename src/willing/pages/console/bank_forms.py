"""Forms about the bank: the school's account, a statement, the columns of a list."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.pages.console.forms import Plain
from willing.pages.console.roster_forms import ENCODING_LABELS
from willing.payments.account_rules import BankAccount
from willing.payments.bank_lists import DATE_FORMS, DECIMALS, FIELDS, BankListFormat
from willing.payments.models import BankDetails
from willing.payments.queries import OwnDetails
from willing.roster.tables import ENCODINGS

ACCOUNT_FIELDS = {
    "holder_missing": "holder",
    "holder_too_long": "holder",
    "sort_code_not_valid": "bank_code",
    "bic_not_valid": "bic",
}
NAMES = {
    "date": _("Date"),
    "amount": _("Amount, with a sign"),
    "credit": _("Money in, in a column of its own"),
    "debit": _("Money out, in a column of its own"),
    "text": _("Text"),
    "text_2": _("More text"),
    "payer": _("Who paid"),
    "account": _("Account of who paid"),
    "number": _("The bank's own number"),
    "currency": _("Currency"),
}
DATE_LABELS = {
    "": _("Recognised by itself"),
    "dmy": _("Day first (31/05/2026)"),
    "mdy": _("Month first (05/31/2026)"),
    "ymd": _("Year first (2026-05-31)"),
}
DECIMAL_LABELS = {"": _("Recognised by itself"), ",": _("A comma: 1.250,50"), ".": _("A point: 1,250.50")}


class BankAccountForm(Plain):
    """An account: an IBAN, or a number with the bank's code."""

    holder = forms.CharField(label=_("Account holder"), max_length=140)
    number = forms.CharField(
        label=_("IBAN or account number"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    bank_code = forms.CharField(
        label=_("Sort code or bank code"),
        max_length=20,
        required=False,
        help_text=_("Leave it empty with an IBAN."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    bic = forms.CharField(
        label=_("BIC"),
        max_length=20,
        required=False,
        help_text=_("Only where your bank asks for it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def refuse(self, code: str, message: str) -> None:
        """Say what is wrong beside the field that it is about."""
        self.add_error(ACCOUNT_FIELDS.get(code, "number"), message)


class OwnAccountForm(BankAccountForm):
    """The school's account, and the kind of reference that it asks for."""

    bank_name = forms.CharField(label=_("Name of the bank"), max_length=100, required=False)
    references = forms.ChoiceField(
        label=_("Payment references"),
        choices=[
            (BankDetails.References.CREDITOR.value, _("RF and ten digits")),
            (BankDetails.References.DIGITS.value, _("Ten digits")),
        ],
        help_text=_(
            "Ten digits where a bank takes no letters; RF (ISO 11649) in the SEPA area, Switzerland and most "
            "other countries. A QR-IBAN gets QR references by itself."
        ),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=70,
        required=False,
        help_text=_("The school's address is needed for the QR code in Switzerland only."),
    )
    postcode = forms.CharField(label=_("Postcode"), max_length=16, required=False)
    town = forms.CharField(label=_("Town"), max_length=35, required=False)

    @classmethod
    def of(cls, details: OwnDetails | None, school_name: str, country: str) -> "OwnAccountForm":
        """Return a form that shows what is set."""
        if details is None:
            kind = BankDetails.References.DIGITS if country == "GB" else BankDetails.References.CREDITOR
            return cls(initial={"holder": school_name, "references": kind})
        account = details.account
        facts = {**account.as_facts(), "references": details.references}
        facts["number"] = account.shown if account.is_iban else account.number
        return cls(initial=facts)


class StatementForm(Plain):
    """A file from the bank."""

    file = forms.FileField(
        label=_("The statement"),
        help_text=_("CAMT.053 or CAMT.054 (XML or zip), MT940, or a list (CSV, XLSX), of at most 12 MB."),
        widget=forms.FileInput(attrs={"accept": ".xml,.zip,.sta,.mt940,.940,.txt,.csv,.xlsx"}),
    )


class BankListForm(Plain):
    """Which column of a bank's list means what."""

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        """Offer the columns of the list for each field."""
        super().__init__(*args, **kwargs)
        choices = [("", _("Not in this list")), *((one, one) for one in columns)]
        for field in FIELDS:
            self.fields[field] = forms.ChoiceField(
                label=NAMES[field], choices=choices, required=field == "date",
                error_messages={"required": _("Please choose the column for this.")},
            )  # fmt: skip
        self.fields["date_form"] = forms.ChoiceField(
            label=_("How dates are written"),
            choices=[(one, DATE_LABELS[one]) for one in DATE_FORMS],
            required=False,
        )
        self.fields["decimal"] = forms.ChoiceField(
            label=_("Before the pence or cents"),
            choices=[(one, DECIMAL_LABELS[one]) for one in DECIMALS],
            required=False,
        )

    @classmethod
    def of(cls, columns: Sequence[str], format_: BankListFormat) -> "BankListForm":
        """Return a form with what is known or guessed."""
        facts = {**format_.columns, "date_form": format_.date_form, "decimal": format_.decimal}
        return cls(initial=facts, columns=columns)

    def as_format(self, encoding: str, header_line: int) -> BankListFormat:
        """Return what was chosen."""
        said: dict[str, Any] = self.cleaned_data
        columns = {field: said[field] for field in FIELDS if said.get(field)}
        return BankListFormat(columns, said["date_form"], said["decimal"], encoding, header_line)


class ListReadingForm(Plain):
    """How a list is written: its letters, and where its columns are named."""

    encoding = forms.ChoiceField(
        label=_("Letters (encoding)"),
        choices=[("", _("Recognised by itself")), *((one, ENCODING_LABELS[one]) for one in ENCODINGS)],
        required=False,
    )
    header_line = forms.IntegerField(
        label=_("Line with the columns' names"), min_value=0, max_value=200, required=False
    )


def account_of_form(form: BankAccountForm) -> BankAccount:
    """Return the account of a valid form. Raises Refused, by its cause."""
    from willing.payments.account_rules import read_account

    named = {
        field: str(value)
        for field, value in form.cleaned_data.items()
        if field in BankAccount.__annotations__
    }
    return read_account(named)
