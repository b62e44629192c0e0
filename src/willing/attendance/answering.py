"""The writers of what is heard about a pupil: a guardian answers, staff reach a family or see the pupil."""

from uuid import UUID

from django.utils.translation import gettext as _

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.contacting import clear_messages
from willing.attendance.explained import record_illness
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_models import AbsenceMessage, ContactTry
from willing.attendance.message_rules import FamilyAnswer
from willing.attendance.models import CurrentMark
from willing.attendance.queries import codes_of, require_settings
from willing.attendance.rules import Group
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock


@atomic
def answer_message(try_id: UUID, answer: str, *, by: User) -> ContactTry:
    """Record what a guardian answers to a message that they got; a later answer replaces it that day.

    "Ill" goes to where guardians report illness as well, and so stops what else would be sent.
    Raises Refused message_unknown, message_answer_unknown.
    """
    rows = lock(ContactTry.objects).select_related("message__person__school")
    one = rows.filter(pk=try_id, guardian=by.guardian_id, is_clear=False).first()
    if one is None or one.state == ContactTry.State.WITHDRAWN:
        raise errors.message_unknown()
    if answer not in set(FamilyAnswer):
        raise errors.message_answer_unknown()
    if one.answer == answer:
        return one
    one.answer, one.answered_at = answer, now()
    one.save(update_fields=["answer", "answered_at"])
    if answer == FamilyAnswer.ILL:
        record_illness(one.message.person, one.message.day, by=by)
    facts = {"run": str(one.message.run_id), "guardian": str(by.guardian_id)}
    record("absence_message.answered", subject=one.message.person_id, facts=facts, personal={})
    return one


@atomic
def note_reached(message: AbsenceMessage, *, by: User) -> None:
    """Record that a member of staff reached the family; nobody else of it is messaged. Twice is once."""
    held = lock(AbsenceMessage.objects).get(pk=message.pk)
    if held.reached_at is not None:
        return
    AbsenceMessage.objects.filter(pk=held.pk).update(reached_by=by, reached_at=now())
    facts = {"run": str(held.run_id), "by": by.pk}
    record("absence_message.reached", subject=held.person_id, facts=facts, personal={})


@atomic
def mark_here(message: AbsenceMessage, *, by: User) -> int:
    """Record that a pupil is here, marked wrongly: the mark, and a word to each who was messaged.

    Return how many that are. Raises Refused as `record_marks` would refuse the mark.
    """
    held = lock(AbsenceMessage.objects).select_related("person").get(pk=message.pk)
    marks = CurrentMark.objects.filter(person=held.person, day=held.day, number=held.number)
    current = marks.select_related("register__group__school", "mark").first()
    if current is not None:
        codes = codes_of(require_settings(current.register.group.school))
        symbol = codes.present(is_morning=current.register.is_morning)
        if codes.codes[current.symbol].group is not Group.PRESENT:
            new = NewMark(
                held.person_id, symbol, reason=_("Is here, was marked wrongly"), seen=current.mark.number
            )
            (done,) = record_marks(current.register, [new], by=by)
            if done.refused is not None:
                raise done.refused
    return clear_messages([held], AbsenceMessage.Cleared.WRONG)
