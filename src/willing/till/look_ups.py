"""Looking a person up at a till: a name, a till number or a card's code finds a few, and the log says whom.

A till's own page and a till of another maker ask alike (promise 7).
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import NewEntry, record_many
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.core.comparison import is_enough_to_search
from willing.core.transactions import atomic, inside
from willing.credentials.queries import search_people
from willing.people.models import Person, School
from willing.people.queries import present_persons
from willing.terminals.errors import look_ups_not_allowed
from willing.terminals.models import Terminal, Way
from willing.terminals.sign_ons import cashier_of
from willing.till import errors
from willing.till.baskets import require_basket
from willing.till.identification import identify_by_staff, require_way
from willing.till.models import Basket

SHOWN_MAX = 8  # everyone shown is in the log; a longer list is no answer to a name


def find_people(school: School, text: str) -> list[Person]:
    """Return whom a look-up finds; for less than two letters nobody: this is no roll to browse."""
    return search_people(school, text, limit=SHOWN_MAX) if is_enough_to_search(text) else []


@atomic
def record_shown(
    person_ids: Sequence[UUID], terminal: Terminal, *, by: User | None, basket_id: UUID | None = None
) -> None:
    """Record that these persons' names and years were shown at a till. by: the cashier; None over the API."""
    facts = {"by": by.pk if by else None, "terminal": str(terminal.id)}
    if basket_id is not None:
        facts["basket"] = str(basket_id)
    record_many([NewEntry("record.viewed", one, facts, {}) for one in person_ids])


@atomic
def look_up(terminal: Terminal, basket_id: UUID, text: str, *, count: Callable[[], None]) -> list[Person]:
    """Return whom a till of another maker may show for an open basket; each is in the log once a basket.

    count: called before somebody is shown who was not yet; raises Refused too_many_attempts.
    Raises Refused look_ups_not_allowed, way_not_taken, and what an open, filled basket is refused for.
    """
    require_look_ups(terminal)
    basket = require_basket(terminal, basket_id)
    require_way(basket, Way.STAFF)
    found = find_people(terminal.school, text)
    before = _shown_for(basket, found)
    new = [one.id for one in found if one.id not in before]
    if new:
        count()
        record_shown(new, terminal, by=cashier_of(terminal), basket_id=basket.id)
    return found


@atomic
def identify_by_cashier(terminal: Terminal, basket_id: UUID, person_id: UUID) -> Basket:
    """Let the cashier at a till of another maker say who pays: one whom a look-up for this basket has shown.

    Raises Refused look_ups_not_allowed, person_unknown.
    """
    require_look_ups(terminal)
    basket = require_basket(terminal, basket_id)
    person = present_persons(terminal.school).filter(pk=person_id).first()
    if person is None or person.id not in _shown_for(basket, [person]):
        raise errors.person_unknown()
    return inside(identify_by_staff)(terminal, basket_id, person, by=cashier_of(terminal))


def require_look_ups(terminal: Terminal) -> None:
    """Raise Refused look_ups_not_allowed unless the office lets this device look people up, now."""
    if not Terminal.objects.filter(pk=terminal.pk, may_look_up=True).exists():
        raise look_ups_not_allowed()


def _shown_for(basket: Basket, people: Sequence[Person]) -> set[UUID | None]:
    """Return who of these has been shown for a basket before, as the log has it."""
    viewed = Entry.objects.filter(
        event="record.viewed", subject__in=[one.id for one in people], at__gte=basket.opened_at
    )
    return {entry.subject for entry in viewed if facts_of(entry).get("basket") == str(basket.id)}
