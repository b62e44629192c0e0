"""Reads about terminals."""

from collections.abc import Iterable
from uuid import UUID

from willing.consent.models import Purpose
from willing.consent.purposes import served_purposes
from willing.people.models import School
from willing.terminals.errors import terminal_unknown
from willing.terminals.models import Terminal


def terminals(school: School) -> list[Terminal]:
    """Return the terminals of a school that are not retired."""
    rows = Terminal.objects.select_related("second_screen")
    return list(rows.filter(school=school, retired_at=None))


def terminal_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of terminals by their ids, retired ones among them."""
    return dict(Terminal.objects.filter(pk__in=set(ids)).values_list("id", "name"))


def require_terminal_of(school: School, terminal_id: UUID) -> Terminal:
    """Return a terminal of this school. Raises Refused terminal_unknown."""
    found = Terminal.objects.filter(school=school, pk=terminal_id, retired_at=None).first()
    if found is None:
        raise terminal_unknown()
    return found


def asked_purposes(school: School) -> list[str]:
    """Return the purposes that families are asked about: the canteen, and what else has a terminal."""
    with_terminal = {terminal.purpose for terminal in terminals(school)}
    return [
        purpose.value
        for purpose in served_purposes()
        if purpose is Purpose.CANTEEN or purpose.value in with_terminal
    ]
