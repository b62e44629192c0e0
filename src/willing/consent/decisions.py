"""The writers of decisions.

Withdrawing also erases the template; that spans rooms and is in `biometrics.consent_changes`.
"""

from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.journal import note
from willing.consent import errors
from willing.consent.models import NO_YES_BY, Answer, Channel, Decision, Excuse, Notice, Undo
from willing.consent.purposes import served_purposes
from willing.consent.queries import latest_decision, own_reader, refusals_to_undo, require_notice
from willing.core.clock import now
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.queries import listed_guardians


@dataclass(frozen=True)
class NewDecision:
    """One person's word: who said what about whom, for which purpose, after which notice."""

    person: Person
    purpose: str
    answer: str
    notice: Notice
    channel: str
    guardian: Guardian | None = None
    recorded_by: User | None = None
    form_id: UUID | None = None


@atomic
def record_decision(decided: NewDecision) -> Decision:
    """Append a decision. The same word said again by the same person adds nothing."""
    person = lock(Person.objects).get(pk=decided.person.pk)
    if decided.purpose not in served_purposes():
        raise errors.purpose_not_served()
    if decided.guardian and not is_guardian_of(decided.guardian, person):
        raise errors.not_a_guardian()
    if decided.channel in NO_YES_BY and decided.answer == Answer.YES:
        raise errors.yes_only_heard()
    if decided.channel == Channel.PAPER and decided.form_id is None:
        raise errors.consent_form_missing()
    last = latest_decision(person, decided.purpose, decided.guardian.id if decided.guardian else None)
    if last and last.answer == decided.answer and last.notice_id == decided.notice.id:
        return last
    if decided.answer == Answer.WITHDRAWN and (last is None or last.answer != Answer.YES):
        raise errors.nothing_to_withdraw()
    decision = Decision.objects.create(
        person=person,
        number=next_number(Decision.objects.filter(person=person)),
        guardian=decided.guardian,
        purpose=decided.purpose,
        answer=decided.answer,
        notice=decided.notice,
        channel=decided.channel,
        recorded_by=decided.recorded_by,
        form_id=decided.form_id,
        at=now(),
    )
    _log(decision)
    return decision


@atomic
def record_no(person: Person, guardian: Guardian | None, *, by: User) -> list[Decision]:
    """Record a refusal that a member of staff heard, for every purpose. Return what it added to the record.

    guardian: None where it is the person's own. A refusal that is on record already adds nothing.
    """
    added = []
    for purpose in served_purposes():
        last = latest_decision(person, purpose, guardian.id if guardian else None)
        if last and last.answer == Answer.NO:
            continue
        notice = last.notice if last else require_notice(purpose, _reader(person, guardian), "en")
        word = NewDecision(person, purpose, Answer.NO, notice, Channel.VERBAL, guardian, recorded_by=by)
        added.append(record_decision(word))
    return added


@atomic
def carry_refusals(gone: Person, kept: Person, *, by: User) -> int:
    """Record about one record every no that counts about another; both are one person. Return how many.

    Nobody's yes is carried over: they are asked again. Those who guard one guard the other by now.
    """
    carried = 0
    for guardian in [None, *listed_guardians(kept.id)]:
        for purpose in served_purposes():
            last = latest_decision(gone, purpose, guardian.id if guardian else None)
            if last is None or last.answer == Answer.YES:
                continue
            there = latest_decision(kept, purpose, guardian.id if guardian else None)
            if there is not None and there.answer != Answer.YES:
                continue
            # Not as heard by `by` a moment ago, or they could take it back as a slip.
            channel = Channel.DESK if last.channel in (Channel.PAPER, Channel.VERBAL) else last.channel
            no = NewDecision(kept, purpose, Answer.NO, last.notice, channel, guardian, recorded_by=by)
            record_decision(no)
            carried += 1
    return carried


@atomic
def replay_refusal(person: Person, guardian: Guardian | None, purpose: str, answer: str) -> bool:
    """Record a refusal anew that a restored copy does not know. Return whether it changed anything.

    It may be by a guardian who is not listed here: what they said is on record then, and binds nobody.
    """
    lock(Person.objects).get(pk=person.pk)
    last = latest_decision(person, purpose, guardian.id if guardian else None)
    if last and last.answer != Answer.YES:
        return False
    decision = Decision.objects.create(
        person=person,
        number=next_number(Decision.objects.filter(person=person)),
        guardian=guardian,
        purpose=purpose,
        answer=answer if last else Answer.NO,
        notice=last.notice if last else require_notice(purpose, _reader(person, guardian), "en"),
        channel=Channel.JOURNAL,
        at=now(),
    )
    _log(decision)
    return True


def _reader(person: Person, guardian: Guardian | None) -> str:
    return Notice.Reader.ADULT if guardian else own_reader(person)


@atomic
def undo_no(person: Person, *, by: User) -> int:
    """Take back the noes about a person that `by` entered by mistake a moment ago. Return how many.

    What was said before counts again; an erased face stays erased. Raises Refused nothing_to_undo.
    """
    lock(Person.objects).get(pk=person.pk)
    entered = refusals_to_undo(person, by=by)
    undone = Undo.objects.bulk_create(Undo(decision=one, by=by, at=now()) for one in entered)
    if not undone:
        raise errors.nothing_to_undo()
    facts = {"decisions": sorted(one.decision_id for one in undone), "by": by.pk}
    record("consent.undone", subject=person.id, facts=facts, personal={})
    return len(undone)


@atomic
def excuse_guardian(guardian: Guardian, person: Person, reason: str, *, by: User) -> Excuse:
    """Record why a listed guardian need not be notified about a person; twice changes nothing."""
    assert reason in Excuse.Reason.values
    if not is_guardian_of(guardian, person):
        raise errors.not_a_guardian()
    excuse, created = Excuse.objects.get_or_create(
        guardian=guardian, person=person, ended_at=None, defaults={"reason": reason, "recorded_by": by}
    )
    if created:
        facts = {"guardian": str(guardian.id), "reason": reason, "by": by.pk}
        record("consent.guardian_excused", subject=person.id, facts=facts, personal={})
    return excuse


@atomic
def withdraw_excuse(guardian: Guardian, person: Person, *, by: User) -> None:
    """Record that a guardian is to be notified after all; twice changes nothing."""
    ended = Excuse.objects.filter(guardian=guardian, person=person, ended_at=None).update(ended_at=now())
    if ended:
        facts = {"guardian": str(guardian.id), "by": by.pk}
        record("consent.excuse_withdrawn", subject=person.id, facts=facts, personal={})


def is_guardian_of(guardian: Guardian, person: Person) -> bool:
    """Return whether a guardian may decide for a person today."""
    return GuardianLink.objects.filter(guardian=guardian, person=person, ended_at__isnull=True).exists()


def _log(decision: Decision) -> None:
    facts = {
        "purpose": decision.purpose,
        "answer": decision.answer,
        "by": str(decision.guardian_id) if decision.guardian_id else "self",
        "notice": decision.notice.sha256,
        "channel": decision.channel,
        "recorded_by": decision.recorded_by_id,
        "paper": str(decision.form_id) if decision.form_id else None,
    }
    record("consent.decided", subject=decision.person_id, facts=facts, personal={})
    if decision.answer != Answer.YES:
        refused = {
            "person": str(decision.person_id),
            "guardian": str(decision.guardian_id) if decision.guardian_id else None,
            "purpose": str(decision.purpose),
            "answer": str(decision.answer),
        }
        note("consent.refused", refused)
