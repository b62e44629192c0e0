"""The only writers of consent.

Withdrawing also erases the template; that deed spans rooms and lives in `biometrics.actions`.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources

from django.core import signing
from django.db import transaction
from django.db.models import Max

from willing.audit.actions import record
from willing.consent import errors
from willing.consent.models import SERVED_PURPOSES, Answer, Decision, Notice, Notification
from willing.consent.queries import latest_decision
from willing.core.clock import now
from willing.people.models import Guardian, GuardianLink, Person, User

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


@transaction.atomic
def record_decision(decided: Decided) -> Decision:
    """Append a decision. The same word said again by the same person adds nothing."""
    person = Person.objects.select_for_update().get(pk=decided.person.pk)
    if decided.purpose not in SERVED_PURPOSES:
        raise errors.purpose_not_served()
    if decided.guardian and not _is_listed(decided.guardian, person):
        raise errors.not_a_guardian()
    last = latest_decision(person, decided.purpose, decided.guardian.id if decided.guardian else None)
    if last and last.answer == decided.answer and last.notice_id == decided.notice.id:
        return last
    if decided.answer == Answer.WITHDRAWN and (last is None or last.answer != Answer.YES):
        raise errors.nothing_to_withdraw()
    decision = Decision.objects.create(
        person=person,
        guardian=decided.guardian,
        purpose=decided.purpose,
        answer=decided.answer,
        notice=decided.notice,
        channel=decided.channel,
        recorded_by=decided.recorded_by,
        at=now(),
    )
    _log(decision)
    return decision


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
    }
    record("consent.decided", subject=decision.person_id, facts=facts, personal={})


@transaction.atomic
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


@transaction.atomic
def publish_notices() -> int:
    """Publish the shipped texts whose wording is not published yet. Return how many were new.

    Files are named PURPOSE.READER.LANGUAGE.md; a published version never changes, so a changed file becomes
    the next version.
    """
    published = 0
    for file in sorted(resources.files("willing.consent.notices").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".md"):
            continue
        purpose, reader, language, _ = file.name.split(".")
        text = file.read_text(encoding="utf-8")
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        same = Notice.objects.filter(purpose=purpose, reader=reader, language=language)
        last = same.aggregate(last=Max("version"))["last"] or 0
        if last and same.get(version=last).sha256 == sha256:
            continue
        notice = Notice.objects.create(
            purpose=purpose, reader=reader, language=language, version=last + 1, text=text, sha256=sha256
        )
        record(
            "consent.notice_published",
            subject=notice.id,
            facts={
                "purpose": purpose,
                "reader": reader,
                "language": language,
                "version": notice.version,
                "sha256": sha256,
            },
            personal={},
        )
        published += 1
    return published


def sign_link(guardian: Guardian) -> str:
    """Return the token of a guardian's consent link; it ends after LINK_DAYS or with a newer link version."""
    return signing.dumps([str(guardian.id), guardian.link_version], salt=LINK_SALT)


def open_link(token: str) -> Guardian:
    """Return the guardian whom a link was made for. Raises Refused link_not_valid."""
    try:
        guardian_id, version = signing.loads(token, salt=LINK_SALT, max_age=LINK_DAYS * 24 * 3600)
    except signing.BadSignature:
        raise errors.link_not_valid() from None
    guardian = Guardian.objects.filter(pk=guardian_id, link_version=version).first()
    if guardian is None:
        raise errors.link_not_valid()
    return guardian
