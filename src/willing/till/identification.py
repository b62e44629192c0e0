"""Who pays: by a card, by number and PIN, by a member of staff; and "Not me"."""

from uuid import UUID

from willing.accounts.models import User
from willing.allergens.queries import needs_as_read
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.transactions import atomic
from willing.credentials.cards import find_live_card
from willing.credentials.errors import code_unknown
from willing.credentials.identification import (
    PinEntry,
    accept_pin,
    count_pin_entry,
    record_failed_attempt,
    require_right_pin,
    require_way_taken,
)
from willing.credentials.pin_attempts import purge_old_attempts
from willing.credentials.pins import find_pin_by_number
from willing.people.models import Person
from willing.terminals.models import Terminal, Way
from willing.till import errors
from willing.till.allergen_checks import record_blocks
from willing.till.basket_states import back_to_open, require_shown, require_state, stop_face_session
from willing.till.baskets import read_lines, require_basket
from willing.till.models import Basket
from willing.till.prices import take_prices_of


def require_way(basket: Basket, way: str) -> None:
    """Raise Refused unless an open, filled basket can be paid this way: way_not_taken, basket_empty."""
    require_way_taken(basket.terminal, way)
    require_state(basket, Basket.State.OPEN)
    if not read_lines(basket):
        raise errors.basket_empty()


def _is_shown(basket: Basket, way: str, person: Person | None) -> bool:
    """Say whether a repeated request finds what the first one did."""
    shown = basket.state == Basket.State.IDENTIFIED and basket.way == way
    return shown and person is not None and basket.person_id == person.id


def mark_identified(
    basket: Basket, person: Person, way: str, by: User | None = None, needs: frozenset[str] | None = None
) -> Basket:
    """Note who pays for a basket, and by which way that was found out; from now on it has their prices.

    What of it they must not eat is held back from now on. needs: their allergens, where they were read.
    """
    take_prices_of(basket, read_lines(basket), person)
    basket.state, basket.person, basket.way, basket.identified_by = Basket.State.IDENTIFIED, person, way, by
    basket.touched_at = now()
    basket.save(update_fields=["state", "person", "way", "identified_by", "card", "touched_at"])
    record_blocks(basket, person, needs)
    return basket


def identify_by_card(terminal: Terminal, basket_id: UUID, code: str) -> Basket:
    """Say who pays by a card's code. Raises Refused code_unknown."""
    shown = identify_by_card_once(terminal, basket_id, code)
    if isinstance(shown, Refused):
        raise shown
    return shown


@atomic
def identify_by_card_once(terminal: Terminal, basket_id: UUID, code: str) -> Basket | Refused:
    """Return the basket, identified; or the refusal, to be kept with the failed try that is written down."""
    basket = require_basket(terminal, basket_id)
    card = find_live_card(terminal.school, code)
    if _is_shown(basket, Way.CARD, card.person if card else None):
        return basket
    require_way(basket, Way.CARD)
    if card is None:
        record_failed_attempt(terminal, Way.CARD, "code_unknown")
        return code_unknown()
    stop_face_session(basket)
    basket.card = card
    needs = needs_as_read(vars(card)["need_rows"])
    return mark_identified(basket, card.person, Way.CARD, needs=needs)


def identify_by_pin(terminal: Terminal, basket_id: UUID, number: int, pin: str) -> Basket:
    """Say who pays by number and PIN. Raises Refused pin_wrong, pin_locked.

    The try is counted and committed before the PIN is compared, so that nothing undoes the count. A number
    that nobody has is counted, locked and compared like any other.
    """
    purge_old_attempts()
    begun = _begin_pin(terminal, basket_id, number)
    if isinstance(begun, Basket):
        return begun
    person = require_right_pin(begun, pin)
    return _identify_by_right_pin(basket_id, begun, person)


@atomic
def _begin_pin(terminal: Terminal, basket_id: UUID, number: int) -> Basket | PinEntry:
    """Return the basket where the answer to this try is there already, else the counted try."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.IDENTIFIED:
        shown = find_pin_by_number(terminal.school, number)
        if shown is not None and _is_shown(basket, Way.PIN, shown.person):
            return basket
    require_way(basket, Way.PIN)
    return count_pin_entry(terminal, number)


@atomic
def _identify_by_right_pin(basket_id: UUID, entry: PinEntry, person: Person) -> Basket:
    accept_pin(entry)
    basket = require_basket(entry.terminal, basket_id)
    require_way(basket, Way.PIN)
    stop_face_session(basket)
    return mark_identified(basket, person, Way.PIN)


@atomic
def identify_by_staff(terminal: Terminal, basket_id: UUID, person: Person, *, by: User | None) -> Basket:
    """Let a member of staff say who pays. The look at the record is in the log.

    by: the cashier; None at a till of another maker where nobody is signed on (till.look_ups).
    Raises Refused person_unknown.
    """
    basket = require_basket(terminal, basket_id)
    if _is_shown(basket, Way.STAFF, person):
        return basket
    require_way(basket, Way.STAFF)
    if person.school_id != terminal.school_id or person.left_at is not None:
        raise errors.person_unknown()
    stop_face_session(basket)
    facts = {"by": by.pk if by else None, "terminal": str(terminal.id)}
    record("person.staff_identified", subject=person.id, facts=facts, personal={})
    return mark_identified(basket, person, Way.STAFF, by)


@atomic
def deny_identity(terminal: Terminal, basket_id: UUID, *, shown: Basket | None = None) -> Basket:
    """The pupil pressed "Not me": forget who was shown; after a face, count it as a wrong recognition.

    shown: what the screen that was pressed showed. Raises Refused screen_changed where it is another person.
    """
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.OPEN:
        return basket
    require_shown(basket, shown)
    require_state(basket, Basket.State.IDENTIFIED)
    stop_face_session(basket)
    facts = {"way": basket.way, "terminal": str(terminal.id)}
    record("identification.denied", subject=basket.person_id, facts=facts, personal={})
    record_failed_attempt(terminal, basket.way, "not_me")
    return back_to_open(basket)
