"""Enrolment at the desk: several good frames of one person become a sealed template."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.queries import latest_entry
from willing.audit.verify.entries import read_entry
from willing.biometrics import card_processes, errors
from willing.biometrics.card_messages import SIBLINGS_MAX, Occasion, sibling_name
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_sealing import (
    LooksAlike,
    SealedShare,
    SealingCard,
    forget_faces,
    references_of,
    seal_with,
)
from willing.biometrics.engine import require_engine
from willing.biometrics.gallery import live_gallery, seal_references
from willing.biometrics.generations import invalidate_gallery, lock_gallery
from willing.biometrics.lookalikes import Lookalike, Pair, find_lookalikes, record_lookalikes
from willing.biometrics.memory import Capture, captures
from willing.biometrics.models import Template
from willing.biometrics.queries import filing_of, kinds_of, mode_of
from willing.biometrics.rules import Filing, enough_of_one_person, is_same_picture
from willing.biometrics.siblings import keep_apart, require_siblings
from willing.consent import errors as consent_errors
from willing.consent.queries import permission
from willing.consent.rules import Permission
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.keys.actions import create_person_key, destroy_person_keys
from willing.keys.errors import KeysUnavailable
from willing.people.models import Person

if TYPE_CHECKING:
    from willing.face import Face


def _require_permission(person: Person, purpose: str) -> Permission:
    granted = permission(person, purpose)
    if not granted.granted:
        raise consent_errors.not_permitted(granted.reasons)
    return granted


@dataclass(frozen=True)
class CaptureState:
    """What the desk shows after a frame: the hint, and how many good frames there are."""

    hint: str
    good_frames: int
    quality: int


def start_capture(person: Person, purpose: str, *, user: User) -> UUID:
    """Begin a capture at the desk. Raises Refused without a live permission, or where one is enrolled."""
    require_engine(person.school)
    _require_permission(person, purpose)
    if Template.objects.filter(person=person, purpose=purpose).exists():
        raise errors.already_enrolled()
    capture_id = new_id()
    captures.put(capture_id, Capture(person.id, purpose, user.pk))
    return capture_id


def add_capture_frame(capture_id: UUID, picture: bytes, *, user: User) -> CaptureState:
    """Look at one picture of a capture; keep its face in memory where it is good."""
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    engine = require_engine(person.school)
    from willing.face import FaceError  # only once the engine is known to be there

    try:
        look = engine.process_frame(picture, purpose="enrolment")
    except FaceError as error:
        raise errors.frame_not_readable(error.code) from None
    hint = look.hint.value
    with capture.lock:
        if look.face is not None and _has_picture(capture, look.face):
            hint = SAME_PICTURE
        elif look.face is not None:
            capture.faces.append(look.face)
        quality = round(look.quality.score) if look.quality else 0
        return CaptureState(hint, len(capture.faces), quality)


# The engine has no such hint: only the desk asks for several frames of one person.
SAME_PICTURE = "same_picture"


def _has_picture(capture: Capture, face: "Face") -> bool:
    """Say whether a capture holds this very picture: it would count as another frame and tell nothing new."""
    vector = face.template.vector
    return any(is_same_picture(float(vector @ other.template.vector)) for other in capture.faces)


def _require_capture(capture_id: UUID, user: User) -> Capture:
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        raise errors.capture_gone()
    return capture


def abandon_capture(capture_id: UUID, *, user: User) -> None:
    """Forget a capture; abandoning one that is gone changes nothing."""
    capture = captures.find(capture_id)
    if capture is not None and capture.user_id == user.pk:
        captures.drop(capture_id)


@dataclass(frozen=True)
class SealingKey:
    """What the desk's page seals shares to, in hexadecimal, and what it binds them to.

    info: for the card of whom is enrolled. siblings: for those of siblings, in the order they are sent.
    """

    public: str
    info: str
    siblings: tuple[str, ...]


def begin_sealing(capture_id: UUID, *, user: User) -> SealingKey:
    """Begin the process that opens the shares of a capture; it lives for half a minute.

    Raises Refused capture_gone, face_not_available.
    """
    capture = _require_capture(capture_id, user)
    school_id = Person.objects.values_list("school_id", flat=True).get(pk=capture.person_id)
    occasion = Occasion(str(school_id), str(capture_id), str(capture_id))
    try:
        process = card_processes.begin(capture_id, occasion)
    except ProcessFailed:
        raise errors.face_not_available() from None
    siblings = (occasion.info(sibling_name(number)).hex() for number in range(SIBLINGS_MAX))
    return SealingKey(process.public, occasion.info().hex(), tuple(siblings))


def finish_capture(
    capture_id: UUID,
    *,
    user: User,
    card: SealedShare | None = None,
    siblings: Sequence[SealedShare] = (),
) -> Template:
    """Turn a capture into an enrolled template, and forget it. A refused one may go on with more frames.

    card: whose share is half of the template's key; None where the school alone will be able to open it.
    siblings: the cards of brothers and sisters of the same age, whose faces are compared with the new one.
    """
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    try:
        with capture.lock:
            seal = SealingCard(capture_id, card, tuple(siblings)) if card else None
            template = enrol(person, capture.purpose, list(capture.faces), user=user, card=seal)
    finally:
        card_processes.close(capture_id)
    captures.drop(capture_id)
    if card:
        forget_faces(capture.faces)
    return template


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
    try:
        key_id, key = create_person_key(person.id)
    except KeysUnavailable:
        raise errors.face_not_available() from None
    try:
        return _store(person, new, (key_id, key))
    except BaseException as error:
        with suppress(KeysUnavailable):  # the nightly job destroys keys that seal nothing
            destroy_person_keys([key_id])  # a key without a template must not outlive the attempt
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
    last = latest_entry("face.enrolled", person.id)
    if last is None:
        return 1
    facts = read_entry(bytes(last.hashed)).facts
    said = facts.get("issue")
    return said + 1 if isinstance(said, int) else 1


def _cosines(faces: "Sequence[Face]") -> list[list[float]]:
    vectors = [face.template.vector for face in faces]
    return [[float(one @ other) for other in vectors] for one in vectors]


@atomic
def _store(person: Person, new: _NewTemplate, keyed: tuple[UUID, bytes]) -> Template:
    # Locked, so that a withdrawal at the same moment is either seen here or erases what is written here.
    locked = lock(Person.objects).select_related("school").get(pk=person.pk)
    granted = _require_permission(locked, new.purpose)
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
    facts = {
        "purpose": new.purpose,
        "references": len(new.faces),
        "model": new.model_id,
        "holder": template.holder,
        "issue": new.issue,
        "by": new.user.pk if new.user else None,
    }
    record("face.enrolled", subject=locked.id, facts=facts, personal={})
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


@dataclass(frozen=True)
class CaptureProgress:
    """How far a capture at the desk is: of whom, what for, how many good frames."""

    person_id: UUID
    purpose: str
    good_frames: int


def find_capture(capture_id: UUID, *, user: User) -> CaptureProgress | None:
    """Return how far this user's capture is, or None where it is over or another user's."""
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        return None
    return CaptureProgress(capture.person_id, capture.purpose, len(capture.faces))
