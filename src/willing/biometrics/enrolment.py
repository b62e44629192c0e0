"""Enrolment: several good frames of one person become a sealed template."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.queries import latest_entry
from willing.audit.verify.entries import read_entry
from willing.biometrics import errors
from willing.biometrics.card_sealing import (
    LooksAlike,
    SealingCard,
    references_of,
    seal_with,
)
from willing.biometrics.engine import require_engine
from willing.biometrics.gallery import live_gallery, seal_references
from willing.biometrics.generations import invalidate_gallery, lock_gallery
from willing.biometrics.lookalikes import Lookalike, Pair, find_lookalikes, record_lookalikes
from willing.biometrics.models import Template
from willing.biometrics.queries import filing_of, kinds_of, mode_of
from willing.biometrics.rules import Filing, enough_of_one_person
from willing.biometrics.siblings import keep_apart, require_siblings
from willing.consent import errors as consent_errors
from willing.consent.queries import permission
from willing.consent.rules import Permission
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.keys.actions import create_person_key, destroy_person_keys
from willing.keys.errors import KeysUnavailable
from willing.people.models import Person

if TYPE_CHECKING:
    from willing.face import Face


# The events that count the issues of a person's template.
ENROLLED = ("face.enrolled", "face.resealed", "face.refreshed")


def require_permission(person: Person, purpose: str) -> Permission:
    """Return the live permission for a purpose. Raises Refused not_permitted."""
    granted = permission(person, purpose)
    if not granted.granted:
        raise consent_errors.not_permitted(granted.reasons)
    return granted


def enrol(
    person: Person,
    purpose: str,
    faces: "Sequence[Face]",
    *,
    user: User | None,
    card: SealingCard | None = None,
) -> Template:
    """Enrol a person for a purpose from at least three good frames of one face; the best five are kept.

    Raises Refused not_permitted, too_few_frames, several_people, already_enrolled, face_not_available,
    filing_missing, kind_not_enrolled, card_needed, sibling_needed, sibling_without_face, too_many_siblings,
    looks_alike.
    """
    engine = require_engine(person.school)
    held = Template.Holder.CARD if card else Template.Holder.CENTRAL
    kinds = kinds_of(person.school)
    if held not in kinds:
        raise errors.card_needed() if kinds == {Template.Holder.CARD} else errors.kind_not_enrolled()
    refused = enough_of_one_person(_cosines(faces))
    if refused:
        raise errors.too_few_frames() if refused == "too_few_frames" else errors.several_people()
    from willing.face import choose_references

    chosen, issue = choose_references(faces), next_issue(person)
    siblings = require_siblings(person, purpose, card.siblings) if card else []
    new = _NewTemplate(purpose, chosen, engine.model_id, user, issue, card, siblings)
    if _is_searched(person, card):
        live_gallery(person.school, purpose)  # built here, where it keeps nobody waiting
    with key_of_template(person, purpose, user) as keyed:
        return _store(person, new, keyed)


@contextmanager
def key_of_template(person: Person, purpose: str, user: User | None) -> Iterator[tuple[UUID, bytes]]:
    """Give a new key for a template; where none is stored after all, it does not outlive the attempt.

    Raises Refused face_not_available; looks_alike, once the siblings whom it names are kept apart.
    """
    try:
        key_id, key = create_person_key(person.id)
    except KeysUnavailable:
        raise errors.face_not_available() from None
    try:
        yield key_id, key
    except BaseException as error:
        with suppress(KeysUnavailable):  # the nightly job destroys keys that seal nothing
            destroy_person_keys([key_id])
        if not isinstance(error, LooksAlike):
            raise
        keep_apart(person, purpose, error.templates, by=user)
        raise errors.looks_alike() from None


def _is_searched(person: Person, card: SealingCard | None) -> bool:
    """Say whether a newcomer is compared with everybody whose face the school alone can open."""
    return card is None or mode_of(person.school) == Template.Mode.IDENTIFY


@dataclass(frozen=True)
class _NewTemplate:
    """What a template is made of."""

    purpose: str
    faces: "Sequence[Face]"
    model_id: str
    user: User | None
    issue: int
    card: SealingCard | None
    siblings: Sequence[Template]


def next_issue(person: Person) -> int:
    """Return the number of a person's next template; the log keeps count, whatever was erased since."""
    last = [found for event in ENROLLED if (found := latest_entry(event, person.id))]
    if not last:
        return 1
    facts = read_entry(bytes(max(last, key=lambda entry: entry.sequence).hashed)).facts
    said = facts.get("issue")
    return said + 1 if isinstance(said, int) else 1


def record_enrolled(event: str, template: Template, *, by: User | None) -> None:
    """Record in the log, inside the caller's transaction, that a template is there. event: of ENROLLED."""
    facts = {
        "purpose": template.purpose,
        "references": template.references,
        "model": template.model_id,
        "holder": template.holder,
        "issue": template.issue,
        "by": by.pk if by else None,
    }
    record(event, subject=template.person_id, facts=facts, personal={})


def _cosines(faces: "Sequence[Face]") -> list[list[float]]:
    vectors = [face.template.vector for face in faces]
    return [[float(one @ other) for other in vectors] for one in vectors]


@atomic
def _store(person: Person, new: _NewTemplate, keyed: tuple[UUID, bytes]) -> Template:
    # Locked, so that a withdrawal at the same moment is either seen here or erases what is written here.
    locked = lock(Person.objects).select_related("school").get(pk=person.pk)
    granted = require_permission(locked, new.purpose)
    _require_filing(locked)
    if Template.objects.filter(person=locked, purpose=new.purpose).exists():
        raise errors.already_enrolled()
    template = Template(
        person=locked,
        purpose=new.purpose,
        key_id=keyed[0],
        model_id=new.model_id,
        references=len(new.faces),
        issue=new.issue,
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
        enrolled_by=new.user,
        enrolled_at=now(),
    )
    alike = _seal(template, new, keyed[1], locked)
    template.save(force_insert=True)
    invalidate_gallery(locked.school_id, new.purpose)
    record_enrolled("face.enrolled", template, by=new.user)
    if alike:
        _separate(template, alike)
    return template


def _seal(template: Template, new: _NewTemplate, key: bytes, person: Person) -> list[Lookalike]:
    """Seal a new template's references. Return whom the search could take for its owner."""
    alike: list[Lookalike] = []
    if _is_searched(person, new.card):
        lock_gallery(person.school_id, new.purpose)  # two who look alike are enrolled one after the other
        live = live_gallery(person.school, new.purpose)
        rotated = [live.rotation.apply(face.reference) for face in new.faces]
        alike = find_lookalikes(live, rotated, person)
        if new.card is None:
            template.sealed = seal_references(template, rotated, key, live.rotation)
    if new.card is not None:
        template.holder, template.mode = Template.Holder.CARD, Template.Mode.VERIFY
        template.card_id = new.card.of.card_id
        rows = references_of(new.faces)
        template.sealed = seal_with(new.card, template, rows, key, new.siblings)
    return alike


def _require_filing(person: Person) -> None:
    """Refuse one more person where as many are enrolled as the law allows without a filing."""
    if not Template.objects.filter(person=person).exists() and filing_of(person.school) == Filing.STOPPED:
        raise errors.filing_missing()


def _separate(template: Template, alike: Sequence[Lookalike]) -> None:
    """Take persons whom the engine cannot tell apart out of 1:N search, all of them (promise 8)."""
    record_lookalikes([Pair(template.id, other.template_id, other.likeness) for other in alike])
    apart = Template.objects.filter(pk__in=[template.id, *(other.template_id for other in alike)])
    apart.update(mode=Template.Mode.VERIFY)
    template.mode = Template.Mode.VERIFY
    invalidate_gallery(template.person.school_id, template.purpose)
    for person_id in sorted(apart.values_list("person_id", flat=True)):
        record("face.lookalike_found", subject=person_id, facts={"purpose": template.purpose}, personal={})
