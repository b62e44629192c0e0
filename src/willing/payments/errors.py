"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def holder_missing() -> Refused:
    """An account without its holder's name."""
    return Refused("holder_missing", _("Please enter whose account it is."))


def holder_too_long(chars_max: int) -> Refused:
    """A name that no payment file carries."""
    text = _("The name of the account holder is too long. Banks take %(count)s characters.")
    return Refused("holder_too_long", text % {"count": chars_max}, {"chars_max": chars_max})


def iban_country_unknown(country: str) -> Refused:
    """No country with IBANs has these two letters."""
    text = _("No IBAN begins with %(country)s.") % {"country": country}
    return Refused("iban_country_unknown", text, {"country": country})


def iban_length(wanted: int, found: int) -> Refused:
    """An IBAN with a character too many or too few for its country."""
    text = _("An IBAN of this country has %(wanted)s characters. This one has %(found)s.")
    facts = {"wanted": wanted, "found": found}
    return Refused("iban_length", text % facts, facts)


def iban_checksum() -> Refused:
    """The check digits of an IBAN do not fit: a digit is wrong, or two are swapped."""
    return Refused("iban_checksum", _("There is a typing mistake in this IBAN: its check digits do not fit."))


def iban_not_valid() -> Refused:
    """An IBAN with letters where its country has digits."""
    return Refused("iban_not_valid", _("This IBAN has letters or digits where its country has none."))


def sort_code_not_valid() -> Refused:
    """A sort code or code of a bank that is none."""
    return Refused("sort_code_not_valid", _("A sort code has six digits, such as 20-00-00."))


def account_number_not_valid() -> Refused:
    """An account number that is none."""
    return Refused(
        "account_number_not_valid",
        _("This is not an account number. With a sort code it has eight digits."),
    )


def bic_not_valid() -> Refused:
    """A BIC that is none."""
    return Refused("bic_not_valid", _("A BIC has 8 or 11 letters and digits, such as DEUTDEFF."))


def bank_details_missing() -> Refused:
    """The school has not said which account it has."""
    return Refused("bank_details_missing", _("The school's bank details are not set yet."))


def references_used_up() -> Refused:
    """No free reference was found in many attempts."""
    return Refused("references_used_up", _("No payment reference is free any more."))


def sealed_gone() -> Refused:
    """The key of what a bank wrote, or of a payee's account, was destroyed with its time."""
    return Refused("sealed_gone", _("These bank details are no longer kept."))


def bank_keys_unavailable() -> Refused:
    """The database of the keys is out of reach, so nothing from a bank can be sealed or opened."""
    return Refused(
        "bank_keys_unavailable",
        _("Bank details can't be saved or shown at the moment. Nothing was changed."),
    )


def pay_out_unknown() -> Refused:
    """No such pay-out in this school."""
    return Refused("pay_out_unknown", _("There is no such pay-out."))


def pay_out_not_open(state: str) -> Refused:
    """A pay-out was decided already, by another press or another person."""
    return Refused("pay_out_not_open", _("This pay-out has been dealt with already."), {"state": state})


def pay_out_reason_missing() -> Refused:
    """A refusal or a return that says nothing."""
    return Refused("pay_out_reason_missing", _("Please write what the family will read as the reason."))


def pay_out_account_missing() -> Refused:
    """A file for the bank with a pay-out whose account is not in the form that the file needs."""
    return Refused(
        "pay_out_account_missing",
        _("One of these accounts can't be paid with this kind of file. It is named in the list."),
    )


def no_pay_outs() -> Refused:
    """A file without a pay-out in it."""
    return Refused("no_pay_outs", _("There is nothing to pay out."))


def statement_broken() -> Refused:
    """A statement that ends in the middle, or is not put together as its kind is."""
    return Refused(
        "statement_broken",
        _("This file is damaged or not complete. Please fetch it from the bank once more."),
    )


def statement_forbidden() -> Refused:
    """XML with a document type or entities, which no bank writes."""
    return Refused(
        "statement_forbidden",
        _("This file holds instructions that no statement has. Nothing of it was read."),
    )


def statement_encoding() -> Refused:
    """Text in an encoding that is unknown, or not the one that the file names."""
    return Refused(
        "statement_encoding",
        _("The characters of this file can't be read. Please fetch it from the bank once more."),
    )


def statement_kind_unknown() -> Refused:
    """A file that is none of the kinds that can be read."""
    return Refused(
        "statement_kind_unknown",
        _("This is not a statement that can be read here: CAMT.053, CAMT.054, MT940 or a list (CSV, XLSX)."),
    )


def statement_intraday() -> Refused:
    """A camt.052: what may still change during the day."""
    return Refused(
        "statement_intraday",
        _("This is an interim report of the day (CAMT.052). Please choose the statement (CAMT.053)."),
    )


def statement_too_large() -> Refused:
    """A statement with more bookings, or more bytes, than one file may have."""
    return Refused("statement_too_large", _("This file is too large. Please choose a shorter period."))


def statement_other_account(masked: str) -> Refused:
    """A statement of another account than the school's."""
    text = _("This is the statement of another account (%(account)s) than the one of the school.")
    return Refused("statement_other_account", text % {"account": masked}, {"account": masked})


def statement_columns_missing() -> Refused:
    """A list of which nobody has said where date and sum are."""
    return Refused("statement_columns_missing", _("Please choose the columns of the date and of the amount."))


def line_unknown() -> Refused:
    """No such booking in this school."""
    return Refused("line_unknown", _("There is no such booking."))


def line_settled() -> Refused:
    """A booking was dealt with already, by another press or another person."""
    return Refused("line_settled", _("This booking has been dealt with already."))


def line_sum_large() -> Refused:
    """A sum above the school's bound, which someone confirms first."""
    return Refused("line_sum_large", _("This is a large sum. Please check it and confirm."))


def nothing_to_take_back() -> Refused:
    """The bank took back a sum that was not booked for this person, or that was taken back before."""
    return Refused(
        "nothing_to_take_back", _("No booked payment of this sum is left for this person to take back.")
    )
