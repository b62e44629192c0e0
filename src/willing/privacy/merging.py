"""Two records of one person become one: what each room holds of the first goes on with the second.

A refusal is never lost, and a yes never carried over: the person, and those who decide for them, are asked
again where the kept record has none. What can't be changed, decisions and the log, stays with the record
that is gone, which its page says.
"""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.allergens.actions import move_allergens
from willing.attendance.family_notes import move_notes
from willing.attendance.registers import move_marks
from willing.attendance.returns import move_returns
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.face_sessions import move_face_sessions
from willing.biometrics.queries import has_face
from willing.boarding.living import move_boarder
from willing.complaints.actions import move_complaints
from willing.consent.decisions import carry_refusals
from willing.core.transactions import atomic, lock
from willing.credentials.cards import move_cards
from willing.credentials.leavers import record_leavers
from willing.gate.family_messages import move_choices
from willing.gate.passages import move_passages
from willing.leave.set_up import move_leaves
from willing.ledger.actions import merge_wallets
from willing.people.errors import has_left, unknown_person
from willing.people.guardians import move_guardians
from willing.people.models import Person, School
from willing.people.persons import mark_merged
from willing.privacy import errors
from willing.rollcall.set_up import move_roll_calls
from willing.till.merging import move_purchases
from willing.visits.staff_days import forget_merged
from willing.wallets.low_balance import move_low_balances


@dataclass(frozen=True)
class Merged:
    """What went from one record to the other. balance_minor: below zero where it was a debt."""

    balance_minor: int
    sales: int
    cards: int
    refusals: int


@atomic
def merge_persons(school: School, gone_id: UUID, kept_id: UUID, *, by: User) -> Merged:
    """Let everything that is recorded of one record go on with another: both are one person.

    Raises Refused unknown_person, merge_with_itself, has_left where the kept one has, merge_has_face,
    merged_already, merge_two_register_ids, not_covered where a debt is more than the kept wallet may bear.
    """
    gone, kept = _require_both(school, gone_id, kept_id)
    mark_merged(gone.id, kept.id, by=by.pk)
    move_guardians(gone, kept, by=by.pk)
    cards = move_cards(gone, kept, by=by)
    sales = move_purchases(gone, kept)
    move_complaints(gone, kept)
    move_allergens(gone, kept)
    move_marks(gone, kept)
    move_notes(gone, kept)
    move_returns(gone, kept)
    move_leaves(gone, kept)
    move_boarder(gone, kept)
    forget_merged(gone)
    move_roll_calls(gone, kept)
    move_passages(gone, kept)
    move_choices(gone, kept)
    move_low_balances(gone, kept)
    move_face_sessions(gone, kept)
    balance = merge_wallets(gone, kept)
    refusals = carry_refusals(gone, kept, by=by)
    record_leavers([gone.id], by=by)
    # Last: keys that are gone do not come back if anything above fails.
    erase_unpermitted_faces([kept.id], cause="merged")
    return Merged(balance, sales, cards, refusals)


def _require_both(school: School, gone_id: UUID, kept_id: UUID) -> tuple[Person, Person]:
    if gone_id == kept_id:
        raise errors.merge_with_itself()
    rows = lock(Person.objects).filter(school=school, pk__in=[gone_id, kept_id]).order_by("id")
    held = {one.id: one for one in rows.select_related("school")}
    if len(held) < 2:
        raise unknown_person()
    gone, kept = held[gone_id], held[kept_id]
    if kept.left_at is not None:
        raise has_left()
    if has_face(gone):
        raise errors.merge_has_face()
    return gone, kept
