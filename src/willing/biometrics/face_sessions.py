"""Face sessions: opened by a press, closed by an answer, a cancel or time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from willing.accounts.models import User
from willing.audit.actions import record
from willing.biometrics import card_processes, errors
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_search import CardSearch
from willing.biometrics.card_sessions import search_with_card
from willing.biometrics.engine import require_engine
from willing.biometrics.first_frames import note_first_frame
from willing.biometrics.frame_results import FrameOutcome, no_answer
from willing.biometrics.gallery import find_gallery_of_one, live_gallery
from willing.biometrics.gate_sessions import COUNTED_AT_NIGHT, blur
from willing.biometrics.memory import FaceSearch, searches, watches
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.pictures import count_finding, process_picture
from willing.biometrics.queries import (
    find_permitted,
    find_session,
    is_due_for_refresh,
    mode_as_read,
    usable_at,
    usable_template,
)
from willing.biometrics.refreshing import offer_refresh
from willing.biometrics.rules import session_bounds, session_end
from willing.biometrics.template_ageing import record_own_score
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.dpia import actions as assessment
from willing.dpia.models import ManualLock
from willing.dpia.queries import lock_of
from willing.people.models import Person, School
from willing.terminals.models import Terminal

if TYPE_CHECKING:
    from willing.face import Engine, FaceDecision


@dataclass(frozen=True)
class SessionRequest:
    """A press on "use my face": the session's id, the terminal, and what it is for.

    claimed: whom a card, a code or a PIN has named; the frames are then compared with that one person (1:1).
    card_id: the card that was read, where it was one.
    """

    id: UUID
    terminal: Terminal
    occasion_id: UUID
    claimed: Person | None = None
    card_id: UUID | None = None


@atomic
def open_session(school: School, request: SessionRequest) -> FaceSession:
    """Open a face session after a press. The same request again returns the same session.

    The caller holds the lock on what the session is for (the basket), so that its sessions have an order.
    Raises Refused session_open; claim_first where a face alone identifies nobody here; face_not_usable where
    the claimed person has nothing to compare with.
    """
    require_engine(school)
    terminal = request.terminal
    known = _of_occasion_or_open.all(occasion=request.occasion_id, terminal=request.terminal.id)
    for one in known:
        if one.terminal_id == request.terminal.id and _is_overdue(one):
            _close(one, FaceSession.State.UNKNOWN, None)
    earlier = [one for one in known if one.occasion_id == request.occasion_id]
    for one in earlier:
        if (one.id, one.terminal_id) == (request.id, request.terminal.id):
            return one
    if any(one.state == FaceSession.State.OPEN for one in known if one.terminal_id == request.terminal.id):
        raise errors.session_open()
    _require_mode(school, request)
    opened_at = now()
    session = FaceSession.objects.create(
        id=request.id,
        school=school,
        purpose=request.terminal.purpose,
        terminal_id=request.terminal.id,
        occasion_id=request.occasion_id,
        number=max((one.number for one in earlier), default=0) + 1,
        mode=Template.Mode.VERIFY if request.claimed else Template.Mode.IDENTIFY,
        claimed=request.claimed,
        opened_at=opened_at,
        expires_at=session_end(opened_at, None),
    )
    if session.purpose not in COUNTED_AT_NIGHT:
        facts = {"terminal": str(terminal.id), "purpose": terminal.purpose, "mode": session.mode}
        record("face.session_opened", subject=session.id, facts=facts, personal={})
    return session


@prepared
def _of_occasion_or_open(occasion: Parameter, terminal: Parameter) -> QuerySet[FaceSession]:
    is_open = Q(terminal_id=terminal, state=FaceSession.State.OPEN)
    return lock(FaceSession.objects).filter(Q(occasion_id=occasion) | is_open)


def _is_overdue(session: FaceSession) -> bool:
    after, until = session_bounds(now())
    return session.state == FaceSession.State.OPEN and not after < session.expires_at <= until


def _require_mode(school: School, request: SessionRequest) -> None:
    if request.claimed is None:
        if mode_as_read(school) != Template.Mode.IDENTIFY or not request.terminal.takes_central:
            raise errors.claim_first()
    elif usable_at(request.terminal, request.claimed, request.card_id) is None:
        raise errors.face_not_usable()


def process_frame(session_id: UUID, picture: bytes, *, terminal_id: UUID) -> FrameOutcome:
    """Look at one frame of an open session. Writes nothing but the time of the first frame.

    Raises Refused session_closed for a session that is closed, over, or another terminal's, before the
    picture is even decoded; frame_not_readable for bytes that are no picture.
    """
    session = _require_begun(session_id, terminal_id)
    engine = _require_engine(session)
    from willing.face import FaceError, Hint  # only once the engine is known to be there

    seen = _search_of(session, engine.model_id)
    if seen is None:
        return FrameOutcome(Hint.OK.value, session.occasion_id, no_answer())
    with seen.lock:
        try:
            step = process_picture(session, engine, seen, picture)
        except FaceError as error:
            raise errors.frame_not_readable(error.code) from None
        except ProcessFailed:
            return FrameOutcome(Hint.OK.value, session.occasion_id, no_answer())
    return FrameOutcome(step.hint.value, session.occasion_id, step.decision)


def require_open(session_id: UUID, terminal_id: UUID) -> FaceSession:
    """Return a session of this terminal that is open and not over. Raises Refused session_closed."""
    session = find_session(session_id, terminal_id=terminal_id)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    if _is_overdue(session):
        close_overdue_sessions(terminal_id=terminal_id)
        raise errors.session_closed()
    return session


def _require_begun(session_id: UUID, terminal_id: UUID) -> FaceSession:
    session = require_open(session_id, terminal_id)
    if session.first_frame_at is None:
        note_first_frame(session_id, terminal_id=terminal_id)
    return session


def _require_engine(session: FaceSession) -> "Engine":
    """Return the engine; a session of a school whose faces were locked meanwhile is closed by that."""
    try:
        return require_engine(session.school)
    except Refused:
        if not lock_of(session.school).is_unlocked:
            stop_session(session.id, terminal_id=session.terminal_id)
        raise


def _search_of(session: FaceSession, model_id: str) -> "FaceSearch | CardSearch | None":
    """Return what a session holds, begun anew where the gallery's secret was replaced meanwhile.

    None where the claimed person has nothing left to compare with.
    """
    from willing.face import Evidence
    from willing.face.refresh import Keeper

    seen = searches.find(session.id)
    if session.claimed is not None:
        # Asked for with each frame: what is erased or suspended is compared with nothing more (promise 4).
        template = usable_template(session.claimed, session.purpose)
        if template is not None and template.holder == Template.Holder.CARD:
            return search_with_card(session, template, model_id)
        held = find_gallery_of_one(template, model_id) if template else None
        if template is None or held is None:
            return None
        if seen is None or seen.held.secret_id != held.secret_id:
            keeper = Keeper() if is_due_for_refresh(template) else None
            seen = FaceSearch(Evidence(held.gallery, person=str(session.claimed_id)), held, keeper=keeper)
            searches.put(session.id, seen)
        return seen
    held = live_gallery(session.school, session.purpose).held_now
    if seen is None or seen.held is not held:
        seen = FaceSearch(Evidence(held.gallery), held)
        searches.put(session.id, seen)
    return seen


@atomic
def conclude_session(session_id: UUID, decision: "FaceDecision", *, terminal_id: UUID) -> FaceSession:
    """Close a session with the engine's decision, believing a match only where it is still permitted."""
    session = _locked_session.first(session=session_id, terminal=terminal_id)
    seen = searches.drop(session_id)
    if session is None or session.state != FaceSession.State.OPEN:
        raise errors.session_closed()
    state, person = FaceSession.State(_STATES[decision.outcome.value]), None
    if state is FaceSession.State.MATCHED:
        template = find_permitted(UUID(str(decision.person)), session)
        if template is None:
            state = FaceSession.State.UNKNOWN
        else:
            person = template.person
            record_own_score(template, decision.score)
            offer_refresh(session, template, seen)
    count_finding(session)
    _close(session, state, person)
    return session


@prepared
def _locked_session(session: Parameter, terminal: Parameter) -> QuerySet[FaceSession]:
    rows = lock(FaceSession.objects).select_related("school__face_rules")
    return rows.filter(pk=session, terminal_id=terminal)


_STATES = {"match": "matched", "ambiguous": "ambiguous", "unknown": "unknown"}


def _close(session: FaceSession, state: str, person: Person | None) -> None:
    session.state, session.person, session.closed_at = state, person, now()
    session.claimed = None
    if session.purpose in COUNTED_AT_NIGHT:
        blur(session)
    session.save(
        update_fields=[
            "state", "person", "closed_at", "claimed", "opened_at", "expires_at", "first_frame_at",
            "occasion_id", "number", "terminal",
        ]
    )  # fmt: skip
    searches.drop(session.id)
    watches.drop(session.id)
    card_processes.close(session.id)
    if session.purpose in COUNTED_AT_NIGHT:
        return
    facts = {
        "session": str(session.id),
        "outcome": state,
        "terminal": str(session.terminal_id),
        "mode": session.mode,
    }
    record("face.session_closed", subject=person.id if person else session.id, facts=facts, personal={})


@atomic
def stop_session(session_id: UUID, *, terminal_id: UUID) -> FaceSession:
    """Close a session without an answer: cancelled, camera refused or gone. Twice changes nothing."""
    session = lock(FaceSession.objects).filter(pk=session_id, terminal_id=terminal_id).first()
    if session is None:
        raise errors.session_closed()
    if session.state == FaceSession.State.OPEN:
        _close(session, FaceSession.State.STOPPED, None)
    return session


@atomic
def lock_faces(school: School, *, reason: str, by: User) -> ManualLock:
    """Lock faces by hand and close every camera that is open. Raises Refused not_the_dpo, reason_missing."""
    turned = assessment.set_manual_lock(school, is_locked=True, reason=reason, by=by)
    open_now = lock(FaceSession.objects).filter(school=school, state=FaceSession.State.OPEN)
    for session in open_now:
        _close(session, FaceSession.State.STOPPED, None)
    return turned


@atomic
def close_overdue_sessions(*, terminal_id: UUID | None = None) -> int:
    """Close the sessions whose time is over, as not recognised. Return how many."""
    after, until = session_bounds(now())
    over = Q(expires_at__lte=after) | Q(expires_at__gt=until)
    overdue = lock(FaceSession.objects).filter(over, state=FaceSession.State.OPEN)
    if terminal_id is not None:
        overdue = overdue.filter(terminal_id=terminal_id)
    sessions = list(overdue)
    for session in sessions:
        count_finding(session)  # a picture that was taken away before its answer
        _close(session, FaceSession.State.UNKNOWN, None)
    return len(sessions)


@atomic
def move_face_sessions(gone: Person, kept: Person) -> int:
    """Let the uses of a face of one record be another's: both are one person. Return how many."""
    return FaceSession.objects.filter(person=gone).update(person=kept)
