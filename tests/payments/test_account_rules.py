"""Accounts: what can be one, and what is wrong with what can't. Also a coverage leg of the pure rules."""

import pytest

from willing.core.errors import Refused
from willing.payments.account_rules import BankAccount, is_same_account, read_account

IBAN = "DE89370400440532013000"


@pytest.mark.parametrize(
    ("typed", "number", "code", "shown"),
    [
        ({"number": "de89 3704 0044 0532 0130 00"}, IBAN, "", "DE89 3704 0044 0532 0130 00"),
        ({"number": "ＤＥ８９３７０４００４４０５３２０１３０００"}, IBAN, "", "DE89 3704 0044 0532 0130 00"),
        ({"number": "31926819", "bank_code": "60-16-13"}, "31926819", "601613", "60-16-13 31926819"),
        ({"number": "6222 0200 1234 5678 901"}, "6222020012345678901", "", "6222020012345678901"),
        ({"number": "123456789", "bank_code": "021000021"}, "123456789", "021000021", "021000021 123456789"),
    ],
)
def test_an_account_is_read_however_it_is_written(typed, number, code, shown):
    account = read_account({"holder": " Test\u00a0School ", **typed})
    assert (account.holder, account.number, account.bank_code) == ("Test School", number, code)
    assert account.shown == shown
    assert account.masked == f"…{number[-4:]}"
    assert BankAccount(**account.as_facts()) == account


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"holder": "\u200b ", "number": IBAN}, "holder_missing"),
        ({"holder": "x" * 71, "number": IBAN}, "holder_too_long"),
        ({"number": "DE89370400440532013001"}, "iban_checksum"),
        ({"number": "DE8937040044053201300"}, "iban_length"),
        ({"number": "DE893704004405320130000"}, "iban_length"),
        ({"number": "ZZ89370400440532013000"}, "iban_country_unknown"),
        ({"number": "DE68210501700012345A78"}, "iban_checksum"),
        ({"number": "GB33BUKB20201555555X55"}, "iban_checksum"),
        ({"number": "1234567", "bank_code": "601613"}, "account_number_not_valid"),
        ({"number": "12", "bank_code": ""}, "account_number_not_valid"),
        ({"number": "123456", "bank_code": "60-16-13-99-99-99-9"}, "sort_code_not_valid"),
        ({"number": IBAN, "bic": "DEUT"}, "bic_not_valid"),
    ],
)
def test_what_is_no_account_is_refused_by_its_cause(typed, code):
    with pytest.raises(Refused, match=code):
        read_account({"holder": "Test School", **typed})


def test_letters_where_a_country_has_digits_are_named():
    from stdnum.iso7064 import mod_97_10

    bban = "37040044053201300A"
    check = mod_97_10.calc_check_digits(f"{bban}DE")
    with pytest.raises(Refused, match="iban_not_valid"):
        read_account({"holder": "Test School", "number": f"DE{check}{bban}"})


def test_a_bic_is_kept_and_an_iban_names_its_country():
    account = read_account({"holder": "School", "number": IBAN, "bic": "deut deff 500", "bank_name": "Bank"})
    assert (account.bic, account.bank_name, account.country) == ("DEUTDEFF500", "Bank", "DE")
    assert account.is_iban
    assert not account.is_uk
    local = read_account({"holder": "School", "number": "31926819", "bank_code": "601613"})
    assert (local.country, local.is_uk, local.is_iban) == ("", True, False)


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (IBAN, True),
        ("DE89 3704 0044 0532 0130 00", True),
        (f"{IBAN}EUR", True),
        ("37040044/0532013000", True),
        ("37040044/532013000", True),
        ("37040044/532013000EUR", True),
        ("37040044/532013001", False),
        ("50010517/0532013000", False),
        ("DE02120300000000202051", False),
        ("3000", False),
    ],
)
def test_a_statement_is_of_this_account_in_each_way_that_banks_write_it(written, same):
    assert is_same_account(BankAccount("School", IBAN), written) is same
