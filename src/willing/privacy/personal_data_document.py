"""What `personal_data.personal_data_of` returned, as a document that people read: headings, tables, words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext

from willing.core.money import format_minor
from willing.documents.parts import Document, DocumentTable, Section
from willing.privacy.labels import EVENT_LABELS
from willing.privacy.personal_data import GROWING
from willing.privacy.personal_data_labels import CHOICES, HEADINGS, LABELS, OUTCOME_LABELS, PARTS

# What a page shows of each part that grows with every purchase; a thousand lines of each take seconds.
NEWEST_SHOWN = 100


def access_document(content: Mapping[str, Any], newest: int | None = None) -> Document:
    """Return everything that is held about a person as a document in the reader's language.

    newest: as `personal_data_of` was asked; the document says so where it has left anything out.
    """
    person = content["person"]
    name = f"{person['given_name']} {person['family_name']}".strip()
    write = _writer(content["currency"], ZoneInfo(content["time_zone"]))
    return Document(
        gettext("Everything held about %(name)s") % {"name": name},
        content["school"],
        (_first(content, write, newest), *(_section(part, content[part], write) for part in PARTS)),
    )


Write = Callable[[str, Any], str]


def is_shortened(content: Mapping[str, Any], newest: int | None) -> bool:
    """Say whether there may be more than the `newest` rows of anything that grows."""
    return newest is not None and any(len(content[part]) >= newest for part in GROWING)


def _first(content: Mapping[str, Any], write: Write, newest: int | None) -> Section:
    left_out = gettext(
        "Of long lists only the newest %(number)s entries are shown here; the download holds all of them."
    )
    return Section(
        gettext("In short"),
        (
            *((left_out % {"number": newest},) if is_shortened(content, newest) else ()),
            gettext("Balance: %(balance)s") % {"balance": write("total_minor", content["balance_minor"])},
            gettext(
                "This is everything the school's computer holds. The face template itself is "
                "never given out, nor anything about another person. Times are in the "
                "school's time zone."
            ),
        ),
    )


def _section(part: str, found: Any, write: Write) -> Section:
    title = str(PARTS[part])
    if not found:
        return Section(title, (gettext("None."),))
    found = [found] if isinstance(found, dict) else found
    keys = tuple(found[0])
    rows = tuple(tuple(write(key, row.get(key)) for key in keys) for row in found)
    return Section(title, table=DocumentTable(tuple(_heading(key) for key in keys), rows))


def _heading(key: str) -> str:
    return str(HEADINGS.get(key, key))


def _writer(currency: str, zone: ZoneInfo) -> Write:
    def write(key: str, value: Any) -> str:
        if value is None or value in ("", []):
            return "–"
        if isinstance(value, list):
            return "; ".join(write(key, one) for one in value)
        if isinstance(value, dict):
            return _item(value) if "quantity" in value else ", ".join(write(*one) for one in value.items())
        if isinstance(value, bool):
            value = gettext("yes") if value else gettext("no")
        elif key.endswith("_minor"):
            value = format_minor(value, currency, get_language() or "en")
        elif key == "at" or key.endswith(("_at", "_since", "_until")):
            value = _moment(value, zone)
        return _label_of(key, str(value))

    return write


def _moment(value: str, zone: ZoneInfo) -> str:
    """Return a moment in the school's time zone; a day, which is its own already, as it is."""
    is_day = len(value) == len("2026-11-27")
    return value if is_day else datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _item(value: Mapping[str, Any]) -> str:
    return f"{value['name']} × {value['quantity']}" if value["quantity"] > 1 else str(value["name"])


def _label_of(key: str, value: str) -> str:
    for choices in CHOICES.get(key, ()):
        if value in choices.values:
            return str(choices(value).label)
    if key == "event":
        return str(OUTCOME_LABELS.get(value) or EVENT_LABELS.get(value) or value)
    return str(LABELS.get(value) or value)
