"""Codes that people type from paper: on a card, on a letter, on the pairing page."""

import secrets

from willing.core.comparison import fold_code

# Crockford's base 32: no letter that reads like a digit, so that a code can be typed from a card.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12


def new_code(length: int = CODE_LENGTH) -> str:
    """Return a random code of `length` characters, 5 bits each (12: 60 bits)."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def code_from_digest(digest: str, length: int = CODE_LENGTH) -> str:
    """Return the code of `length` characters that a hexadecimal digest always gives, 5 bits each."""
    number = int(digest, 16)
    return "".join(CODE_ALPHABET[(number >> 5 * place) & 31] for place in range(length))


def normalise_code(text: str) -> str:
    """Return a typed or scanned code as it was issued: upper case, no blanks or dashes, O read as 0."""
    return fold_code(text).translate(str.maketrans("OIL", "011"))


def is_code(text: str, length: int = CODE_LENGTH) -> bool:
    """Say whether a text can be a code of `length` characters, however it is typed."""
    code = normalise_code(text)
    return len(code) == length and set(code) <= set(CODE_ALPHABET)


def show_code(code: str) -> str:
    """Return a code in groups of four, as it is printed on a card."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))
