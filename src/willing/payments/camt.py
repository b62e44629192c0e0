"""Statements and notifications of ISO 20022: camt.053 and camt.054, versions 02 to 13. Pure.

Versions write a state, a party and an amount in different elements; each is tried. Names of elements are
compared without their namespace. A document type declaration is refused before anything in it is read,
so no entity grows and none is fetched.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

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

REPORTS = {"Stmt": "camt.053", "Ntfctn": "camt.054"}
_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.05[234]\.\d{3}\.\d{2}\}Document")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*\?>")


def read_camt(content: bytes, currency: str) -> StatementFile:
    """Return what a camt.053 or camt.054 file books, in minor units of the school's currency.

    Raises Refused statement_broken, statement_forbidden, statement_encoding, statement_kind_unknown,
    statement_intraday.
    """
    root = _parse(content)
    if _NAMESPACE.fullmatch(root.tag) is None:
        raise errors.statement_kind_unknown()
    message = next(iter(root), None)
    if message is not None and _name(message) == "BkToCstmrAcctRpt":
        raise errors.statement_intraday()
    reports = [one for one in message if _name(one) in REPORTS] if message is not None else []
    if not reports:
        raise errors.statement_kind_unknown()
    read = StatementFile(REPORTS[_name(reports[0])])
    for report in reports:
        read.accounts.update(filter(None, (_text(report, "Acct/Id/IBAN"), _text(report, "Acct/Id/Othr/Id"))))
        for place, entry in enumerate(_all(report, "Ntry"), 1):
            if place > ENTRIES_MAX:
                raise errors.statement_too_large()
            _read_entry(entry, f"{_text(report, 'Id')} / {place}", currency, read)
    return read


def _parse(content: bytes) -> Element:
    declared = _DECLARED.match(content.removeprefix(codecs.BOM_UTF8))
    text: str | bytes = content
    if declared and declared[1].lower() not in (b"utf-8", b"utf-16", b"us-ascii"):
        # The parser knows few encodings by itself, banks many.
        try:
            text = content[declared.end() :].decode(declared[1].decode())
        except (LookupError, UnicodeDecodeError):
            raise errors.statement_encoding() from None
    try:
        return cast("Element", fromstring(text, forbid_dtd=True))
    except DefusedXmlException:
        raise errors.statement_forbidden() from None
    except ParseError as error:
        if error.code in (4, 18, 19):  # expat: not well-formed token, unknown and incorrect encoding
            raise _not_text(content) from None
        raise errors.statement_broken() from None
    except (ValueError, LookupError):  # an encoding of several bytes
        raise errors.statement_encoding() from None


def _not_text(content: bytes) -> Exception:
    try:
        content.decode(
            "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
        )
    except UnicodeDecodeError:
        return errors.statement_encoding()
    return errors.statement_broken()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(parent: Element, path: str) -> Iterator[Element]:
    name, _, rest = path.partition("/")
    for child in parent:
        if _name(child) == name:
            yield from _all(child, rest) if rest else (child,)


def _find(parent: Element, *paths: str) -> Element | None:
    return next((found for path in paths for found in _all(parent, path)), None)


def _text(parent: Element, *paths: str) -> str:
    found = _find(parent, *paths)
    return "" if found is None else (found.text or "").strip()


def _number(parent: Element, *paths: str) -> str:
    text = tidy(_text(parent, *paths), NUMBER_CHARS_MAX)
    return "" if text.upper() in NOTHING else text


def _read_entry(entry: Element, where: str, currency: str, read: StatementFile) -> None:
    if _text(entry, "Sts/Cd", "Sts") != "BOOK":
        read.left_out["pending"] += 1
        return
    try:
        for booking in _bookings(entry, currency, read):
            read.bookings.append(booking)
    except EntryRefused as refused:
        read.refuse(where, str(refused))


def _bookings(entry: Element, currency: str, read: StatementFile) -> list[Booking]:
    """Return the bookings of an entry: itself, or each part of a sum that the bank has booked in one."""
    details = list(_all(entry, "NtryDtls/TxDtls"))
    is_reversal = _text(entry, "RvslInd") in ("true", "1")
    is_debit = _text(entry, "CdtDbtInd") == "DBIT"
    is_return = is_reversal or any(_find(one, "RtrInf") is not None for one in details)
    if is_debit and not is_return:
        read.left_out["debit"] += 1
        paths = "Refs/EndToEndId", "Refs/PmtInfId", "Refs/MsgId"
        read.payments_made.update(_number(one, path) for one in details for path in paths)
        read.payments_made.update(_number(entry, f"NtryDtls/Btch/{name}") for name in ("PmtInfId", "MsgId"))
        read.payments_made.discard("")
        return []
    came_back = is_return and not is_debit
    whole = replace(_booking(entry, None, currency), takes_back=is_debit, is_return=came_back)
    if len(details) < 2:
        count = _text(entry, "NtryDtls/Btch/NbOfTxs")
        is_batch = not details and count not in ("", "0", "1")
        about = _booking(entry, details[0], currency) if details else whole
        return [replace(about, takes_back=is_debit, is_return=came_back, is_batch=is_batch)]
    parts = [
        replace(
            _booking(entry, one, currency, part=True),
            takes_back=is_debit,
            is_return=came_back,
            whole_minor=whole.amount_minor,
        )
        for one in details
    ]
    if sum(one.amount_minor for one in parts) != whole.amount_minor:
        raise EntryRefused("parts_differ")  # which sum is right, only the bank can tell
    return parts


def _booking(entry: Element, detail: Element | None, currency: str, *, part: bool = False) -> Booking:
    amount = _find(entry, "Amt")
    if detail is not None and part:
        amount = _find(detail, "Amt", "AmtDtls/TxAmt/Amt")
    if amount is None:
        raise EntryRefused("amount_unreadable")
    about = entry if detail is None else detail
    names = [f"RltdPties/{role}/{at}" for role in ("Dbtr", "UltmtDbtr") for at in ("Nm", "Pty/Nm")]
    texts = [
        element.text
        for path in ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref")
        for element in _all(about, path)
    ]
    texts += [_text(about, "AddtlTxInf"), _text(entry, "AddtlNtryInf"), _number(about, "Refs/EndToEndId")]
    own = _number(about, "Refs/AcctSvcrRef", "Refs/TxId", "Refs/EndToEndId", "Refs/InstrId") if part else ""
    return Booking(
        booked_on=_date(entry),
        amount_minor=read_decimal(amount.text or "", amount.get("Ccy", ""), currency),
        bank_number=bank_number(_text(entry, "AcctSvcrRef")) or bank_number(_text(entry, "NtryRef")),
        part=f"part {own}" if part else "",
        payer=tidy(_text(about, *names), NAME_CHARS_MAX),
        payer_account=_number(about, "RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id"),
        text=tidy(" ".join(filter(None, texts)), TEXT_CHARS_MAX),
        end_to_end=_number(about, "Refs/EndToEndId"),
    )


def _date(entry: Element) -> date:
    text = _text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise EntryRefused("date_unreadable") from None
