"""The only writers of consent.

Withdrawing also erases the template; that deed spans rooms and lives in `biometrics.actions`.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

from django.core import signing

from willing.audit.actions import record
from willing.audit.clock_state import believed
from willing.audit.journal import note
from willing.consent import errors
from willing.consent.models import (
    NO_YES_BY,
    SERVED_PURPOSES,
    Answer,
    Channel,
    Decision,
    Excuse,
    Notice,
    Notification,
    Undo,
)
from willing.consent.profiles import Profile, require_profile
from willing.consent.queries import (
    latest_decision,
    newest_notice,
    noes_to_undo,
    own_reader,
    require_notice,
)
from willing.consent.wording import read_draft, terms_of, write_notice
from willing.core.clock import now
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, GuardianLink, Person, School, User
from willing.people.queries import require_school

LINK_SALT = "willing.consent.link.v1"
LINK_DAYS = 60


@dataclass(frozen=True)
class Decided:
    """One person's word: who said what about whom, for which purpose, after which notice."""

    person: Person
    purpose: str
    answer: str
    notice: Notice
    channel: str
    guardian: Guardian | None = None
    recorded_by: User | None = None
    paper_id: UUID | None = None


@atomic
def record_decision(decided: Decided) -> Decision:
    """Append a decision. The same word said again by the same person adds nothing."""
    person = lock(Person.objects).get(pk=decided.person.pk)
    if decided.purpose not in SERVED_PURPOSES:
        raise errors.purpose_not_served()
    if decided.guardian and not _is_listed(decided.guardian, person):
        raise errors.not_a_guardian()
    if decided.channel in NO_YES_BY and decided.answer == Answer.YES:
        raise errors.yes_only_heard()
    if decided.channel == Channel.PAPER and decided.paper_id is None:
        raise errors.paper_missing()
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
        paper_id=decided.paper_id,
        at=now(),
    )
    _log(decision)
    return decision


@atomic
def record_no(person: Person, guardian: Guardian | None, *, by: User) -> list[Decision]:
    """Record a no that a member of staff was told, for every purpose. Return what it added to the record.

    guardian: None where it is the person's own. A no that stood there already adds nothing.
    """
    added = []
    for purpose in SERVED_PURPOSES:
        last = latest_decision(person, purpose, guardian.id if guardian else None)
        if last and last.answer == Answer.NO:
            continue
        notice = last.notice if last else require_notice(purpose, _reader(person, guardian), "en")
        word = Decided(person, purpose, Answer.NO, notice, Channel.VERBAL, guardian, recorded_by=by)
        added.append(record_decision(word))
    return added


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
    entered = noes_to_undo(person, by=by)
    undone = Undo.objects.bulk_create(Undo(decision=one, by=by, at=now()) for one in entered)
    if not undone:
        raise errors.nothing_to_undo()
    facts = {"decisions": sorted(one.decision_id for one in undone), "by": by.pk}
    record("consent.undone", subject=person.id, facts=facts, personal={})
    return len(undone)


@atomic
def excuse_guardian(guardian: Guardian, person: Person, reason: str, *, by: User) -> Excuse:
    """Record why a listed guardian need not be told about a person. Recording it again changes nothing."""
    assert reason in Excuse.Reason.values
    if not _is_listed(guardian, person):
        raise errors.not_a_guardian()
    excuse, created = Excuse.objects.get_or_create(
        guardian=guardian, person=person, ended_at=None, defaults={"reason": reason, "recorded_by": by}
    )
    if created:
        facts = {"guardian": str(guardian.id), "reason": reason, "by": by.pk}
        record("consent.guardian_excused", subject=person.id, facts=facts, personal={})
    return excuse


@atomic
def end_excuse(guardian: Guardian, person: Person, *, by: User) -> None:
    """Record that a guardian is to be told after all; twice changes nothing."""
    ended = Excuse.objects.filter(guardian=guardian, person=person, ended_at=None).update(ended_at=now())
    if ended:
        facts = {"guardian": str(guardian.id), "by": by.pk}
        record("consent.excuse_ended", subject=person.id, facts=facts, personal={})


def _is_listed(guardian: Guardian, person: Person) -> bool:
    return GuardianLink.objects.filter(guardian=guardian, person=person, ended_at__isnull=True).exists()


def _log(decision: Decision) -> None:
    facts = {
        "purpose": decision.purpose,
        "answer": decision.answer,
        "by": str(decision.guardian_id) if decision.guardian_id else "self",
        "notice": decision.notice.sha256,
        "channel": decision.channel,
        "recorded_by": decision.recorded_by_id,
        "paper": str(decision.paper_id) if decision.paper_id else None,
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


@atomic
def notify_guardian(guardian: Guardian, person: Person, notice: Notice, *, channel: str) -> Notification:
    """Record that a listed guardian was given a notice about a person."""
    if not _is_listed(guardian, person):
        raise errors.not_a_guardian()
    notification, created = Notification.objects.get_or_create(
        guardian=guardian, person=person, purpose=notice.purpose, notice=notice, defaults={"channel": channel}
    )
    if created:
        facts = {"guardian": str(guardian.id), "notice": notice.sha256, "purpose": notice.purpose}
        record("consent.notified", subject=person.id, facts=facts, personal={})
    return notification


@dataclass(frozen=True)
class Wording:
    """A notice ready to be published: whom for, the filled text, and whether it asks again."""

    purpose: str
    reader: str
    language: str
    version: int
    text: str
    terms: dict[str, Any]
    is_material: bool

    @property
    def sha256(self) -> str:
        """The hash that decisions hold."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def unpublished_notices() -> list[Wording]:
    """Return the shipped notices whose text, filled in for this school as it is now, is not published yet."""
    profile = require_profile(require_school().legal_profile)
    return [wording for wording in _wordings(profile) if wording]


def _wordings(profile: Profile) -> Iterator[Wording | None]:
    files = resources.files("willing.consent.notices").iterdir()
    for file in sorted((file for file in files if file.name.endswith(".md")), key=lambda file: file.name):
        purpose, reader, language, _ = file.name.split(".")
        if purpose in SERVED_PURPOSES:
            yield _next_wording(file.read_text(encoding="utf-8"), profile, (purpose, reader, language))


def _next_wording(source: str, profile: Profile, place: tuple[str, str, str]) -> Wording | None:
    purpose, reader, language = place
    draft, terms = read_draft(source), terms_of(profile)
    text = write_notice(draft, profile, reader, language)
    last = newest_notice(purpose, reader, language)
    if last and last.text == text:
        return None
    # What a school may do with a face has changed, whoever wrote "material: false" over it.
    is_material = draft.is_material or bool(last and last.terms != terms)
    return Wording(purpose, reader, language, last.version + 1 if last else 1, text, terms, is_material)


def publish_first_notices() -> int:
    """Publish texts that have no version yet (a new purpose, a new reader). Nobody is asked again by it."""
    return publish_notices([wording for wording in unpublished_notices() if wording.version == 1])


@atomic
def publish_notices(wordings: Sequence[Wording] | None = None) -> int:
    """Publish the shipped texts whose wording is not published yet, or some of them. Return how many.

    Files are named PURPOSE.READER.LANGUAGE.md; a published version never changes, so a changed file, profile
    or time of keeping becomes the next version. Where faces are enrolled, call `biometrics.actions` instead:
    a material change also takes them out of the search.
    """
    lock(School.objects).get(pk=require_school().pk)  # two at once must not take one version
    new = unpublished_notices() if wordings is None else wordings
    for wording in new:
        notice = Notice.objects.create(
            purpose=wording.purpose,
            reader=wording.reader,
            language=wording.language,
            version=wording.version,
            text=wording.text,
            sha256=wording.sha256,
            terms=wording.terms,
            is_material=wording.is_material,
            published_at=now(),
        )
        facts = {
            "purpose": notice.purpose,
            "reader": notice.reader,
            "language": notice.language,
            "version": notice.version,
            "sha256": notice.sha256,
            "material": notice.is_material,
        }
        record("consent.notice_published", subject=notice.id, facts=facts, personal={})
    return len(new)


def sign_link(guardian: Guardian) -> str:
    """Return the token of a guardian's consent link; it ends after LINK_DAYS or with a newer link version."""
    return signing.dumps([str(guardian.id), guardian.link_version], salt=LINK_SALT)


def open_link(token: str) -> Guardian:
    """Return the guardian whom a link was made for. Raises Refused link_not_valid."""
    try:
        guardian_id, version = signing.loads(token, salt=LINK_SALT, max_age=LINK_DAYS * 24 * 3600)
    except signing.BadSignature:
        raise errors.link_not_valid() from None
    if now() - believed(_signed_at(token)) > timedelta(days=LINK_DAYS):
        raise errors.link_not_valid()
    guardian = Guardian.objects.filter(pk=guardian_id, link_version=version).first()
    if guardian is None:
        raise errors.link_not_valid()
    return guardian


def _signed_at(token: str) -> datetime:
    """Return when a token whose signature is right was made; Django's own check takes any time ahead."""
    made_at = signing.b62_decode(token.rsplit(":", 2)[1])
    return datetime.fromtimestamp(made_at, UTC)
