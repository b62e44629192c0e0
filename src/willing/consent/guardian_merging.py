"""The writer of what a guardian answered and was notified of, where they had two records."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.decisions import NewDecision, excuse_guardian, record_decision, withdraw_excuse
from willing.consent.models import Answer, Channel, Decision, Excuse, Notification
from willing.consent.purposes import served_purposes
from willing.consent.queries import latest_decision, replaced_at
from willing.consent.rules import RecordedAnswer, decide_taken_over
from willing.core.transactions import atomic
from willing.people.models import Guardian, Person
from willing.people.queries import persons_of


@dataclass(frozen=True)
class TakenOver:
    """What a guardian's kept record says from now on that only the other one had said.

    Each a person and a purpose: refusals, and consents of whom they guarded by the other record until now.
    """

    refusals: tuple[tuple[Person, str], ...]
    consents: tuple[tuple[Person, str], ...]


@atomic
def carry_words(gone: Guardian, kept: Guardian, moved: Collection[UUID], *, by: User) -> TakenOver:
    """Record with one record of a guardian what counts of the other one's; the strictest answer stays.

    moved: for whom the other record decided until now; its consent to anyone else counts for nothing. Call it
    when the kept record guards them. The decisions themselves stay where they were made.
    """
    refusals: list[tuple[Person, str]] = []
    consents: list[tuple[Person, str]] = []
    for person in persons_of(kept):
        if person.id in moved:
            _carry_notifications(gone, kept, person)
        for purpose in served_purposes():
            answer = _carry(gone, kept, person, purpose, may_agree=person.id in moved, by=by)
            if answer is not None:
                (consents if answer == Answer.YES else refusals).append((person, purpose))
    return TakenOver(tuple(refusals), tuple(consents))


def _carry(
    gone: Guardian, kept: Guardian, person: Person, purpose: str, *, may_agree: bool, by: User
) -> str | None:
    said, there = (latest_decision(person, purpose, one.id) for one in (gone, kept))
    answer = decide_taken_over(_as_rule(said), _as_rule(there))
    if answer is None or said is None or (answer == Answer.YES and not may_agree):
        return None
    record_decision(NewDecision(person, purpose, answer, said.notice, Channel.MERGED, kept, recorded_by=by))
    return answer


def _as_rule(decision: Decision | None) -> RecordedAnswer | None:
    if decision is None:
        return None
    replaced = replaced_at(decision.notice)
    return RecordedAnswer(
        decision.id, decision.guardian_id, decision.answer, decision.number, replaced_at=replaced
    )


def _carry_notifications(gone: Guardian, kept: Guardian, person: Person) -> None:
    """Let the kept record be notified of what the other one was, at the time and in the way it was."""
    known = Notification.objects.filter(guardian=kept, person=person)
    had = set(known.values_list("notice_id", flat=True))
    rows = Notification.objects.filter(guardian=gone, person=person).exclude(notice_id__in=had)
    for row in rows.select_related("notice").order_by("id"):
        Notification.objects.create(
            guardian=kept,
            person=person,
            purpose=row.purpose,
            notice=row.notice,
            channel=row.channel,
            at=row.at,
        )
        facts = {"guardian": str(kept.id), "notice": row.notice.sha256, "purpose": row.purpose}
        record("consent.notified", subject=person.id, facts=facts, personal={})


@atomic
def carry_excuses(gone: Guardian, kept: Guardian, newly: Collection[UUID], *, by: User) -> None:
    """Let the reasons go along for which a guardian need not be notified, and end the other record's.

    Where the kept record was listed already it has a mailbox or an answer of its own, so only a child's
    welfare still speaks against it. newly: those whom it was not listed for. Call it when it guards them.
    """
    guarded = {one.id for one in persons_of(kept)}
    rows = Excuse.objects.filter(guardian=gone, ended_at=None).select_related("person__school")
    for row in rows.order_by("id"):
        goes_along = row.person_id in newly or row.reason == Excuse.Reason.WELFARE
        withdraw_excuse(gone, row.person, by=by)
        if goes_along and row.person_id in guarded:
            excuse_guardian(kept, row.person, row.reason, by=by)
