"""Looking a person up at a gate, for who has no card: whom staff were shown, the log has at night."""

from collections.abc import Sequence

from willing.accounts.models import User
from willing.core.comparison import is_enough_to_search
from willing.core.transactions import atomic
from willing.credentials.queries import search_people
from willing.gate.models import GateLookUp, Lane
from willing.people.models import Person
from willing.people.queries import today

SHOWN_MAX = 8  # a longer list is no answer to a name


@atomic
def look_up(lane: Lane, text: str, *, by: User) -> list[Person]:
    """Return whom a look-up finds, and note that they were shown; for less than two letters nobody."""
    school = lane.terminal.school
    found: Sequence[Person] = (
        search_people(school, text, limit=SHOWN_MAX) if is_enough_to_search(text) else []
    )
    day = today(school)
    GateLookUp.objects.bulk_create(
        [GateLookUp(person=one, user=by, day=day) for one in found], ignore_conflicts=True
    )
    return list(found)
