"""A receipt: one entry, and the proof that the log which was signed holds it. Pure.

A receipt is a JSON object; src/willing/audit/static/audit/inclusion.js checks the same form in a browser:

    format      "willing-receipt-1"
    entry       the entry's canonical bytes, as text
    index       its place in the tree, from 0
    size, root  the tree's, as the checkpoint says them; root in hexadecimal
    proof       hashes in hexadecimal, lowest first
    checkpoint  the signed checkpoint, as text
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from willing.audit.verify.entries import EntryContent, read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import hash_leaf, is_included
from willing.audit.verify.signed_note import Checkpoint, Key, open_checkpoint

FORMAT = "willing-receipt-1"
FIELDS = {"format", "entry", "index", "size", "root", "proof", "checkpoint"}
RECEIPT_BYTES_MAX = 1 << 20
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Proven:
    """What a receipt proved: this entry is in the log that this checkpoint signs.

    note: the checkpoint as it was in the receipt, with every signature.
    """

    said: EntryContent
    hashed: bytes
    checkpoint: Checkpoint
    note: str


def verify_receipt(text: str, keys: Iterable[Key]) -> Proven:
    """Return what a receipt proves. Raises Unproven: malformed, wrong_key, bad_signature, not_included."""
    receipt = _parse(text)
    checkpoint = open_checkpoint(receipt["checkpoint"], keys)
    if (receipt["size"], receipt["root"]) != (checkpoint.size, checkpoint.root.hex()):
        raise Unproven("not_included", "the receipt and its checkpoint speak of different trees")
    hashed = _encode(receipt["entry"])
    said = read_entry(hashed)
    proof = [bytes.fromhex(one) for one in receipt["proof"]]
    if said.sequence != receipt["index"] + 1 or not is_included(
        hash_leaf(hashed), receipt["index"], checkpoint.size, proof, checkpoint.root
    ):
        raise Unproven("not_included", "the proof does not lead from this entry to the signed root")
    return Proven(said, hashed, checkpoint, receipt["checkpoint"])


def _parse(text: str) -> dict[str, Any]:
    try:
        receipt = json.loads(text.removeprefix("\ufeff")) if len(text) <= RECEIPT_BYTES_MAX else None
    except (ValueError, RecursionError):
        receipt = None
    if not isinstance(receipt, dict) or receipt.keys() != FIELDS or receipt["format"] != FORMAT:
        raise Unproven("malformed", "this is not a receipt of a log")
    proof = receipt["proof"]
    has_types = (
        all(isinstance(receipt[name], str) for name in ("entry", "root", "checkpoint"))
        and all(type(receipt[name]) is int for name in ("index", "size"))
        and isinstance(proof, list)
        and len(proof) <= 64
        and all(isinstance(one, str) and _HASH.fullmatch(one) for one in [receipt["root"], *proof])
    )
    if not has_types:
        raise Unproven("malformed", "a field of the receipt has the wrong kind of value")
    return receipt


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unproven("malformed", "the receipt's entry is not text") from None
