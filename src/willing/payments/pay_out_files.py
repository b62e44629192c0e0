"""What a bank reads when the school pays out: pain.001.001.09, Bacs Standard 18, CSV. Pure.

The same file asked for again is the same to the byte, its message's number included: a bank that is given it
twice can tell.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from babel.numbers import get_currency_precision

from willing.core.spreadsheets import as_text
from willing.payments import errors
from willing.payments.account_rules import BankAccount
from willing.payments.models import PayOutFile

PAIN = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# Letters that break into a base and a mark need no row here; the rest of what European names are written in.
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "æ": "ae", "Æ": "AE"}
    | {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "œ": "oe", "Œ": "OE", "’": "'", "–": "-"}
)
BACS_MINOR_MAX = 10**11 - 1
NAME_CHARS_MAX, TEXT_CHARS_MAX, BACS_CHARS = 70, 140, 18


@dataclass(frozen=True)
class OrderedPayment:
    """One sum to one account. id: up to 35 letters and digits that come back with a returned payment."""

    id: str
    account: BankAccount
    amount_minor: int
    text: str


@dataclass(frozen=True)
class Batch:
    """What goes into one file. id: the message's own number, the same whenever the file is made."""

    id: str
    own: BankAccount
    currency: str
    made_at: datetime
    pays_on: date
    payments: Sequence[OrderedPayment]

    @property
    def total_minor(self) -> int:
        """The sum of all payments."""
        return sum(one.amount_minor for one in self.payments)


def require_payable(format_: str, own: BankAccount, payees: Sequence[BankAccount], currency: str) -> None:
    """Raise Refused pay_out_account_missing where a file of this kind can't name one of the accounts."""
    accounts = (own, *payees)
    fits = {
        PayOutFile.Format.SEPA: all(one.is_iban for one in accounts),
        PayOutFile.Format.BACS: currency == "GBP" and all(one.is_uk for one in accounts),
        PayOutFile.Format.CSV: True,
    }
    if not fits[PayOutFile.Format(format_)]:
        raise errors.pay_out_account_missing()


def write_file(format_: str, batch: Batch) -> bytes:
    """Return the file of a kind."""
    return {"pain001": _pain, "bacs18": _bacs, "csv": _csv}[format_](batch)


def name_of(format_: str, number: int) -> tuple[str, str]:
    """Return the name and the content type of a file."""
    ending, kind = {
        "pain001": ("xml", "application/xml"),
        "bacs18": ("txt", "text/plain; charset=ascii"),
        "csv": ("csv", "text/csv; charset=utf-8"),
    }[format_]
    return f"pay-outs-{number}.{ending}", kind


def _decimal(amount_minor: int, currency: str) -> str:
    return f"{Decimal(amount_minor).scaleb(-get_currency_precision(currency)):f}"


def to_latin(text: str, chars_max: int) -> str:
    """Return text in the letters that every bank of SEPA reads, others as a full stop."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(r"[^A-Za-z0-9/?:().,'+ -]", ".", kept)[:chars_max].strip() or "."


def _pain(batch: Batch) -> bytes:
    """Return pain.001.001.09 as the European Payments Council's guidelines use it."""
    root = Element("Document", xmlns=PAIN)
    message = SubElement(root, "CstmrCdtTrfInitn")
    count, total = str(len(batch.payments)), _decimal(batch.total_minor, batch.currency)
    owner = to_latin(batch.own.holder, NAME_CHARS_MAX)
    header = SubElement(message, "GrpHdr")
    _put(header, "MsgId", batch.id)
    _put(header, "CreDtTm", batch.made_at.strftime("%Y-%m-%dT%H:%M:%S"))
    _put(header, "NbOfTxs", count)
    _put(header, "CtrlSum", total)
    _put(header, "InitgPty/Nm", owner)
    order = SubElement(message, "PmtInf")
    _put(order, "PmtInfId", batch.id)
    _put(order, "PmtMtd", "TRF")
    _put(order, "BtchBookg", "true")
    _put(order, "NbOfTxs", count)
    _put(order, "CtrlSum", total)
    if batch.currency == "EUR":
        _put(order, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(order, "ReqdExctnDt/Dt", batch.pays_on.isoformat())
    _put(order, "Dbtr/Nm", owner)
    _put(order, "DbtrAcct/Id/IBAN", batch.own.number)
    _put(
        order,
        "DbtrAgt/FinInstnId/" + ("BICFI" if batch.own.bic else "Othr/Id"),
        batch.own.bic or "NOTPROVIDED",
    )
    _put(order, "ChrgBr", "SLEV")
    for one in batch.payments:
        _put_payment(order, one, batch.currency)
    indent(root)
    text: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _put_payment(order: Element, one: OrderedPayment, currency: str) -> None:
    entry = SubElement(order, "CdtTrfTxInf")
    _put(entry, "PmtId/EndToEndId", one.id)
    _put(entry, "Amt/InstdAmt", _decimal(one.amount_minor, currency)).set("Ccy", currency)
    if one.account.bic:
        _put(entry, "CdtrAgt/FinInstnId/BICFI", one.account.bic)
    _put(entry, "Cdtr/Nm", to_latin(one.account.holder, NAME_CHARS_MAX))
    _put(entry, "CdtrAcct/Id/IBAN", one.account.number)
    _put(entry, "RmtInf/Ustrd", to_latin(one.text, TEXT_CHARS_MAX))


def _put(parent: Element, path: str, text: str) -> Element:
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent


def _bacs(batch: Batch) -> bytes:
    """Return the records of Standard 18, 100 characters each, and the contra that takes the sum.

    Labels of a tape are left to the program that submits: they carry its own service user number.
    """
    own, lines = batch.own, []
    for one in batch.payments:
        to, text = one.account, to_bacs(f"LUNCH {one.id[:12]}")
        lines.append(_record(to, "99", own, one.amount_minor, (own.holder, text, to.holder)))
    lines.append(_record(own, "17", own, batch.total_minor, ("CONTRA", to_bacs(batch.id), own.holder)))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _record(
    to: BankAccount, code: str, own: BankAccount, amount_minor: int, texts: tuple[str, str, str]
) -> str:
    assert amount_minor <= BACS_MINOR_MAX, "eleven digits"
    named = "".join(to_bacs(text).ljust(BACS_CHARS) for text in texts)
    origin = own.bank_code + own.number
    return f"{to.bank_code}{to.number}0{code}{origin}    {amount_minor:011d}{named}"


def to_bacs(text: str) -> str:
    """Return text in the signs of Bacs, at most 18."""
    return re.sub(r"[^A-Z0-9.&/ -]", " ", to_latin(text, NAME_CHARS_MAX).upper())[:BACS_CHARS].rstrip()


def _csv(batch: Batch) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(
        ["name", "bank_code", "account", "bic", "amount", "currency", "pay_on", "reference", "text"]
    )
    for one in batch.payments:
        to, amount = one.account, _decimal(one.amount_minor, batch.currency)
        row = [to.holder, to.bank_code, to.number, to.bic, amount, batch.currency]
        row += [batch.pays_on.isoformat(), one.id, one.text]
        writer.writerow([as_text(cell) for cell in row])
    return "\ufeff".encode() + text.getvalue().encode()
