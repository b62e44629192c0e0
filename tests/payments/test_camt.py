"""CAMT.053 and .054 of several versions, and files that are none."""

import re
from datetime import date

import pytest
from tests.payments.samples import camt, entry

from willing.core.errors import Refused
from willing.payments.bookings import AMOUNT_MINOR_MAX, Booking
from willing.payments.camt import read_camt


def read(*entries, currency="EUR", **how):
    return read_camt(camt(*entries, **how), currency)


@pytest.mark.parametrize("version", ["02", "04", "06", "08", "10", "13"])
@pytest.mark.parametrize("kind", ["053", "054"])
def test_a_credit_is_read_from_every_version(version, kind):
    modern = version >= "08"
    (found,) = read(entry(text="RF18 1234 5678", modern=modern), kind=kind, version=version).bookings
    assert found == Booking(
        booked_on=date(2026, 11, 25),
        amount_minor=2500,
        bank_number="BANK0000000001",
        payer="Petra Agrees",
        payer_account="DE89370400440532013000",
        text="RF18 1234 5678",
    )


def test_a_sum_that_was_booked_in_one_is_read_in_its_parts():
    parts = [("10.00", "RF1", "PART000001"), ("15.00", "RF2", "PART000002")]
    for modern in (True, False):
        found = read(entry("25.00", details=parts, modern=modern)).bookings
        assert [(one.amount_minor, one.text, one.part, one.whole_minor) for one in found] == [
            (1000, "RF1", "part PART000001", 2500),
            (1500, "RF2", "part PART000002", 2500),
        ]


def test_parts_that_are_not_the_sum_are_left_out_by_name():
    found = read(entry("25.00", details=[("10.00", "a", ""), ("10.00", "b", "")]))
    assert (found.bookings, found.faults) == ([], [("S1 / 1", "parts_differ")])


def test_a_sum_that_names_none_of_its_parts_says_so():
    bare = re.sub(
        r"<NtryDtls>.*</NtryDtls>", "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch></NtryDtls>", entry("25.00")
    )
    (found,) = read(bare).bookings
    assert (found.amount_minor, found.is_batch) == (2500, True)


def test_debits_and_what_is_not_booked_yet_are_counted_and_forgotten():
    found = read(
        entry(way="DBIT", end_to_end="a" * 32),
        entry(status="PDNG"),
        entry(status="PDNG", modern=False),
        entry(status="INFO"),
    )
    assert found.bookings == []
    assert found.left_out == {"debit": 1, "pending": 3}
    assert found.faults == []
    assert found.payments_made == {"a" * 32}


@pytest.mark.parametrize(
    "how", [{"more": "<RvslInd>true</RvslInd>"}, {"detail_more": "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>"}]
)
def test_a_reversed_booking_is_told_from_a_debit(how):
    (back,) = read(entry(way="DBIT", **how)).bookings
    assert (back.takes_back, back.is_return) == (True, False)
    (returned,) = read(entry(**how, end_to_end="b" * 32)).bookings
    assert (returned.takes_back, returned.is_return, returned.end_to_end) == (False, True, "b" * 32)


@pytest.mark.parametrize(
    ("amount", "currency", "school", "code"),
    [
        ("25.00", "USD", "EUR", "other_currency"),
        ("0.00", "EUR", "EUR", "amount_not_positive"),
        ("-1.00", "EUR", "EUR", "amount_not_positive"),
        ("NaN", "EUR", "EUR", "amount_unreadable"),
        ("1E+9999", "EUR", "EUR", "amount_unreadable"),
        ("0.001", "EUR", "EUR", "amount_unreadable"),
        ("2,50", "EUR", "EUR", "amount_unreadable"),
        ("", "EUR", "EUR", "amount_unreadable"),
        (str(AMOUNT_MINOR_MAX), "EUR", "EUR", "amount_too_large"),
        ("25.5", "JPY", "JPY", "amount_unreadable"),
    ],
)
def test_a_sum_that_is_none_is_left_out_by_name(amount, currency, school, code):
    found = read(entry(amount, currency=currency), entry("1", currency=school), currency=school)
    assert found.faults == [("S1 / 1", code)]
    assert len(found.bookings) == 1


def test_sums_are_exact_in_currencies_of_none_two_and_three_digits():
    for text, currency, minor in (
        ("25", "JPY", 25),
        ("0.07", "EUR", 7),
        ("1.005", "KWD", 1005),
        ("25.000", "JPY", 25),
    ):
        (found,) = read(entry(text, currency=currency), currency=currency).bookings
        assert found.amount_minor == minor


def test_a_day_that_is_none_is_left_out_by_name():
    assert read(entry(day="2026-02-30")).faults == [("S1 / 1", "date_unreadable")]


def test_short_numbers_that_only_count_are_no_number_of_the_bank():
    for ref in ("1", "00000000", "NONREF", ""):
        assert read(entry(ref=ref)).bookings[0].bank_number == ""
    numbered = entry(ref="", more="<NtryRef>2026112500017</NtryRef>")
    assert read(numbered).bookings[0].bank_number == "2026112500017"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252", "GB18030"])
def test_each_encoding_that_a_file_names_is_read(encoding):
    payer = "王小明" if encoding == "GB18030" else "Jörg Müller"
    (found,) = read(entry(payer=payer), encoding=encoding).bookings
    assert found.payer == payer


BOMB = (
    '<!DOCTYPE Document [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (camt(entry(text="&c;"), prefix=BOMB), "statement_forbidden"),
        (camt(entry(text="&x;"), prefix=OUTSIDE), "statement_forbidden"),
        (camt(entry(), prefix="<!DOCTYPE Document>"), "statement_forbidden"),
        (camt(entry())[:-40], "statement_broken"),
        (camt(entry())[:300], "statement_broken"),
        (camt(entry()).replace(b"UTF-8", b"EBCDIC-XX"), "statement_encoding"),
        (camt(entry(payer="Jörg")).replace("ö".encode(), b"\xf6"), "statement_encoding"),
        (
            camt(entry(payer="Jörg"), encoding="GB18030").replace("ö".encode("gb18030"), b"\xff"),
            "statement_encoding",
        ),
        (camt(entry(), kind="052"), "statement_intraday"),
        (b"<html><body>Please sign in</body></html>", "statement_kind_unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>', "statement_kind_unknown"),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>', "statement_kind_unknown"),
    ],
)
def test_a_file_that_is_none_is_refused_by_its_cause(content, code):
    with pytest.raises(Refused, match=code):
        read_camt(content, "EUR")


def test_a_file_names_its_accounts():
    assert read(entry(), iban="DE02120300000000202051").accounts == {"DE02120300000000202051"}


def test_more_entries_than_a_file_may_have_are_refused(monkeypatch):
    monkeypatch.setattr("willing.payments.camt.ENTRIES_MAX", 1)
    with pytest.raises(Refused, match="statement_too_large"):
        read(entry(), entry())
