"""Two records of one guardian become one: what each room holds of the first goes on with the second.

A no in either record outlasts every yes. A yes goes along where the kept record had none: it is the same
person's, about the same child. The decisions themselves stay with the record in which they were made.
"""

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from willing.accounts.guardian_merging import move_sign_in
from willing.accounts.models import User
from willing.allergens.actions import move_guardian_allergens
from willing.attendance.contacts import move_contacts
from willing.attendance.family_notes import move_guardian_notes
from willing.biometrics.consent_changes import rebind_to_current_decisions
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.models import Template
from willing.complaints.actions import move_guardian_complaints
from willing.consent.guardian_merging import TakenOver, carry_excuses, carry_words
from willing.core.transactions import atomic
from willing.gate.family_messages import move_guardian_choices
from willing.leave.set_up import move_answers
from willing.mail.guardian_merging import move_mail
from willing.payments.pay_outs import move_guardian_pay_outs
from willing.people.guardian_merging import lock_both_guardians, mark_guardian_merged, move_guardian_links
from willing.people.guardians import GuardianDetails, edit_guardian
from willing.people.models import Guardian, Person, School
from willing.people.queries import persons_of
from willing.privacy import errors
from willing.till.merging import move_guardian_limits
from willing.wallets.low_balance import move_guardian_low_balances


@dataclass(frozen=True)
class MergedGuardians:
    """What went from one record to the other.

    persons: whom the kept record decides for that it did not before. sign_in: moved, removed or none. faces:
    how many are deleted, because fewer guardians agree, or one of them said no.
    """

    persons: tuple[Person, ...]
    words: TakenOver
    sign_in: str
    faces: int


@atomic
def merge_guardians(
    school: School, gone_id: UUID, kept_id: UUID, details: GuardianDetails, *, by: User
) -> MergedGuardians:
    """Let everything that is recorded of one guardian's record go on with another: both are one person.

    details: how they are called and reached from now on. Raises Refused unknown_guardian,
    merge_guardian_with_itself, merged_already, merge_two_open_reports, name_missing.
    """
    if gone_id == kept_id:
        raise errors.merge_guardian_with_itself()
    gone, kept = lock_both_guardians(school, gone_id, kept_id)
    before = {one.id for one in persons_of(kept)}
    kept = edit_guardian(kept.id, details, by=by.pk)
    moved = move_guardian_links(gone, kept, by=by.pk)
    newly = set(moved) - before
    words = carry_words(gone, kept, moved, by=by)
    carry_excuses(gone, kept, newly, by=by)
    sign_in = move_sign_in(gone, kept, by=by)
    move_mail(gone, kept)
    move_answers(gone, kept)
    move_guardian_complaints(gone, kept)
    move_guardian_limits(gone, kept)
    move_guardian_pay_outs(gone, kept)
    move_guardian_low_balances(gone, kept)
    move_guardian_choices(gone, kept)
    move_guardian_allergens(gone, kept)
    move_guardian_notes(gone, kept)
    move_contacts(gone, kept)
    mark_guardian_merged(gone, kept, by=by.pk)
    # Last: keys that are gone do not come back if anything above fails.
    faces = _settle_faces(kept)
    persons = tuple(one for one in persons_of(kept) if one.id in newly)
    return MergedGuardians(persons, words, sign_in, faces)


def _settle_faces(kept: Guardian) -> int:
    ids = [one.id for one in persons_of(kept)]
    erased = erase_unpermitted_faces(ids, cause="guardians_merged")
    rebind_to_current_decisions(Template.objects.filter(person__in=ids))
    return erased


class _OnlyAsked(Exception):
    """Undoes a merge of which only the outcome was wanted."""

    def __init__(self, found: MergedGuardians) -> None:
        super().__init__()
        self.found = found


def preview_guardian_merge(
    school: School, gone_id: UUID, kept_id: UUID, details: GuardianDetails, *, by: User
) -> MergedGuardians:
    """Return what merging two records would do, and do nothing. Raises what merging them would raise."""
    try:
        _merge_and_undo(school, gone_id, kept_id, details, by)
    except _OnlyAsked as asked:
        return asked.found


@atomic
def _merge_and_undo(
    school: School, gone_id: UUID, kept_id: UUID, details: GuardianDetails, by: User
) -> NoReturn:
    """Merge two records and undo it: the same code says what would happen and makes it happen."""
    raise _OnlyAsked(merge_guardians(school, gone_id, kept_id, details, by=by))
