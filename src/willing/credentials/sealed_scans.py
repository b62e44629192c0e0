"""Cards that are scanned on a device without connection: sealed to this server before the device keeps them.

A card's code pays. A device that waits for its server holds what only the server opens, bound to the one mark
that it was scanned for: who finds the device has no code, and can use what is there for nothing else.
"""

import json
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec

from willing.core.sealed_messages import MessageRefused, ReceivingKey
from willing.credentials.cards import find_live_card
from willing.credentials.shares import has_share
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.terminals.keyboards import Scan, read_keys, readings

# Of P-256; a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
TYPED_CHARS_MAX = 80


def scan_key() -> ReceivingKey:
    """Return the key that scans are sealed to: of the master key, so that it is the same after a restart."""
    number = int(keyed_digest("register-scan", "1"), 16) % (_ORDER - 1) + 1
    return ReceivingKey(ec.derive_private_key(number, ec.SECP256R1()))


def sealed_for(mark_id: UUID) -> bytes:
    """Return what a scan is bound to: the mark that it is scanned for."""
    return f"willing register {mark_id}".encode()


def find_scanned(school: School, sealed: bytes, mark_id: UUID) -> Person | None:
    """Return whose card was scanned for a mark; None where it does not open, or no live card has the code.

    More of a card than its code is no code either, and is kept nowhere.
    """
    try:
        content = json.loads(scan_key().open(sealed, sealed_for(mark_id)))
        typed, keys = str(content["code"]), str(content["keys"])
    except (MessageRefused, ValueError, KeyError, TypeError):
        return None
    if has_share(typed):
        return None
    return find_owner(school, Scan(typed[:TYPED_CHARS_MAX], read_keys(keys)))


def find_owner(school: School, scanned: Scan) -> Person | None:
    """Return whose live card a reader of unknown layout has scanned; None where it is nobody's."""
    found = (find_live_card(school, code) for _layout, _prefix, code in readings(scanned))
    return next((card.person for card in found if card is not None), None)
