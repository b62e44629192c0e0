"""The only writers of templates and face sessions, and the deeds that span consent and faces."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Q, QuerySet

from willing.assessment import actions as assessment
from willing.assessment.models import HandLock
from willing.assessment.queries import lock_of, require_unlocked
from willing.audit.actions import record, record_now
from willing.audit.clock_state import believed, recorded_before, require_clock
from willing.audit.journal import note
from willing.biometrics import errors
from willing.biometrics.ageing import note_own_score
from willing.biometrics.alike import Found, Pair, find_alike, note_alike
from willing.biometrics.engine import require_engine
from willing.biometrics.erasure import Erasure, erase_templates, finish_erasures
from willing.biometrics.gallery import find_gallery_of_one, live_gallery, seal_references
from willing.biometrics.generations import invalidate_gallery, lock_gallery
from willing.biometrics.models import FaceSession, GalleryState, Template
from willing.biometrics.queries import filing_of, find_session, mode_of, usable_template, uses_of_face
from willing.biometrics.rules import (
    Filing,
    Keeping,
    enough_of_one_person,
    is_overdue,
    is_same_picture,
    session_bounds,
    session_end,
)
from willing.biometrics.sessions import Capture, Looking, captures, looking
from willing.consent import actions as consent
from willing.consent import errors as consent_errors
from willing.consent.models import SERVED_PURPOSES, Answer, Decision
from willing.consent.profiles import require_profile
from willing.consent.queries import latest_decision, own_reader, permission, require_notice
from willing.consent.rules import Permission
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.numbers import next_number
from willing.core.transactions import atomic, lock
from willing.keys.actions import (
    create_person_key,
    destroy_older_gallery_secrets,
    destroy_person_keys,
    gallery_secret_exists,
    key_exists,
    key_ids,
    newest_gallery_secret,
)
from willing.keys.errors import KeysUnavailable
from willing.people.models import Guardian, Person, School, User

log = logging.getLogger("willing.biometrics")

if TYPE_CHECKING:
    from willing.face import Decision as FaceDecision
    from willing.face import Face


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


@atomic
def decide(word: consent.Decided) -> Decided:
    """Record somebody's word and, where no permission is left after it, erase the template at once.

    A yes to a notice that had changed lets a suspended template be compared again.
    """
    decision = consent.record_decision(word)
    erasure = None
    if not permission(word.person, word.purpose).keeps_template(now()):
        erasure = erase(word.person, [word.purpose], cause=f"consent.{word.answer}")
    rest_anew(Template.objects.filter(person=word.person, purpose=word.purpose))
    return Decided(decision, erasure)


def rest_anew(rows: QuerySet[Template]) -> None:
    """Let templates rest on the decisions that permit them today, so that a search finds them again."""
    for row in rows.select_related("person").defer("sealed"):
        found = permission(row.person, row.purpose)
        rests_on = (found.own_decision, found.guardian_decision)
        if found.granted and rests_on != (row.own_decision_id, row.guardian_decision_id):
            Template.objects.filter(pk=row.pk).update(
                own_decision_id=found.own_decision, guardian_decision_id=found.guardian_decision
            )
            invalidate_gallery(row.person.school_id, row.purpose)


@atomic
def publish_notices() -> int:
    """Publish changed notices, and take out of every search whom a material change suspends at once.

    Return how many were new. What is suspended is erased by the sweep unless it is agreed to anew in time.
    """
    published = consent.publish_notices()
    rest_anew(Template.objects.all())  # another guardian's yes may be to a text that did not change
    for row in Template.objects.values("person__school_id", "purpose").distinct():
        invalidate_gallery(row["person__school_id"], row["purpose"])
    return published


@dataclass(frozen=True)
class SaidNo:
    """What a no that staff were told changed: how many decisions it added, and the receipt of an erasure."""

    decisions: int
    erasure: Erasure | None


@atomic
def say_no(person: Person, guardian: Guardian | None, *, by: User) -> SaidNo:
    """Take a no that any member of staff was told, for every purpose, and erase what nothing permits now.

    guardian: who said it, by telephone or in passing; None where it is the person's own no, at any age.
    """
    added = consent.record_no(person, guardian, by=by)
    held = Template.objects.filter(person=person).values_list("purpose", flat=True)
    ended = [one for one in held if not permission(person, one).keeps_template(now())]
    return SaidNo(len(added), erase(person, ended, cause="consent.no") if ended else None)


@atomic
def stop_using_face(person: Person, *, channel: str, recorded_by: User | None) -> Erasure:
    """Record the person's own withdrawal for every purpose they agreed to, and erase every template.

    Raises Refused no_face_to_erase where there is neither a template nor a yes to withdraw.
    """
    found = Template.objects.filter(person=person).exists()
    for purpose in SERVED_PURPOSES:
        last = latest_decision(person, purpose, None)
        if last and last.answer == Answer.YES:
            found = True
            notice = require_notice(purpose, own_reader(person), "en")
            word = consent.Decided(
                person, purpose, Answer.WITHDRAWN, notice, channel, recorded_by=recorded_by
            )
            consent.record_decision(word)
    if not found:
        raise errors.no_face_to_erase()
    erasure = erase(person, list(SERVED_PURPOSES), cause="stopped")
    if erasure is None:
        facts = {"keys_destroyed": 0, "cause": "stopped"}
        entry = record_now("face.erased", subject=person.id, facts=facts, personal={})
        erasure = Erasure(person.id, log_sequence=entry.sequence)
    return erasure


@atomic
def erase_faces(person: Person, *, cause: str) -> Erasure | None:
    """Erase every template of a person. Return the receipt, or None where there was nothing."""
    return erase(person, None, cause=cause)


def erase(person: Person, purposes: Sequence[str] | None, *, cause: str) -> Erasure | None:
    """Erase a person's templates for some purposes (None: all), inside the caller's transaction."""
    rows = Template.objects.filter(person=person).select_related("person").defer("sealed")
    if purposes is not None:
        rows = rows.filter(purpose__in=purposes)
    receipts = erase_templates(list(rows), cause)
    return receipts[0] if receipts else None


@atomic
def erase_faces_of(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase every template of several persons at once. Return how many templates there were."""
    return _erase_all(Template.objects.filter(person_id__in=person_ids), cause)


@atomic
def erase_unpermitted_faces(person_ids: Sequence[UUID], *, cause: str) -> int:
    """Erase the templates of several persons that no permission is left for. Return how many.

    Call it after changing what permissions follow from: the guardians listed, a pupil turned staff.
    """
    held = Template.objects.filter(person_id__in=person_ids).select_related("person").defer("sealed")
    ended = [row for row in held if not permission(row.person, row.purpose).keeps_template(now())]
    erase_templates(ended, cause)
    return len(ended)


def _erase_all(rows: QuerySet[Template], cause: str) -> int:
    found = list(rows.select_related("person").defer("sealed"))
    erase_templates(found, cause)
    return len(found)


@atomic
def suspend_face(person: Person, *, reason: str, by: User | None, purpose: str | None = None) -> int:
    """Let templates of a person (for `purpose`, or all) be compared with nobody. Return how many.

    reason: one of Template.Suspension. Every process stops matching them before its next answer. Suspending
    again changes nothing. Raises Refused nothing_to_suspend.
    """
    held = _templates_to_change(person, purpose)
    now_suspended = [row for row in held if row.suspended_at is None]
    _set_suspension(now_suspended, suspended_at=now(), suspended_for=Template.Suspension(reason).value)
    facts = {"reason": reason, "by": by.pk if by else None}
    for row in now_suspended:
        facts["purpose"] = row.purpose
        record("face.suspended", subject=person.id, facts=facts, personal={})
        paused = {"person": str(person.id), "purpose": row.purpose, "reason": reason}
        note("face.suspended", paused)
    return len(now_suspended)


@atomic
def resume_face(person: Person, *, by: User | None, purpose: str | None = None) -> int:
    """Let suspended templates of a person be compared again. Return how many; resuming again changes nothing.

    Raises Refused nothing_to_suspend.
    """
    suspended = [row for row in _templates_to_change(person, purpose) if row.suspended_at is not None]
    _set_suspension(suspended, suspended_at=None, suspended_for="")
    for row in suspended:
        facts = {"purpose": row.purpose, "by": by.pk if by else None}
        record("face.resumed", subject=person.id, facts=facts, personal={})
    return len(suspended)


def _templates_to_change(person: Person, purpose: str | None) -> list[Template]:
    rows = lock(Template.objects).filter(person=person).defer("sealed")
    held = list(rows.filter(purpose=purpose) if purpose else rows)
    if not held:
        raise errors.nothing_to_suspend()
    return held


def _set_suspension(rows: Sequence[Template], **fields: object) -> None:
    Template.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
    for row in rows:
        invalidate_gallery(row.person.school_id, row.purpose)


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


def finish_capture(capture_id: UUID, *, user: User) -> Template:
    """Turn a capture into an enrolled template, and forget it. A refused one may go on with more frames."""
    capture = _require_capture(capture_id, user)
    person = Person.objects.select_related("school").get(pk=capture.person_id)
    with capture.lock:
        template = enrol(person, capture.purpose, list(capture.faces), user=user)
    captures.drop(capture_id)
    return template


def enrol(person: Person, purpose: str, faces: "Sequence[Face]", *, user: User | None) -> Template:
    """Enrol a person for a purpose from at least three good frames of one face; the best five are kept.

    Raises Refused not_permitted, too_few_frames, several_people, already_enrolled, face_not_available,
    filing_missing.
    """
    engine = require_engine(person.school)
    refused = enough_of_one_person(_cosines(faces))
    if refused:
        raise errors.too_few_frames() if refused == "too_few_frames" else errors.several_people()
    from willing.face import choose_references

    new = _NewTemplate(purpose, choose_references(faces), engine.model_id, user)
    live_gallery(person.school, purpose)  # built here, where it keeps nobody waiting
    try:
        key_id, key = create_person_key(person.id)
    except KeysUnavailable:
        raise errors.face_not_available() from None
    try:
        return _store(person, new, (key_id, key))
    except BaseException:
        with suppress(KeysUnavailable):  # the nightly job destroys keys that seal nothing
            destroy_person_keys([key_id])  # a key without a template must not outlive the attempt
        raise


@dataclass(frozen=True)
class _NewTemplate:
    """What a template is made of."""

    purpose: str
    faces: "Sequence[Face]"
    model_id: str
    user: User | None


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
    lock_gallery(locked.school_id, new.purpose)  # two who look alike are enrolled one after the other
    live = live_gallery(locked.school, new.purpose)
    rotated = [live.rotation.apply(face.reference) for face in new.faces]
    alike = find_alike(live, rotated, locked)
    template = Template(
        person=locked,
        purpose=new.purpose,
        key_id=keyed[0],
        model_id=new.model_id,
        references=len(rotated),
        own_decision_id=granted.own_decision,
        guardian_decision_id=granted.guardian_decision,
        enrolled_by=new.user,
        enrolled_at=now(),
    )
    template.sealed = seal_references(template, rotated, keyed[1], live.rotation)
    template.save(force_insert=True)
    invalidate_gallery(locked.school_id, new.purpose)
    facts = {
        "purpose": new.purpose,
        "references": len(rotated),
        "model": new.model_id,
        "by": new.user.pk if new.user else None,
    }
    record("face.enrolled", subject=locked.id, facts=facts, personal={})
    if alike:
        _separate(template, alike)
    return template


def _require_filing(person: Person) -> None:
    """Refuse one more person where as many are enrolled as the law allows without a filing."""
    if not Template.objects.filter(person=person).exists() and filing_of(person.school) == Filing.STOPPED:
        raise errors.filing_missing()


def _separate(template: Template, alike: "Sequence[Found]") -> None:
    """Take persons whom the engine cannot tell apart out of 1:N search, all of them (promise 8)."""
    note_alike([Pair(template.id, other.template_id, other.likeness) for other in alike])
    apart = Template.objects.filter(pk__in=[template.id, *(other.template_id for other in alike)])
    apart.update(mode=Template.Mode.VERIFY)
    template.mode = Template.Mode.VERIFY
    invalidate_gallery(template.person.school_id, template.purpose)
    for person_id in sorted(apart.values_list("person_id", flat=True)):
        record("face.lookalike", subject=person_id, facts={"purpose": template.purpose}, personal={})


@dataclass(frozen=True)
class SessionRequest:
    """A press on "use my face": the session's id, the terminal, what it is for, and the purpose.

    claimed: whom a card, a code or a PIN has named; the frames are then compared with that one person (1:1).
    """

    id: UUID
    place: UUID
    deed: UUID
    purpose: str
    claimed: Person | None = None


@atomic
def open_session(school: School, request: SessionRequest) -> FaceSession:
    """Open a face session after a press. The same request again returns the same session.

    The caller holds the lock on what the session is for (the basket), so that its sessions have an order.
    Raises Refused session_open; claim_first where a face alone identifies nobody here; face_not_usable where
    the claimed person has nothing to compare with.
    """
    require_engine(school)
    close_overdue_sessions(place=request.place)
    earlier = FaceSession.objects.filter(pk=request.id, place=request.place, deed=request.deed).first()
    if earlier is not None:
        return earlier
    if FaceSession.objects.filter(place=request.place, state=FaceSession.State.OPEN).exists():
        raise errors.session_open()
    _require_mode(school, request)
    opened_at = now()
    session = FaceSession.objects.create(
        id=request.id,
        school=school,
        purpose=request.purpose,
        place=request.place,
        deed=request.deed,
        number=next_number(FaceSession.objects.filter(deed=request.deed)),
        mode=Template.Mode.VERIFY if request.claimed else Template.Mode.IDENTIFY,
        claimed=request.claimed,
        opened_at=opened_at,
        ends_at=session_end(opened_at, None),
    )
    facts = {"place": str(request.place), "purpose": request.purpose, "mode": session.mode}
    record("face.session_opened", subject=session.id, facts=facts, personal={})
    return session


def _require_mode(school: School, request: SessionRequest) -> None:
    if request.claimed is None:
        if mode_of(school) != Template.Mode.IDENTIFY:
            raise errors.claim_first()
    elif usable_template(request.claimed, request.purpose) is None:
        raise errors.face_not_usable()


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

    seen = _looking(session, engine.model_id)
    if seen is None:
        return Looked(Hint.OK.value, _no_answer())
    with seen.lock:
        try:
            look = engine.process_frame(picture, purpose="till")
        except FaceError as error:
            raise errors.frame_not_readable(error.code) from None
        if look.hint is Hint.SEVERAL_FACES:
            seen.evidence.reset()  # whose frames the earlier ones were is no longer sure
        if look.face is None:
            return Looked(look.hint.value)
        decision = seen.evidence.add(seen.held.rotation.apply(look.face.template))
    return Looked(look.hint.value, decision)


def _require_open(session_id: UUID, place: UUID) -> FaceSession:
    session = find_session(session_id, place=place)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    after, until = session_bounds(now())
    if not after < session.ends_at <= until:
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


def _looking(session: FaceSession, model_id: str) -> Looking | None:
    """Return what a session holds, begun anew where the gallery's secret was replaced meanwhile.

    None where the claimed person has nothing left to compare with.
    """
    from willing.face import Evidence

    seen = looking.find(session.id)
    if session.claimed is not None:
        # Asked for with each frame: what is erased or suspended is compared with nothing more (promise 4).
        template = usable_template(session.claimed, session.purpose)
        held = find_gallery_of_one(template, model_id) if template else None
        if held is None:
            return None
        if seen is None or seen.held.secret_id != held.secret_id:
            seen = Looking(Evidence(held.gallery, person=str(session.claimed_id)), held)
            looking.put(session.id, seen)
        return seen
    held = live_gallery(session.school, session.purpose).held_now
    if seen is None or seen.held is not held:
        seen = Looking(Evidence(held.gallery), held)
        looking.put(session.id, seen)
    return seen


def _no_answer() -> "FaceDecision":
    from willing.face import Decision, Outcome

    return Decision(Outcome.UNKNOWN, None, 0.0, 0.0, 0, 1.0, 1.0, ("not_enrolled",))


@atomic
def conclude_session(session_id: UUID, decision: "FaceDecision", *, place: UUID) -> FaceSession:
    """Close a session with the engine's decision, believing a match only where it is still permitted."""
    session = lock(FaceSession.objects).filter(pk=session_id, place=place).first()
    looking.drop(session_id)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    state, person = FaceSession.State(_STATES[decision.outcome.value]), None
    if state is FaceSession.State.MATCHED:
        template = _find_permitted(UUID(str(decision.person)), session)
        if template is None:
            state = FaceSession.State.UNKNOWN
        else:
            person = template.person
            note_own_score(template, decision.score)
    _close(session, state, person)
    return session


_STATES = {"match": "matched", "ambiguous": "ambiguous", "unknown": "unknown"}


def _find_permitted(person_id: UUID, session: FaceSession) -> Template | None:
    # Between the frame and this line the key may have gone; the database has the last word.
    rows = Template.objects.filter(
        person_id=person_id,
        person__school_id=session.school_id,
        purpose=session.purpose,
        suspended_at=None,
    )
    if session.mode == Template.Mode.VERIFY:
        rows = rows.filter(person=session.claimed)
    elif mode_of(session.school) == Template.Mode.IDENTIFY:
        rows = rows.filter(mode=Template.Mode.IDENTIFY)
    else:
        return None
    template = rows.select_related("person").first()
    if template is None or not _has_key(template) or not lock_of(session.school).is_unlocked:
        return None
    return template if permission(template.person, session.purpose).granted else None


def _has_key(template: Template) -> bool:
    try:
        return key_exists(template.key_id)
    except KeysUnavailable:
        return False


def _close(session: FaceSession, state: str, person: Person | None) -> None:
    session.state, session.person, session.closed_at = state, person, now()
    session.claimed = None
    session.save(update_fields=["state", "person", "closed_at", "claimed"])
    looking.drop(session.id)
    facts = {"session": str(session.id), "outcome": state, "place": str(session.place), "mode": session.mode}
    record("face.session_closed", subject=person.id if person else session.id, facts=facts, personal={})


@atomic
def stop_session(session_id: UUID, *, place: UUID) -> FaceSession:
    """Close a session without an answer: cancelled, camera refused or gone. Twice changes nothing."""
    session = lock(FaceSession.objects).filter(pk=session_id, place=place).first()
    if session is None:
        raise errors.session_closed()
    if session.state == FaceSession.State.OPEN:
        _close(session, FaceSession.State.STOPPED, None)
    return session


@atomic
def lock_faces(school: School, *, reason: str, by: User) -> HandLock:
    """Lock faces by hand and close every camera that is open. Raises Refused not_the_dpo, reason_missing."""
    turned = assessment.turn_lock(school, is_locked=True, reason=reason, by=by)
    open_now = lock(FaceSession.objects).filter(school=school, state=FaceSession.State.OPEN)
    for session in open_now:
        _close(session, FaceSession.State.STOPPED, None)
    return turned


@atomic
def close_overdue_sessions(*, place: UUID | None = None) -> int:
    """Close the sessions whose time is over, as not recognised. Return how many."""
    after, until = session_bounds(now())
    over = Q(ends_at__lte=after) | Q(ends_at__gt=until)
    overdue = lock(FaceSession.objects).filter(over, state=FaceSession.State.OPEN)
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
    Raises Refused clock_behind; KeysUnavailable; KeysLost, before anything is deleted, where so many
    templates have lost their keys at once that it is rather the keys that were lost: a person decides then
    (`delete_unreadable`).
    """
    require_clock()  # nothing is deleted by a clock that is known to be wrong
    finish_erasures()
    unreadable = count_unreadable()
    if unreadable > LOST_AT_ONCE_MAX:
        raise KeysLost(unreadable)
    return _sweep()


# Erasing deletes a template before its key, so no crash leaves a template whose key is gone; only an old copy
# of one database does, or a lost one. A few are an erasure or two since the copy; dozens are lost keys.
LOST_AT_ONCE_MAX = 3


class KeysLost(Exception):
    """More templates than a crash explains have lost their keys; nothing was deleted."""

    def __init__(self, templates: int) -> None:
        super().__init__(
            f"{templates} templates have lost their keys at once, so no template was deleted. If the keys' "
            "database was lost or is an old copy, put the right one back. If the main database is a copy "
            f"from before erasures, run: willing biometrics delete-unreadable --count {templates}"
        )
        self.templates = templates


def count_unreadable() -> int:
    """Return how many templates nothing can open any more: their own key or their gallery's secret is gone.

    Raises KeysUnavailable.
    """
    live_keys = key_ids()
    lost = {
        (state.school_id, state.purpose)
        for state in GalleryState.objects.all()
        if not gallery_secret_exists(state.secret_id)
    }
    rows = Template.objects.values_list("key_id", "person__school_id", "purpose")
    return sum(key_id not in live_keys or (school, purpose) in lost for key_id, school, purpose in rows)


def delete_unreadable(*, expected: int) -> int:
    """Delete the templates that nothing can open any more, after a person has decided so. Return how many.

    expected: how many that person was told; another number is refused (ValueError). Raises KeysUnavailable.
    """
    found = count_unreadable()
    if found != expected:
        raise ValueError(f"there are {found} unreadable templates, not {expected}; nothing was deleted")
    _confirm_deletion(found)
    return _sweep().unreadable


@atomic
def _confirm_deletion(templates: int) -> None:
    facts = {"templates": templates}
    record("face.unreadable_deletion_confirmed", subject=None, facts=facts, personal={})


def _sweep() -> Sweep:
    counts = {"unpermitted": 0, "overdue": 0, "unreadable": 0}
    counts["unreadable"] += _end_lost_galleries()
    _destroy_unused_secrets()
    live_keys = key_ids()
    for template in Template.objects.select_related("person__school").defer("sealed").iterator():
        cause = _cause_to_end(template, live_keys)
        if cause:
            counts[cause] += 1
            atomic(erase)(template.person, [template.purpose], cause=f"sweep.{cause}")
    used = set(Template.objects.values_list("key_id", flat=True))
    signed_forms = Decision.objects.exclude(paper_id=None).values_list("paper_id", flat=True)
    used |= {paper_id for paper_id in signed_forms if paper_id}
    # An enrolment creates its key a moment before its template, so only older keys are orphans.
    settled = now() - timedelta(minutes=10)
    orphans = [key_id for key_id in key_ids(created_before=settled) if key_id not in used]
    destroyed = destroy_person_keys(orphans) if orphans else 0
    done = Sweep(**counts, orphan_keys=destroyed, sessions=close_overdue_sessions())
    facts = {**counts, "orphan_keys": destroyed, "sessions": done.sessions}
    atomic(record)("face.swept", subject=None, facts=facts, personal={})
    return done


def _destroy_unused_secrets() -> None:
    """Destroy the secrets that a reissue left which was killed between its last gallery and its end."""
    used: dict[UUID, set[UUID]] = {}
    for state in GalleryState.objects.all():
        used.setdefault(state.school_id, set()).add(state.secret_id)
    for school_id, secrets in used.items():
        destroy_older_gallery_secrets(school_id, secrets)


def _end_lost_galleries() -> int:
    """Erase the templates of galleries whose secret was replaced after this database was saved (a backup)."""
    ended = 0
    for state in GalleryState.objects.select_related("school"):
        if not gallery_secret_exists(state.secret_id):
            ended += _end_lost_gallery(state)
    return ended


@atomic
def _end_lost_gallery(state: GalleryState) -> int:
    rows = Template.objects.filter(person__school=state.school, purpose=state.purpose)
    ended = _erase_all(rows, "sweep.unreadable")
    newest = newest_gallery_secret(state.school_id)
    GalleryState.objects.filter(pk=state.pk).update(secret_id=newest, generation=F("generation") + 1)
    return ended


def _cause_to_end(template: Template, live_keys: dict[UUID, UUID]) -> str | None:
    if template.key_id not in live_keys:
        return "unreadable"
    if not permission(template.person, template.purpose).keeps_template(now()):
        return "unpermitted"
    profile = require_profile(template.person.school.legal_profile)
    keeping = Keeping(profile.keep_days_max, profile.unused_days_max)
    unused_from = now() - timedelta(days=keeping.unused_days_max)
    uses = uses_of_face(template.person).filter(purpose=template.purpose)
    is_used = uses.exclude(recorded_before("opened_at", unused_from)).exists()
    age = now() - believed(template.enrolled_at)
    return "overdue" if is_overdue(age, keeping, is_used=is_used) else None
