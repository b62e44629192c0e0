"""What the square on a printed card says: where the school is, the card's code, and half of a key. Pure.

    https://school.example/c#1.7K2M9QXTB4DF.3R0Z8V5N1QG7C2XW4KT9YB6HDM

What follows "#" stays in the browser that opens it: a version, the code, and the share, 128 random bits that
lie on the card alone. Both are in one alphabet and of fixed length, so that a reader which mangles the marks
between them does no harm. The server takes codes; a share that reaches it is refused and kept nowhere.
"""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

from willing.core.codes import CODE_ALPHABET, CODE_LENGTH
from willing.credentials.errors import card_share_sent

VERSION = "1"
SHARE_BYTES = 16
SHARE_LENGTH = 26  # 5 bits each; the first has two bits to spare, which are 0
# No share begins before this: the shortest address, the version, the code and the marks between are longer.
# Pages cut what they cannot read to as much (ui/card.js), and so do their fields where no script runs.
PLAIN_CHARS_MAX = 25

_ONE = f"[{CODE_ALPHABET}]"
_CODE, _SHARE = f"{_ONE}{{{CODE_LENGTH}}}", f"{_ONE}{{{SHARE_LENGTH}}}"
_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)
_MARK = "[^0-9A-Z]{0,2}"  # some marks are two once Unicode has taken them apart
_CARD = re.compile(f"{VERSION}{_MARK}(?P<code>{_CODE}){_MARK}(?P<share>{_SHARE})[^0-9A-Z]*\\Z")
# A whole share wherever it is, or what follows a code when a reader was stopped in the middle.
_LEFT = re.compile(f"{_SHARE}|{VERSION}[^0-9A-Z]{{1,2}}{_CODE}[^0-9A-Z]{{1,2}}{_ONE}")
# As ui/card.js: keys of letters and digits under each layout known here; a French M is Semicolon.
_SYMBOL_KEY = re.compile(r"\+?(Key[A-Z]|(Digit|Numpad)\d|Semicolon)")
_ADDRESS_KEYS = [f"Key{one}" for one in "HTTP"]
_PREFIX_LENGTH_MAX = 8


@dataclass(frozen=True)
class PrintedCard:
    """What a card's square says: the code, and the share (16 bytes), which no page and no log shows."""

    code: str
    share: bytes = field(repr=False)


def new_share() -> bytes:
    """Return 128 random bits for one card."""
    return secrets.token_bytes(SHARE_BYTES)


def encode_share(share: bytes) -> str:
    """Return a share of 16 bytes as the 26 characters that are printed."""
    number = int.from_bytes(share, "big")
    return "".join(CODE_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(SHARE_LENGTH)))


def decode_share(text: str) -> bytes | None:
    """Return the 16 bytes that `encode_share` wrote, or None where it wrote no such text."""
    if len(text) != SHARE_LENGTH or not set(text) <= set(CODE_ALPHABET):
        return None
    number = 0
    for one in text:
        number = number << 5 | CODE_ALPHABET.index(one)
    return number.to_bytes(SHARE_BYTES, "big") if number < 1 << 8 * SHARE_BYTES else None


def card_text(address: str, card: PrintedCard) -> str:
    """Return what a card's square says. address: of the page /c, as families reach the school."""
    return f"{address}#{VERSION}.{card.code}.{encode_share(card.share)}"


def read_card_text(text: str) -> PrintedCard | None:
    """Return what a card's square says, whatever a reader made of the marks; None where it is no card.

    Read from its end, by lengths: a prefix, an address in another spelling and lost or changed marks do not
    matter, while each character of code and share does.
    """
    found = _CARD.search(_upper(text))
    share = decode_share(found["share"]) if found else None
    return PrintedCard(found["code"], share) if found and share is not None else None


def has_share(text: str) -> bool:
    """Say whether a text has a card's share in it, or the beginning of one."""
    return bool(_LEFT.search(_upper(text)))


def require_no_share(text: str) -> None:
    """Raise Refused card_share_sent where a page or a till has sent more of a card than its code."""
    if has_share(text):
        raise card_share_sent()


def cut_card_text(text: str) -> str:
    """Return of a card that was read whole its code, of anything else with a share in it nothing.

    For readers at doors, which have no page that would cut it (ui/card.js::cutCardText).
    """
    card = read_card_text(text)
    if card is not None:
        return card.code
    return "" if has_share(text) else text


def cut_card_keys(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the keys of a scan without a card's address and share (ui/card.js::cutPresses)."""
    if len(keys) <= PLAIN_CHARS_MAX:
        return tuple(keys)
    end = len(keys)
    while end and not _is_symbol(keys[end - 1]):
        end -= 1
    code_end = end - SHARE_LENGTH
    if code_end > 0 and not _is_symbol(keys[code_end - 1]):
        code_end -= 1
    code = keys[max(0, code_end - CODE_LENGTH) : max(0, code_end)]
    if len(code) == CODE_LENGTH and all(map(_is_symbol, [*code, *keys[end - SHARE_LENGTH : end]])):
        return (*_prefix_keys(keys), *code)
    # The end of a card of which the beginning was lost, or something else that is long.
    is_end = all(map(_is_symbol, keys[max(0, end - SHARE_LENGTH // 2) : end]))
    return () if is_end else tuple(keys[:PLAIN_CHARS_MAX])


def _is_symbol(name: str) -> bool:
    return bool(_SYMBOL_KEY.fullmatch(name))


def _prefix_keys(keys: Sequence[str]) -> Sequence[str]:
    """Return what the reader puts before each scan: whatever comes before the address."""
    plain = [one.removeprefix("+") for one in keys]
    begins = (at for at in range(_PREFIX_LENGTH_MAX + 1) if plain[at : at + 4] == _ADDRESS_KEYS)
    return keys[: next(begins, 0)]


def _upper(text: str) -> str:
    # Letters of the alphabet only: "ß", which a reader may make of a mark, would become two of them.
    return unicodedata.normalize("NFKC", text).translate(_CAPITALS)
