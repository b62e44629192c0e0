"""The writer of how a school's plain lists are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from willing.core.transactions import atomic
from willing.people.models import School
from willing.roster.models import ListFormat


@dataclass(frozen=True)
class NewFormat:
    """How a list was read: the fields of ListFormat."""

    columns: Mapping[str, str | None]
    encoding: str
    date_form: str
    header_line: int
    guardians_max: int


@atomic
def remember_format(school: School, new: NewFormat) -> None:
    """Remember how a plain list was read that was imported, for the next one.

    Columns are only remembered where some were chosen: a list that names its columns as the fields are named
    needs no choice.
    """
    held = ListFormat.objects.filter(school=school).first() or ListFormat(school=school)
    held.guardians_max = max(held.guardians_max, new.guardians_max)
    if new.columns:
        held.columns = dict(new.columns)
        held.encoding, held.date_form = new.encoding, new.date_form
        held.header_line = new.header_line
    held.save()


@atomic
def put_back_format(school: School, before: Mapping[str, Any]) -> None:
    """Let lists be read as before an import that is undone. before: fields of ListFormat, or nothing."""
    if before:
        ListFormat.objects.update_or_create(school=school, defaults=before)
    else:
        ListFormat.objects.filter(school=school).delete()


def find_format(school: School) -> ListFormat | None:
    """Return how the last list was read, None before the first."""
    return ListFormat.objects.filter(school=school).first()
