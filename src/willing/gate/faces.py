"""Through a lane by the face, after the pupil's press: with the card, or alone where a school may search.

It lets nobody through who could not pass otherwise, and refuses nobody: who has shown a card goes through
by it, whatever the camera says. Nothing is logged here; the night writes who used a gate that day.
"""

from dataclasses import dataclass
from uuid import UUID

from willing.biometrics import card_processes, face_sessions
from willing.biometrics.card_sessions import begin_card_session, open_with_share
from willing.biometrics.errors import session_closed
from willing.biometrics.face_sessions import (
    SessionRequest,
    conclude_session,
    open_session,
    process_frame,
)
from willing.biometrics.frame_results import FrameOutcome, no_answer
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import find_session, kinds_of, mode_as_read, usable_at
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, inside, lock
from willing.credentials.cards import find_live_card
from willing.credentials.errors import code_unknown
from willing.credentials.identification import record_failed_attempt, require_way_taken
from willing.gate.identification import require_open
from willing.gate.models import Lane, Passage, PassageWay
from willing.gate.passages import Press, record_passage
from willing.gate.wording import in_gate_words
from willing.people.models import Person
from willing.terminals.models import Terminal, Way


@dataclass(frozen=True)
class FaceAnswer:
    """What came of a frame, or of the end of a session. passage: None where nobody is known."""

    state: str
    hint: str = ""
    passage: Passage | None = None


def needs_card(lane: Lane) -> bool:
    """Say whether a card has to name the person first: one to one, as every school starts."""
    is_search = mode_as_read(lane.terminal.school) == Template.Mode.IDENTIFY
    return not (is_search and lane.terminal.takes_central)


def prepare_face(lane: Lane) -> None:
    """Let what opens a card's template start while the card is being shown, so that nobody waits for it.

    It knows nothing until then, and stops by itself where no card comes.
    """
    if lane.terminal.takes_card_held and Template.Holder.CARD in kinds_of(lane.terminal.school):
        card_processes.get_ready(lane.pk)


@in_gate_words
@atomic
def open_face(lane: Lane, press: Press, *, code: str = "") -> FaceSession:
    """Open the camera for one passage, on a press. The same press again returns the same session.

    code: of the card that was read. Raises Refused lane_closed, way_not_taken, code_unknown, claim_first,
    face_not_usable, session_open, session_closed, and what faces are locked for.
    """
    require_open(lane)
    require_way_taken(lane.terminal, Way.FACE)
    lock(Terminal.objects).get(pk=lane.pk)
    card = find_live_card(lane.terminal.school, code) if code else None
    if code and card is None:
        raise code_unknown()
    session_id = derive_id(press.id, "session")
    if FaceSession.objects.filter(pk=session_id).exclude(state=FaceSession.State.OPEN).exists():
        raise session_closed()
    request = SessionRequest(
        session_id,
        lane.terminal,
        press.id,
        card.person if card else None,
        card.id if card else None,
    )
    session = inside(open_session)(lane.terminal.school, request)
    if card is not None and session.state == FaceSession.State.OPEN:
        found = usable_at(lane.terminal, card.person, card.id)
        if found is not None and found.holder == Template.Holder.CARD:
            begin_card_session(session)
    return session


def note_unknown_card(lane: Lane) -> None:
    """Note that a card before the camera was nobody's."""
    record_failed_attempt(lane.terminal, Way.CARD, "code_unknown")


@in_gate_words
def submit_share(lane: Lane, session_id: UUID, share: str) -> FaceAnswer:
    """Take a card's share as the page has sealed it; one that opens nothing closes the session."""
    before = _require_open(lane, session_id)
    if open_with_share(before, share):
        return FaceAnswer("looking")
    return _conclude(lane, before, FrameOutcome("", before.occasion_id, no_answer()))


@in_gate_words
def submit_frame(lane: Lane, session_id: UUID, picture: bytes) -> FaceAnswer:
    """Look at one frame; on a match, write the passage down.

    Raises Refused session_closed, frame_not_readable, and where no card was shown what faces are locked for.
    A session whose time was over before this frame came, or of a school whose faces were locked meanwhile,
    is closed, and who had shown a card goes through.
    """
    before = _require_open(lane, session_id)
    try:
        seen = process_frame(session_id, picture, terminal_id=lane.pk)
        if seen.decision is None:
            return FaceAnswer("looking", seen.hint)
        return _conclude(lane, before, seen)
    except Refused as refused:
        if refused.code == "frame_not_readable" or before.claimed_id is None:
            raise
        face_sessions.stop_session(session_id, terminal_id=lane.pk)
        return FaceAnswer(FaceSession.State.UNKNOWN, "", _by_card(lane, before))


def _require_open(lane: Lane, session_id: UUID) -> FaceSession:
    """Return a session as it is while it names whom the card named. Raises Refused session_closed."""
    found = find_session(session_id, terminal_id=lane.pk)
    if found is None or found.state != FaceSession.State.OPEN:
        raise session_closed()
    return found


def _conclude(lane: Lane, before: FaceSession, seen: FrameOutcome) -> FaceAnswer:
    assert seen.decision is not None
    done = conclude_session(before.id, seen.decision, terminal_id=lane.pk)
    if done.state == FaceSession.State.MATCHED and done.person is not None:
        return FaceAnswer(done.state, "", _pass(lane, before, PassageWay.FACE, done.person))
    return FaceAnswer(done.state, "", _by_card(lane, before))


@in_gate_words
def stop_face(lane: Lane, session_id: UUID) -> FaceAnswer:
    """Close a session that brought no decision; who had shown a card goes through by it. Twice is once."""
    before = find_session(session_id, terminal_id=lane.pk)
    if before is None or before.state != FaceSession.State.OPEN:
        return FaceAnswer(FaceSession.State.STOPPED)
    done = face_sessions.stop_session(session_id, terminal_id=lane.pk)
    return FaceAnswer(done.state, "", _by_card(lane, before))


def _by_card(lane: Lane, before: FaceSession) -> Passage | None:
    claimed = before.claimed
    return _pass(lane, before, PassageWay.CARD, claimed) if claimed is not None else None


def _pass(lane: Lane, session: FaceSession, way: PassageWay, person: Person) -> Passage:
    # Until the page says how long it was from the first press (`passages.note_wait`).
    waited = now() - session.opened_at
    press = Press(session.occasion_id, waited_ms=round(waited.total_seconds() * 1000))
    return record_passage(lane, press, person, way)
