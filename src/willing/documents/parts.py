"""What a document is made of, in the reader's language; shown as a page or as a PDF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from babel.lists import format_list
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from willing.payments.swiss_bill import SwissBill
from willing.people.models import School

# A cell of this text alone is drawn on paper as a box to be ticked by hand: few typefaces have one.
BOX = "[ ]"


@dataclass(frozen=True)
class DocumentTable:
    """Rows of text under headings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """A picture for a paper. drawn: SVG; alt: what it shows, for who does not see it."""

    drawn: str = field(repr=False)
    alt: str


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs, a warning, a table and a picture, which is on paper only.

    is_statistics: it changes by itself every day. is_whole: on paper it is never divided between two pages.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    warning: str = ""
    table: DocumentTable | None = None
    is_statistics: bool = False
    picture: Drawing | None = None
    is_whole: bool = False

    @property
    def rows(self) -> list[list[tuple[str, str]]]:
        """The table's rows, each cell with its heading: on a phone a row reads as a card."""
        table = self.table or DocumentTable((), ())
        return [list(zip(table.headings, row, strict=True)) for row in table.rows]


class Edge(StrEnum):
    """How banners differ without colour: printers have one."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"


@dataclass(frozen=True)
class Banner:
    """One word across the head of a paper, as large as can be. SOLID is white on black."""

    word: str
    edge: Edge


@dataclass(frozen=True)
class Document:
    """A title, a line below it, and sections; bill: a payment slip at the foot of the page, on paper only.

    banner: what the paper is for, where that must not be mistaken; on paper only.

    language: of all its texts; a document is made while its reader's language is active.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    bill: SwissBill | None = field(default=None, repr=False)
    banner: Banner | None = None
    language: str = field(default_factory=lambda: get_language() or "en", repr=False, compare=False)


def fix(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the rows with every cell as text."""
    return tuple(tuple(row) for row in rows)


def label(choices: Any, value: str) -> str:
    """Return the label of a choice; a value that this version no longer knows is shown as it is."""
    return str(dict(choices.choices).get(value, value))


def any_of(labels: Sequence[str]) -> str:
    """Write several labels of which any will do, as a sentence would: Card or code, PIN or Staff look-up."""
    locale = "zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_GB"
    return format_list(list(labels), style="or", locale=locale)


def value_text(value: Any) -> str:
    """Return a value as a cell of a table."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)


def seconds_text(value: int | None, few: str) -> str:
    """Return a number of seconds as text; `few` where there is none."""
    return few if value is None else gettext("%(seconds)s s") % {"seconds": value}


def in_language(row: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the part of a row that is in the reader's language."""
    found: Mapping[str, str] = row.get(get_language() or "en", row["en"])
    return found


def moment_text(at: datetime, school: School) -> str:
    """Return a moment in the school's time zone."""
    return at.astimezone(ZoneInfo(school.time_zone)).strftime("%Y-%m-%d %H:%M:%S %Z")


NEITHER_OUTSIDE = _("Nobody outside the school. No picture, template or key ever leaves its computer.")
