"""The only writers of templates and face sessions, and the deeds that span consent and faces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F

from willing.assessment import actions as assessment
from willing.assessment.models import HandLock
from willing.assessment.queries import lock_of, require_unlocked
from willing.audit.actions import NewEntry, record, record_many
from willing.biometrics import errors
from willing.biometrics.engine import require_engine
from willing.biometrics.gallery import live_gallery, seal_context
from willing.biometrics.models import FaceSession, GalleryState, Template
from willing.biometrics.queries import find_session, uses_of_face
from willing.biometrics.rules import Keeping, enough_of_one_person, is_overdue, session_end
from willing.biometrics.sessions import Capture, Looking, captures, looking
from willing.consent import actions as consent
from willing.consent import errors as consent_errors
from willing.consent.models import SERVED_PURPOSES, Answer, Decision
from willing.consent.profiles import require_profile
from willing.consent.queries import latest_decision, permission, require_notice
from willing.consent.rules import Permission
from willing.core.clock import now
from willing.core.ids import new_id
from willing.keys.actions import create_person_key, destroy_person_keys, key_exists, key_ids
from willing.people.models import Person, School, User

if TYPE_CHECKING:
    from willing.face import Decision as FaceDecision
    from willing.face import Face, Gallery
    from willing.face import Template as FaceTemplate


@dataclass(frozen=True)
class Erasure:
    """The receipt of an erasure: how many keys were destroyed, and where the log says so."""

    person_id: UUID
    keys_destroyed: int
    log_sequence: int


@dataclass(frozen=True)
class Decided:
    """What became of somebody's word: the decision on record and, where it ended something, the receipt."""

    decision: Decision
    erasure: Erasure | None


def _require_permission(person: Person, purpose: str) -> Permission:
    granted = permission(person, purpose)
    if not granted.granted:
        raise consent_errors.not_permitted(granted.reasons)
    return granted


def _bump(school_id: UUID, purpose: str) -> None:
    state, _ = GalleryState.objects.get_or_create(school_id=school_id, purpose=purpose)
    GalleryState.objects.filter(pk=state.pk).update(generation=F("generation") + 1)


@transaction.atomic
def decide(word: consent.Decided) -> Decided:
    """Record somebody's word and, where no permission is left after it, erase the template at once."""
    decision = consent.record_decision(word)
    erasure = None
    if not permission(word.person, word.purpose).granted:
        erasure = _erase(word.person, [word.purpose], cause=f"consent.{word.answer}")
    return Decided(decision, erasure)


@transaction.atomic
def stop_using_face(person: Person, *, channel: str, recorded_by: User | None) -> Erasure:
    """Record the person's own withdrawal for every purpose they agreed to, and erase every template.

    Raises Refused no_face_to_erase where there is neither a template nor a yes to withdraw.
    """
    found = Template.objects.filter(person=person).exists()
    for purpose in SERVED_PURPOSES:
        last = latest_decision(person, purpose, None)
        if last and last.answer == Answer.YES:
            found = True
            notice = require_notice(purpose, "child", "en")
            word = consent.Decided(
                person, purpose, Answer.WITHDRAWN, notice, channel, recorded_by=recorded_by
            )
            consent.record_decision(word)
    if not found:
        raise errors.no_face_to_erase()
    return _erase(person, list(SERVED_PURPOSES), cause="stopped") or _receipt(person, 0, "stopped")


@transaction.atomic
def erase_faces(person: Person, *, cause: str) -> Erasure | None:
    """Erase every template of a person. Return the receipt, or None where there was nothing."""
    return _erase(person, None, cause=cause)


def _erase(person: Person, purposes: Sequence[str] | None, *, cause: str) -> Erasure | None:
    rows = Template.objects.filter(person=person)
    if purposes is not None:
        rows = rows.filter(purpose__in=purposes)
    held = list(rows.values_list("key_id", "purpose"))
    if not held:
        return None
    # Keys first, committed by themselves: if anything after this fails, the template is unreadable already.
    destroyed = destroy_person_keys([key_id for key_id, _ in held])
    rows.delete()
    for _, purpose in held:
        _bump(person.school_id, purpose)
    return _receipt(person, destroyed, cause)


def _receipt(person: Person, destroyed: int, cause: str) -> Erasure:
    facts = {"keys_destroyed": destroyed, "cause": cause}
    entry = record("face.erased", subject=person.id, facts=facts, personal={})
    return Erasure(person.id, destroyed, entry.sequence)


@transaction.atomic
def erase_faces_of(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase every template of several persons at once. Return how many templates there were."""
    return _erase_rows(
        list(Template.objects.filter(person_id__in=person_ids).select_related("person")), cause
    )


@transaction.atomic
def erase_unpermitted_faces(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase the templates of several persons that no permission is left for. Return how many.

    Call it after changing what permissions follow from: the guardians listed, a pupil turned staff.
    """
    held = Template.objects.filter(person_id__in=person_ids).select_related("person")
    return _erase_rows([row for row in held if not permission(row.person, row.purpose).granted], cause)


def _erase_rows(rows: Sequence[Template], cause: str) -> int:
    if rows:
        # One call for all: each call empties the write-ahead log of the key database.
        destroy_person_keys([row.key_id for row in rows])
        Template.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for school_id, purpose in sorted({(row.person.school_id, row.purpose) for row in rows}):
        _bump(school_id, purpose)
    facts = {"keys_destroyed": 1, "cause": cause}
    record_many([NewEntry("face.erased", row.person_id, facts, {}) for row in rows])
    return len(rows)


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
        look = engine.look(picture, purpose="enrolment")
    except FaceError as error:
        raise errors.frame_not_readable(error.code) from None
    with capture.lock:
        if look.face is not None:
            capture.faces.append(look.face)
        quality = round(look.quality.score) if look.quality else 0
        return CaptureState(look.hint.value, len(capture.faces), quality)


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


def finish_capture(capture_id: UUID, *, user: User) -> Template:
    """Turn a capture into an enrolled template, and forget it. A refused one may go on with more frames."""
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    with capture.lock:
        template = enrol(person, capture.purpose, list(capture.faces), user=user)
    captures.drop(capture_id)
    return template


def enrol(person: Person, purpose: str, faces: "Sequence[Face]", *, user: User | None) -> Template:
    """Enrol a person for a purpose from at least three good frames of one face.

    Raises Refused not_permitted, too_few_frames, several_people, already_enrolled, face_not_available.
    """
    engine = require_engine(person.school)
    live = live_gallery(person.school, purpose)
    refused = enough_of_one_person(_cosines(faces))
    if refused:
        raise errors.too_few_frames() if refused == "too_few_frames" else errors.several_people()
    rotated = [live.rotation.apply(face.template) for face in faces]
    alike = _lookalikes(live.gallery, rotated, person)
    key_id, key = create_person_key(person.id)
    try:
        with transaction.atomic():
            template = _store(person, purpose, rotated, (key_id, key), engine.model_id, user)
            _separate_lookalikes(template, alike)
            return template
    except BaseException:
        destroy_person_keys([key_id])  # a key without a template must not outlive the attempt
        raise


def _cosines(faces: "Sequence[Face]") -> list[list[float]]:
    vectors = [face.template.vector for face in faces]
    return [[float(one @ other) for other in vectors] for one in vectors]


def _lookalikes(gallery: "Gallery", rotated: "Sequence[FaceTemplate]", person: Person) -> set[UUID]:
    """Return the enrolled persons whom the engine would take for this one, or this one for them."""
    from willing.face import Policy

    threshold = Policy().threshold(len(gallery))
    found = {
        UUID(candidate.person)
        for template in rotated
        for candidate in gallery.identify(template, top=5)
        if candidate.score >= threshold
    }
    return found - {person.id}


def _store(
    person: Person,
    purpose: str,
    rotated: "Sequence[FaceTemplate]",
    keyed: tuple[UUID, bytes],
    model_id: str,
    user: User | None,
) -> Template:
    import numpy as np

    from willing.face.protect import seal

    # Locked, so that a withdrawal at the same moment is either seen here or erases what is written here.
    locked = Person.objects.select_for_update().select_related("school").get(pk=person.pk)
    granted = _require_permission(locked, purpose)
    if Template.objects.filter(person=locked, purpose=purpose).exists():
        raise errors.already_enrolled()
    key_id, key = keyed
    template = Template(
        person=locked,
        purpose=purpose,
        key_id=key_id,
        model_id=model_id,
        references=len(rotated),
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
        enrolled_by=user,
        enrolled_at=now(),
    )
    rotation = live_gallery(locked.school, purpose).rotation
    template.sealed = seal(np.stack([one.vector for one in rotated]), key, seal_context(template, rotation))
    template.save(force_insert=True)
    _bump(locked.school_id, purpose)
    facts = {
        "purpose": purpose,
        "references": len(rotated),
        "model": model_id,
        "by": user.pk if user else None,
    }
    record("face.enrolled", subject=locked.id, facts=facts, personal={})
    return template


def _separate_lookalikes(template: Template, alike: set[UUID]) -> None:
    """Take persons whom the engine cannot tell apart out of 1:N search, all of them (promise 8)."""
    if not alike:
        return
    pair = Template.objects.filter(purpose=template.purpose, person_id__in=[*alike, template.person_id])
    pair.update(mode=Template.Mode.VERIFY)
    template.mode = Template.Mode.VERIFY
    _bump(template.person.school_id, template.purpose)
    for person_id in sorted(alike | {template.person_id}):
        record("face.lookalike", subject=person_id, facts={"purpose": template.purpose}, personal={})


@dataclass(frozen=True)
class SessionRequest:
    """A press on "use my face": the session's id, the terminal, what it is for, and the purpose."""

    id: UUID
    place: UUID
    deed: UUID
    purpose: str


@transaction.atomic
def open_session(school: School, request: SessionRequest) -> FaceSession:
    """Open a face session after a press. The same request again returns the same session."""
    require_engine(school)
    close_overdue_sessions(place=request.place)
    earlier = FaceSession.objects.filter(pk=request.id, place=request.place, deed=request.deed).first()
    if earlier is not None:
        return earlier
    if FaceSession.objects.filter(place=request.place, state=FaceSession.State.OPEN).exists():
        raise errors.session_open()
    opened_at = now()
    session = FaceSession.objects.create(
        id=request.id,
        school=school,
        purpose=request.purpose,
        place=request.place,
        deed=request.deed,
        opened_at=opened_at,
        ends_at=session_end(opened_at, None),
    )
    facts = {"place": str(request.place), "purpose": request.purpose}
    record("face.session_opened", subject=session.id, facts=facts, personal={})
    return session


@dataclass(frozen=True)
class Looked:
    """What a frame brought: a hint while the session goes on, or the engine's decision."""

    hint: str
    decision: "FaceDecision | None" = None


def look_at_frame(session_id: UUID, picture: bytes, *, place: UUID) -> Looked:
    """Look at one frame of an open session. Writes nothing but the time of the first frame.

    Raises Refused session_closed for a session that is closed, over, or another terminal's, before the
    picture is even decoded; frame_not_readable for bytes that are no picture.
    """
    session = _require_open(session_id, place)
    _stop_if_locked(session)
    engine = require_engine(session.school)
    from willing.face import FaceError, Hint  # only once the engine is known to be there

    live = live_gallery(session.school, session.purpose)
    held = _looking(session, live.gallery)
    with held.lock:
        try:
            look = engine.look(picture, purpose="till")
        except FaceError as error:
            raise errors.frame_not_readable(error.code) from None
        if look.hint is Hint.SEVERAL_FACES:
            held.evidence.reset()  # whose frames the earlier ones were is no longer sure
        if look.face is None:
            return Looked(look.hint.value)
        decision = held.evidence.add(live.rotation.apply(look.face.template))
    return Looked(look.hint.value, decision)


def _require_open(session_id: UUID, place: UUID) -> FaceSession:
    session = find_session(session_id, place=place)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    if session.ends_at <= now():
        close_overdue_sessions(place=place)
        raise errors.session_closed()
    if session.first_frame_at is None:
        first = now()
        FaceSession.objects.filter(pk=session.pk, first_frame_at__isnull=True).update(
            first_frame_at=first, ends_at=session_end(session.opened_at, first)
        )
    return session


def _stop_if_locked(session: FaceSession) -> None:
    """Close a session of a school whose faces were locked meanwhile. Raises Refused face_locked."""
    if not lock_of(session.school).is_unlocked:
        stop_session(session.id, place=session.place)
        require_unlocked(session.school)


def _looking(session: FaceSession, gallery: "Gallery") -> Looking:
    from willing.face import Evidence

    held = looking.find(session.id)
    if held is None:
        held = Looking(Evidence(gallery))
        looking.put(session.id, held)
    return held


@transaction.atomic
def conclude_session(session_id: UUID, decision: "FaceDecision", *, place: UUID) -> FaceSession:
    """Close a session with the engine's decision, believing a match only where it is still permitted."""
    session = FaceSession.objects.select_for_update().filter(pk=session_id, place=place).first()
    looking.drop(session_id)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    state, person = FaceSession.State(_STATES[decision.outcome.value]), None
    if state is FaceSession.State.MATCHED:
        person = _find_permitted(UUID(str(decision.person)), session)
        state = state if person else FaceSession.State.UNKNOWN
    _close(session, state, person)
    return session


_STATES = {"match": "matched", "ambiguous": "ambiguous", "unknown": "unknown"}


def _find_permitted(person_id: UUID, session: FaceSession) -> Person | None:
    # Between the frame and this line the key may have gone; the database has the last word.
    template = (
        Template.objects.filter(
            person_id=person_id,
            person__school_id=session.school_id,
            purpose=session.purpose,
            mode=Template.Mode.IDENTIFY,
        )
        .select_related("person")
        .first()
    )
    if template is None or not key_exists(template.key_id) or not lock_of(session.school).is_unlocked:
        return None
    return template.person if permission(template.person, session.purpose).granted else None


def _close(session: FaceSession, state: str, person: Person | None) -> None:
    session.state, session.person, session.closed_at = state, person, now()
    session.save(update_fields=["state", "person", "closed_at"])
    looking.drop(session.id)
    facts = {"session": str(session.id), "outcome": state, "place": str(session.place)}
    record("face.session_closed", subject=person.id if person else session.id, facts=facts, personal={})


@transaction.atomic
def stop_session(session_id: UUID, *, place: UUID) -> FaceSession:
    """Close a session without an answer: cancelled, camera refused or gone. Twice changes nothing."""
    session = FaceSession.objects.select_for_update().filter(pk=session_id, place=place).first()
    if session is None:
        raise errors.session_closed()
    if session.state == FaceSession.State.OPEN:
        _close(session, FaceSession.State.STOPPED, None)
    return session


@transaction.atomic
def lock_faces(school: School, *, reason: str, by: User) -> HandLock:
    """Lock faces by hand and close every camera that is open. Raises Refused not_the_dpo, reason_missing."""
    turned = assessment.turn_lock(school, is_locked=True, reason=reason, by=by)
    open_now = FaceSession.objects.select_for_update().filter(school=school, state=FaceSession.State.OPEN)
    for session in open_now:
        _close(session, FaceSession.State.STOPPED, None)
    return turned


@transaction.atomic
def close_overdue_sessions(*, place: UUID | None = None) -> int:
    """Close the sessions whose time is over, as not recognised. Return how many."""
    overdue = FaceSession.objects.select_for_update().filter(state=FaceSession.State.OPEN, ends_at__lte=now())
    if place is not None:
        overdue = overdue.filter(place=place)
    sessions = list(overdue)
    for session in sessions:
        _close(session, FaceSession.State.UNKNOWN, None)
    return len(sessions)


@dataclass(frozen=True)
class Sweep:
    """What a sweep found and ended."""

    unpermitted: int
    overdue: int
    unreadable: int
    orphan_keys: int
    sessions: int

    @property
    def found_anything(self) -> bool:
        """True where something was left that should not have been."""
        return any((self.unpermitted, self.overdue, self.unreadable, self.orphan_keys))


def sweep() -> Sweep:
    """End everything that has lost its ground: run nightly, and after a restored backup.

    Idempotent and resumable: each person is done in a transaction of their own.
    """
    counts = {"unpermitted": 0, "overdue": 0, "unreadable": 0}
    live_keys = key_ids()
    for template in Template.objects.select_related("person__school").defer("sealed").iterator():
        cause = _cause_to_end(template, live_keys)
        if cause:
            counts[cause] += 1
            with transaction.atomic():
                _erase(template.person, [template.purpose], cause=f"sweep.{cause}")
    used = set(Template.objects.values_list("key_id", flat=True))
    # An enrolment creates its key a moment before its template, so only older keys are orphans.
    settled = now() - timedelta(minutes=10)
    orphans = [key_id for key_id in key_ids(created_before=settled) if key_id not in used]
    destroyed = destroy_person_keys(orphans) if orphans else 0
    done = Sweep(**counts, orphan_keys=destroyed, sessions=close_overdue_sessions())
    with transaction.atomic():
        facts = {**counts, "orphan_keys": destroyed, "sessions": done.sessions}
        record("face.swept", subject=None, facts=facts, personal={})
    return done


def _cause_to_end(template: Template, live_keys: dict[UUID, UUID]) -> str | None:
    if template.key_id not in live_keys:
        return "unreadable"
    if not permission(template.person, template.purpose).granted:
        return "unpermitted"
    profile = require_profile(template.person.school.legal_profile)
    keeping = Keeping(profile.keep_days_max, profile.unused_days_max)
    last = uses_of_face(template.person).filter(purpose=template.purpose).first()
    used_at = last.opened_at if last else None
    return "overdue" if is_overdue(template.enrolled_at, used_at, keeping, now()) else None
