"""Who pays: by a card, by number and PIN, by a member of staff; and "Not me"."""

from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.credentials.cards import find_card_owner
from willing.credentials.errors import code_unknown, pin_locked, pin_wrong
from willing.credentials.models import FailedAttempt, Pin
from willing.credentials.pin_attempts import (
    count_attempt,
    finish_wrong_attempt,
    is_right_pin,
    purge_old_attempts,
    record_lock,
    reset_attempts,
)
from willing.credentials.pins import find_pin_by_number
from willing.credentials.queries import key_of_number
from willing.credentials.rules import PinAttempt
from willing.people.models import Person
from willing.terminals.models import Terminal, Way
from willing.till import errors
from willing.till.basket_states import back_to_open, stop_face_session
from willing.till.baskets import refuse_if_held, require_basket, require_state
from willing.till.models import Basket


def require_way(basket: Basket, way: str) -> None:
    """Raise Refused unless an open, filled basket can be paid this way: way_not_taken, basket_empty."""
    if way not in basket.terminal.ways:
        raise errors.way_not_taken()
    require_state(basket, Basket.State.OPEN)
    if not basket.lines.exists():
        raise errors.basket_empty()


def _is_shown(basket: Basket, way: str, person: Person | None) -> bool:
    """Say whether a repeated request finds what the first one did."""
    shown = basket.state == Basket.State.IDENTIFIED and basket.way == way
    return shown and person is not None and basket.person_id == person.id


def mark_identified(basket: Basket, person: Person, way: str, by: User | None = None) -> Basket:
    """Note who pays for a basket, and by which way that was found out."""
    basket.state, basket.person, basket.way, basket.identified_by = Basket.State.IDENTIFIED, person, way, by
    basket.touched_at = now()
    basket.save(update_fields=["state", "person", "way", "identified_by", "touched_at"])
    return basket


def identify_by_card(terminal: Terminal, basket_id: UUID, code: str) -> Basket:
    """Say who pays by a card's code. Raises Refused code_unknown."""
    basket = _identify_by_card(terminal, basket_id, code)
    if basket is None:
        raise code_unknown()
    return basket


@atomic
def _identify_by_card(terminal: Terminal, basket_id: UUID, code: str) -> Basket | None:
    """Return the basket, identified, or None once the failed try is written down."""
    basket = require_basket(terminal, basket_id)
    person = find_card_owner(terminal.school, code)
    if _is_shown(basket, Way.CARD, person):
        return basket
    require_way(basket, Way.CARD)
    if person is None:
        FailedAttempt.objects.create(terminal=terminal, way=Way.CARD, code="code_unknown", at=now())
        return None
    stop_face_session(basket)
    return mark_identified(basket, person, Way.CARD)


def identify_by_pin(terminal: Terminal, basket_id: UUID, number: int, pin: str) -> Basket:
    """Say who pays by number and PIN. Raises Refused pin_wrong, pin_locked.

    The try is counted and committed before the PIN is compared, so that nothing undoes the count. A number
    that nobody has is counted, locked and compared like any other.
    """
    purge_old_attempts()
    begun = _begin_pin(terminal, basket_id, number)
    if isinstance(begun, Basket):
        return begun
    row, tried = begun
    key = key_of_number(terminal.school, number)
    if tried.is_locked:
        _record_failed_pin(terminal, "pin_locked")
        raise pin_locked()
    if not is_right_pin(pin, row) or row is None:
        _finish_wrong_pin(terminal, key)
        raise pin_locked() if tried.locked_until else pin_wrong()
    return _identify_by_right_pin(terminal, basket_id, row, key)


@atomic
def _begin_pin(terminal: Terminal, basket_id: UUID, number: int) -> Basket | tuple[Pin | None, PinAttempt]:
    """Return the basket where the answer to this try is there already, else the PIN and the counted try."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.IDENTIFIED:
        shown = find_pin_by_number(terminal.school, number)
        if shown is not None and _is_shown(basket, Way.PIN, shown.person):
            return basket
    require_way(basket, Way.PIN)
    tried = count_attempt(key_of_number(terminal.school, number))
    # Whether there is such a number is not asked while it is locked: then nothing can take longer for it.
    row = None if tried.is_locked else find_pin_by_number(terminal.school, number)
    record_lock(tried, row.person_id if row else None)
    return row, tried


@atomic
def _finish_wrong_pin(terminal: Terminal, key: str) -> None:
    finish_wrong_attempt(key)
    _record_failed_pin(terminal, "pin_wrong")


@atomic
def _identify_by_right_pin(terminal: Terminal, basket_id: UUID, row: Pin, key: str) -> Basket:
    reset_attempts(key)
    basket = require_basket(terminal, basket_id)
    require_way(basket, Way.PIN)
    stop_face_session(basket)
    return mark_identified(basket, row.person, Way.PIN)


def _record_failed_pin(terminal: Terminal, code: str) -> None:
    FailedAttempt.objects.create(terminal=terminal, way=Way.PIN, code=code, at=now())


@atomic
def identify_by_staff(terminal: Terminal, basket_id: UUID, person: Person, *, by: User) -> Basket:
    """Let a member of staff say who pays. The look at the record is in the log."""
    basket = require_basket(terminal, basket_id)
    require_way(basket, Way.STAFF)
    if person.school_id != terminal.school_id or person.left_at is not None:
        raise errors.person_unknown()
    stop_face_session(basket)
    facts = {"by": by.pk, "terminal": str(terminal.id)}
    record("person.staff_identified", subject=person.id, facts=facts, personal={})
    return mark_identified(basket, person, Way.STAFF, by)


@atomic
def deny_identity(terminal: Terminal, basket_id: UUID) -> Basket:
    """The pupil pressed "Not me": forget who was shown; after a face, count it as a wrong recognition."""
    basket = require_basket(terminal, basket_id)
    if basket.state == Basket.State.OPEN:
        return basket
    require_state(basket, Basket.State.IDENTIFIED)
    refuse_if_held(basket)
    stop_face_session(basket)
    facts = {"way": basket.way, "terminal": str(terminal.id)}
    record("identification.denied", subject=basket.person_id, facts=facts, personal={})
    FailedAttempt.objects.create(terminal=terminal, way=basket.way, code="not_me", at=now())
    return back_to_open(basket)
