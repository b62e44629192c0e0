"""MT940 statements. Pure."""

import re
from datetime import date
from typing import Any

from willing.payments import errors
from willing.payments.bookings import (
    ENTRIES_MAX,
    NAME_CHARS_MAX,
    NOTHING,
    NUMBER_CHARS_MAX,
    TEXT_CHARS_MAX,
    Booking,
    EntryRefused,
    StatementFile,
    bank_number,
    read_decimal,
    tidy,
)

_ACCOUNT = re.compile(r"^:25:(\S+)", re.MULTILINE)
_BEGINS = re.compile(r"(?:^|\n):20:")
# What the package's patterns and conversions raise.
_PARSER_ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
# A statement ends with its closing balance; a file that breaks off has none after its last booking.
_CLOSES = re.compile(r"^:62[FM]:", re.MULTILINE)


def looks_like_mt940(content: bytes) -> bool:
    """Say whether a file begins as MT940 does, perhaps behind an envelope."""
    return _BEGINS.search(content[:2000].decode("latin-1").replace("\r", "\n")) is not None


def read_mt940(content: bytes, currency: str) -> StatementFile:
    """Return what an MT940 file books. Raises Refused statement_broken, statement_too_large."""
    import mt940

    text = _decode(content).replace("\r\n", "\n").replace("\r", "\n")
    if len(_BEGINS.findall(text)) != len(_CLOSES.findall(text)):
        raise errors.statement_broken()
    try:
        transactions = mt940.parse(text, options=mt940.options.Options.all())
    except _PARSER_ERRORS:
        raise errors.statement_broken() from None
    if len(transactions) > ENTRIES_MAX:
        raise errors.statement_too_large()
    read = StatementFile("MT940", accounts=set(_ACCOUNT.findall(text)))
    for place, one in enumerate(transactions, 1):
        try:
            booking = _booking(one.data, currency, read)
        except EntryRefused as refused:
            read.refuse(str(place), str(refused))
        else:
            read.bookings.extend([booking] if booking else [])
    return read


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _booking(data: dict[str, Any], currency: str, read: StatementFile) -> Booking | None:
    status = data.get("status", "")
    if status == "D":
        read.left_out["debit"] += 1
        return None
    if status not in ("C", "RC", "RD"):
        raise EntryRefused("amount_unreadable")
    amount, booked_on = data["amount"], data.get("entry_date") or data.get("date")
    if booked_on is None:
        raise EntryRefused("date_unreadable")
    texts = [
        data.get(name) for name in ("purpose", "extra_details", "additional_purpose", "end_to_end_reference")
    ]
    if not data.get("purpose"):
        texts.insert(0, data.get("transaction_details"))
    end_to_end = tidy(data.get("end_to_end_reference") or data.get("customer_reference"), NUMBER_CHARS_MAX)
    return Booking(
        booked_on=date(booked_on.year, booked_on.month, booked_on.day),
        amount_minor=read_decimal(str(abs(amount.amount)), amount.currency or "", currency),
        bank_number=bank_number(data.get("bank_reference")),
        takes_back=status == "RC",
        is_return=status == "RD",
        payer=tidy(data.get("applicant_name"), NAME_CHARS_MAX),
        payer_account=tidy(data.get("applicant_iban"), NUMBER_CHARS_MAX),
        text=tidy(" ".join([*filter(None, texts), data.get("customer_reference") or ""]), TEXT_CHARS_MAX),
        end_to_end="" if end_to_end.upper() in NOTHING else end_to_end,
    )
