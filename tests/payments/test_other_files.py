"""MT940, and any bank's list."""

from datetime import date

import pytest
from tests.payments.samples import mt940

from willing.core.errors import Refused
from willing.payments.bank_lists import BankListFormat, BankListRow, guess_columns, read_list, read_signed
from willing.payments.bookings import EntryRefused
from willing.payments.mt940_file import looks_like_mt940, read_mt940

CREDIT = ":61:2611251125CR25,00NTRFNONREF//BANK0000000001"
PURPOSE = (
    ":86:166?00GUTSCHRIFT?20EREF+NOTPROVIDED?21SVWZ+RF18 1234 5678"
    "?30DEUTDEFF?31DE89370400440532013000?32PETRA AGREES"
)


def test_mt940_is_read_with_payer_text_and_number():
    content = mt940(CREDIT, PURPOSE)
    assert looks_like_mt940(content)
    read = read_mt940(content, "EUR")
    (found,) = read.bookings
    assert (found.booked_on, found.amount_minor) == (date(2026, 11, 25), 2500)
    assert (found.bank_number, found.payer, found.payer_account) == (
        "BANK0000000001",
        "PETRA AGREES",
        "DE89370400440532013000",
    )
    assert "RF18 1234 5678" in found.text
    assert read.accounts == {"12030000/0000202051"}


def test_mt940_tells_debits_reversals_and_returns():
    read = read_mt940(
        mt940(
            ":61:2611251125DR25,00NTRFNONREF//BANK0000000002",
            ":61:2611251125RC25,00NTRFNONREF//BANK0000000003",
            ":61:2611251125RD25,00NTRFNONREF//BANK0000000004",
        ),
        "EUR",
    )
    assert read.left_out == {"debit": 1}
    assert [(one.takes_back, one.is_return) for one in read.bookings] == [(True, False), (False, True)]


def test_mt940_in_another_currency_is_left_out_by_name():
    assert read_mt940(mt940(CREDIT), "GBP").faults == [("1", "other_currency")]


@pytest.mark.parametrize(
    "content", [mt940(CREDIT, PURPOSE, closed=False), mt940(CREDIT) + b":20:NEXT\r\n:25:1\r\n"]
)
def test_mt940_that_breaks_off_is_refused(content):
    with pytest.raises(Refused, match="statement_broken"):
        read_mt940(content, "EUR")


def test_mt940_in_an_old_encoding_is_read():
    assert read_mt940(mt940(CREDIT, ":86:J?32J\u00f6rg").decode().encode("cp1252"), "EUR").bookings


def test_what_is_not_mt940_is_not_taken_for_it():
    assert not looks_like_mt940(b"Date;Amount\n2026-11-25;20")


GERMAN = {
    "date": "Buchungstag",
    "amount": "Betrag",
    "text": "Verwendungszweck",
    "payer": "Name",
    "account": "IBAN",
}


def rows(*cells):
    return [
        BankListRow(line, dict(zip(GERMAN.values(), one, strict=True))) for line, one in enumerate(cells, 2)
    ]


def test_columns_are_guessed_by_the_names_that_banks_give_them():
    assert guess_columns(
        ["Buchungstag", "Betrag", "Verwendungszweck", "Beguenstigter/Zahlungspflichtiger"]
    ) == {
        "date": "Buchungstag",
        "amount": "Betrag",
        "text": "Verwendungszweck",
        "payer": "Beguenstigter/Zahlungspflichtiger",
    }
    assert guess_columns(["Date", "Description", "Paid out", "Paid in"]) == {
        "date": "Date",
        "text": "Description",
        "debit": "Paid out",
        "credit": "Paid in",
    }
    assert guess_columns(["交易日期", "收入金额", "附言", "对方户名"])["credit"] == "收入金额"
    assert guess_columns(["colour"]) == {}


def test_a_list_is_read_with_a_decimal_comma_and_days_first():
    read = read_list(
        rows(
            ("25.11.2026", "1.025,00", "RF18", "Petra", "DE89 3704"),
            ("26.11.2026", "-3,00", "fee", "Bank", ""),
        ),
        BankListFormat(GERMAN),
        "EUR",
    )
    (found,) = read.bookings
    assert (found.booked_on, found.amount_minor, found.payer_account) == (
        date(2026, 11, 25),
        102500,
        "DE893704",
    )
    assert read.left_out == {"debit": 1}


def test_a_list_with_a_column_for_each_direction_is_read():
    format_ = BankListFormat({"date": "d", "credit": "in", "debit": "out"})
    read = read_list(
        [
            BankListRow(2, {"d": "2026-11-25", "in": "20.00", "out": ""}),
            BankListRow(3, {"d": "2026-11-25", "in": "0", "out": "5"}),
        ],
        format_,
        "GBP",
    )
    assert [one.amount_minor for one in read.bookings] == [2000]
    assert read.left_out == {"debit": 1}


@pytest.mark.parametrize(
    ("dates", "form", "first"),
    [
        (("11/25/2026", "11/26/2026"), "", date(2026, 11, 25)),
        (("25/11/2026", "01/02/2026"), "", date(2026, 11, 25)),
        (("2026-11-25", "2026-11-26"), "", date(2026, 11, 25)),
        (("01/02/2026",), "", date(2026, 2, 1)),
        (("01/02/2026",), "mdy", date(2026, 1, 2)),
    ],
)
def test_the_form_of_dates_is_the_one_that_reads_them_all(dates, form, first):
    read = read_list(
        [BankListRow(2, {"d": one, "a": "1"}) for one in dates],
        BankListFormat({"date": "d", "amount": "a"}, form),
        "GBP",
    )
    assert read.bookings[0].booked_on == first


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"d": "yesterday", "a": "1.00"}, "date_unreadable"),
        ({"d": "25.11.2026", "a": ""}, "amount_unreadable"),
        ({"d": "25.11.2026", "a": "ten"}, "amount_unreadable"),
        ({"d": "25.11.2026", "a": "0,00"}, "amount_not_positive"),
        ({"d": "25.11.2026", "a": "99999999999999"}, "amount_too_large"),
        ({"d": "25.11.2026", "a": "1", "c": "USD"}, "other_currency"),
    ],
)
def test_a_row_that_can_t_be_booked_is_left_out_by_name(cells, code):
    format_ = BankListFormat({"date": "d", "amount": "a", "currency": "c"}, "dmy")
    read = read_list([BankListRow(7, cells), BankListRow(8, {"d": "25.11.2026", "a": "1"})], format_, "EUR")
    assert read.faults == [("7", code)]
    assert len(read.bookings) == 1


@pytest.mark.parametrize(
    ("text", "decimal", "currency", "minor"),
    [
        ("1.250,50", "", "EUR", 125050),
        ("1,250.50", "", "EUR", 125050),
        ("1,250", ",", "KWD", 1250),
        ("1,250", ".", "EUR", 125000),
        ("12,5", ",", "EUR", 1250),
        ("1.250,00", ",", "JPY", 1250),
        ("(3.00)", "", "GBP", -300),
        ("3.00-", "", "GBP", -300),
        ("3.00 DR", "", "GBP", -300),
        ("3.00 CR", "", "GBP", 300),
        ("−3.00", "", "GBP", -300),
        ("+£3.00", "", "GBP", 300),
        ("1'250.50", ".", "CHF", 125050),
        ("0.00", ".", "GBP", 0),
    ],
)
def test_a_sum_is_read_as_banks_write_it(text, decimal, currency, minor):
    assert read_signed(text, decimal, currency) == minor


@pytest.mark.parametrize(
    ("text", "decimal"), [("1,2,3", ","), ("1.5.2", "."), ("12,345", ","), ("1e5", ""), ("--3", "")]
)
def test_what_is_no_sum_is_refused(text, decimal):
    with pytest.raises(EntryRefused, match="amount_unreadable"):
        read_signed(text, decimal, "EUR")


def test_a_list_without_its_columns_or_with_too_many_rows_is_refused(monkeypatch):
    with pytest.raises(Refused, match="statement_columns_missing"):
        read_list([], BankListFormat({"date": "d"}), "EUR")
    monkeypatch.setattr("willing.payments.bank_lists.ENTRIES_MAX", 1)
    with pytest.raises(Refused, match="statement_too_large"):
        read_list(
            [BankListRow(2, {}), BankListRow(3, {})], BankListFormat({"date": "d", "amount": "a"}), "EUR"
        )
