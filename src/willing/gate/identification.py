"""Through a lane: by card or code, by number and PIN, looked up by staff, or opened by them with a reason.

By the face: `gate.faces`. Nothing here says no to a person for good: each refusal leaves every other way.
"""

from uuid import UUID

from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.credentials.cards import find_card_owner
from willing.credentials.identification import identify_by_card, identify_by_pin, require_way_taken
from willing.gate import errors
from willing.gate.models import GateLookUp, Lane, Passage, PassageWay
from willing.gate.passages import Press, record_opening, record_passage
from willing.gate.wording import in_gate_words
from willing.people.queries import present_persons, today
from willing.terminals.models import Way
from willing.visits.queries import find_badge


@in_gate_words
def pass_by_card(lane: Lane, press: Press, code: str) -> Passage:
    """Let through who carries this card, or the badge of a visitor who is signed in.

    Raises Refused lane_closed, way_not_taken, code_unknown.
    """
    known = _known(lane, press)
    if known is not None:
        return known
    require_open(lane)
    require_way_taken(lane.terminal, Way.CARD)
    school = lane.terminal.school
    who = find_card_owner(school, code) or find_badge(school, code)
    # Nobody's: refused as everywhere, and counted as an attempt.
    who = who or identify_by_card(lane.terminal, code)
    return record_passage(lane, press, who, PassageWay.CARD)


@in_gate_words
def pass_by_pin(lane: Lane, press: Press, number: int, pin: str) -> Passage:
    """Let through who has this number and PIN. Call it outside of any transaction.

    Raises Refused lane_closed, way_not_taken, pin_wrong, pin_locked.
    """
    known = _known(lane, press)
    if known is not None:
        return known
    require_open(lane)
    person = identify_by_pin(lane.terminal, number, pin)
    return record_passage(lane, press, person, PassageWay.PIN)


@in_gate_words
@atomic
def pass_by_look_up(lane: Lane, press: Press, person_id: UUID, *, by: User) -> Passage:
    """Let through whom a member of staff knows: one whom their own look-up has shown them today.

    Raises Refused lane_closed, way_not_taken, passage_person_unknown.
    """
    known = _known(lane, press)
    if known is not None:
        return known
    require_open(lane)
    require_way_taken(lane.terminal, Way.STAFF)
    school = lane.terminal.school
    person = present_persons(school).filter(pk=person_id).first()
    shown = GateLookUp.objects.filter(person_id=person_id, user=by, day=today(school))
    if person is None or not shown.exists():
        raise errors.passage_person_unknown()
    return record_passage(lane, press, person, PassageWay.STAFF, by=by)


@atomic
def open_by_guard(lane: Lane, press: Press, *, by: User, reason: str) -> Passage:
    """Let a member of staff open, also where the lane is closed. Raises Refused opening_reason_missing."""
    return _known(lane, press) or record_opening(lane, press, by=by, reason=reason)


def require_open(lane: Lane) -> None:
    """Raise Refused lane_closed where people are sent to another lane for now."""
    if lane.closed_at is not None:
        raise errors.lane_closed()


def _known(lane: Lane, press: Press) -> Passage | None:
    return Passage.objects.filter(pk=press.id, door_id=lane.door_id).first()
