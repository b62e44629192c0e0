"""The writers of notices: what families read before they decide."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from willing.audit.actions import record
from willing.consent import errors
from willing.consent.decisions import is_guardian_of
from willing.consent.models import Notice, Notification
from willing.consent.profiles import Profile, require_profile
from willing.consent.purposes import served_purposes
from willing.consent.queries import newest_notice
from willing.consent.wording import read_draft, terms_of, write_notice
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, Person, School
from willing.people.queries import require_school


@atomic
def notify_guardian(guardian: Guardian, person: Person, notice: Notice, *, channel: str) -> Notification:
    """Record that a listed guardian was given a notice about a person."""
    if not is_guardian_of(guardian, person):
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
        if purpose in served_purposes():
            yield _next_wording(file.read_text(encoding="utf-8"), profile, (purpose, reader, language))


def _next_wording(source: str, profile: Profile, place: tuple[str, str, str]) -> Wording | None:
    purpose, reader, language = place
    draft = read_draft(source)
    terms = terms_of(profile, draft)
    text = write_notice(draft, profile, reader, language)
    last = newest_notice(purpose, reader, language)
    if last and last.text == text:
        return None
    # What a school may do with a face has changed, even if the text says "material: false".
    is_material = draft.is_material or bool(last and last.terms != terms)
    return Wording(purpose, reader, language, last.version + 1 if last else 1, text, terms, is_material)


def publish_first_notices() -> int:
    """Publish texts that have no version yet (a new purpose, a new reader). Nobody is asked again by it."""
    return publish_notices([wording for wording in unpublished_notices() if wording.version == 1])


@atomic
def publish_notices(wordings: Sequence[Wording] | None = None) -> int:
    """Publish the shipped texts whose wording is not published yet, or some of them. Return how many.

    Files are named PURPOSE.READER.LANGUAGE.md; a published version never changes, so a changed file, profile
    or retention period becomes the next version. Where faces are enrolled, call
    `biometrics.consent_changes.publish_notices`: a material change also takes them out of the search.
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
