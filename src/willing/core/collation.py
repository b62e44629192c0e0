"""Lists in the order of the reader's language, sorted by the database: "Özil" beside "Ozan", 陈 before 王.

PostgreSQL knows these collations by itself. A connection of SQLite learns them from ICU when it opens.
"""

import sqlite3

import icu
from django.db.models import F
from django.db.models.expressions import OrderBy
from django.db.models.functions import Collate
from django.utils.translation import get_language

ROOT = "und-x-icu"
# By the language of a page. Chinese sorts by pinyin.
COLLATIONS = {"en": "en-x-icu", "zh-hans": "zh-Hans-x-icu"}
_LOCALES = {ROOT: "und", **{name: name.removesuffix("-x-icu") for name in COLLATIONS.values()}}


def by_language(*fields: str) -> list[OrderBy]:
    """Return how to order rows by these fields in the language of the person who reads them now."""
    name = COLLATIONS.get((get_language() or "").lower(), ROOT)
    return [Collate(F(one), name).asc() for one in fields]


def add_collations(connection: sqlite3.Connection) -> None:
    """Let a new connection of SQLite sort as PostgreSQL does."""
    for name, locale in _LOCALES.items():
        collator = icu.Collator.createInstance(icu.Locale.forLanguageTag(locale))
        connection.create_collation(name, collator.compare)
