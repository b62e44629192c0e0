"""The writer of how a school's plain lists are read."""

from typing import TYPE_CHECKING

from willing.core.transactions import atomic
from willing.people.models import School
from willing.roster.models import ListFormat

if TYPE_CHECKING:
    from willing.roster.plan import Options


@atomic
def remember_format(school: School, options: "Options", *, guardians_max: int) -> None:
    """Remember how a plain list was read that was imported, for the next one.

    Columns are only remembered where some were chosen: a list that names its columns as the fields are named
    needs no choice.
    """
    held = ListFormat.objects.filter(school=school).first() or ListFormat(school=school)
    held.guardians_max = max(held.guardians_max, guardians_max)
    if options.columns:
        held.columns = dict(options.columns)
        held.encoding, held.date_form = options.encoding, options.date_form
        held.header_line = options.header_line
    held.save()


def find_format(school: School) -> ListFormat | None:
    """Return how the last list was read, None before the first."""
    return ListFormat.objects.filter(school=school).first()
