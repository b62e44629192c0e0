"""What a delivery report says (RFC 3464). Pure: bytes from anybody in, a report out, or why it is none."""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum
from uuid import UUID

# A report holds a few lines, and the headers of our mail, which is short.
REPORT_BYTES_MAX = 256 * 1024
# A nested message is a bomb: ours inside a report inside a forward has six.
PARTS_MAX = 30
_OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>@\s]{1,253}>")
_REPLY = re.compile(r"\b(5\d\d)\b")
UNKNOWN_REPLY = 550  # a mailbox that is not there, as most that come back are


class NotOurs(StrEnum):
    """Why a mail was left where it is."""

    TOO_LARGE = "too_large"
    NESTED = "nested"
    NO_REPORT = "no_report"
    NO_MAIL_OF_OURS = "no_mail_of_ours"


@dataclass(frozen=True)
class DeliveryReport:
    """That a mail of ours came back. recipients: folded addresses. is_final: it will not be tried again.

    reply_code: what the other server answered, 500 to 599.
    """

    mail_id: UUID
    recipients: frozenset[str]
    is_final: bool
    reply_code: int


def is_report_header(content_type: str) -> bool:
    """Say whether a Content-Type is that of a delivery report. Whatever is not is never fetched."""
    said = content_type.casefold()
    return "multipart/report" in said and "delivery-status" in said


def read_report(raw: bytes) -> DeliveryReport | NotOurs:
    """Return what a delivery report says of a mail of ours."""
    if len(raw) > REPORT_BYTES_MAX:
        return NotOurs.TOO_LARGE
    if raw.lower().count(b"content-type") > PARTS_MAX or raw.lower().count(b"multipart/") > PARTS_MAX:
        return NotOurs.NESTED
    message = email.message_from_bytes(raw)
    if not is_report_header(str(message.get("Content-Type", ""))):
        return NotOurs.NO_REPORT
    blocks = [block for part in _parts(message, "message/delivery-status") for block in _blocks(part)]
    failed = [one for one in blocks if "Final-Recipient" in one or "Original-Recipient" in one]
    mail_id = _our_id(message)
    if not failed:
        return NotOurs.NO_REPORT
    if mail_id is None:
        return NotOurs.NO_MAIL_OF_OURS
    return DeliveryReport(
        mail_id,
        frozenset(address for block in failed for address in _addresses(block)),
        all(_is_final(block) for block in failed),
        _reply_code(failed[0]),
    )


def _parts(message: Message, kind: str) -> Iterator[Message]:
    return (part for part in message.walk() if part.get_content_type() == kind)


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _our_id(message: Message) -> UUID | None:
    """Return the id in the Message-ID of the mail that is returned: as a whole, or its headers alone."""
    for part in _parts(message, "message/rfc822"):
        found = [one for one in _blocks(part) if "Message-ID" in one]
        if found:
            return _id_in(f"Message-ID: {found[0]['Message-ID']}")
    for part in _parts(message, "text/rfc822-headers"):
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            headers = email.message_from_bytes(payload)
            return _id_in(f"Message-ID: {headers.get('Message-ID', '')}")
    return None


def _id_in(text: str) -> UUID | None:
    found = _OUR_ID.search(text.casefold())
    return UUID(found[1]) if found else None


def _addresses(block: Message) -> Iterator[str]:
    for name in ("Final-Recipient", "Original-Recipient"):
        kind, _, address = str(block.get(name, "")).partition(";")
        if kind.strip().casefold() == "rfc822" and address.strip():
            yield parseaddr(address.strip())[1].casefold()


def _is_final(block: Message) -> bool:
    action, status = str(block.get("Action", "")), str(block.get("Status", ""))
    return action.strip().casefold() == "failed" and status.strip().startswith("5.")


def _reply_code(block: Message) -> int:
    found = _REPLY.search(str(block.get("Diagnostic-Code", "")))
    return int(found[1]) if found else UNKNOWN_REPLY
