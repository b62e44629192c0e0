"""Which allergens there are, and what they are called.

An allergen is written as its key in `allergens.toml`, or, where it is on no list of law, as "=" and the
words that were typed: "=kiwi". A column of several has commas between them.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from willing.allergens.errors import allergen_unknown
from willing.allergens.rules import OWN
from willing.core.comparison import fold_name

WORDS_CHARS_MAX = 40


@dataclass(frozen=True)
class Allergen:
    """One of the table. lists: the lists of law that it is on."""

    key: str
    en: str
    zh_hans: str
    lists: frozenset[str]


@cache
def allergens() -> dict[str, Allergen]:
    """Return the table by key, in its own order."""
    rows = tomllib.loads((Path(__file__).parent / "allergens.toml").read_text(encoding="utf-8"))
    return {
        key: Allergen(key, row["en"], row["zh-hans"], frozenset(row["lists"])) for key, row in rows.items()
    }


def label(allergen: str) -> str:
    """Return what an allergen is called in the reader's language."""
    if allergen.startswith(OWN):
        return allergen[len(OWN) :]
    found = allergens()[allergen]
    return found.zh_hans if (get_language() or "").startswith("zh") else found.en


def labels(found: Iterable[str]) -> list[str]:
    """Return what some are called, in the table's order; those in words last."""
    return [label(one) for one in in_order(found)]


def in_order(found: Iterable[str]) -> list[str]:
    """Return some in the table's order, those in words last, none twice."""
    order = list(allergens())
    return sorted(set(found), key=lambda one: (order.index(one) if one in order else len(order), one))


def folded(allergen: str) -> str:
    """Return what two spellings of one allergen have in common."""
    return OWN + fold_name(allergen[len(OWN) :]) if allergen.startswith(OWN) else allergen


def read_words(text: str) -> str:
    """Return the allergen that a person typed: of the table where it has that name, else in their words.

    Raises Refused allergen_unknown where it is empty, too long or has a comma.
    """
    words = " ".join(text.split())
    name = fold_name(words)
    if not name or len(words) > WORDS_CHARS_MAX or "," in words or words.startswith(OWN):
        raise allergen_unknown(words[:WORDS_CHARS_MAX])
    for one in allergens().values():
        if name in (fold_name(one.key), fold_name(one.en), fold_name(one.zh_hans)):
            return one.key
    return OWN + words


def require_allergen(text: str) -> str:
    """Return an allergen that a form or a request sent: a key, or "=" and words. Raises allergen_unknown."""
    if text.startswith(OWN):
        return read_words(text[len(OWN) :])
    if text not in allergens():
        raise allergen_unknown(text[:WORDS_CHARS_MAX])
    return text


def join(found: Iterable[str]) -> str:
    """Return several as one column holds them."""
    return ",".join(in_order(found))


def split(column: str) -> tuple[str, ...]:
    """Return what a column holds."""
    return tuple(column.split(",")) if column else ()
