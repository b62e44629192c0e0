"""Who pays, by the face: alone, or to confirm a card or PIN. Everything else works without it."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from willing.accounts.models import User
from willing.biometrics import card_processes, consent_changes, face_sessions
from willing.biometrics.card_sessions import begin_card_session, open_with_share
from willing.biometrics.erasure import Erasure
from willing.biometrics.face_sessions import (
    SessionRequest,
    conclude_session,
    open_session,
    process_frame,
)
from willing.biometrics.frame_results import FrameOutcome, no_answer
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import mode_as_read, usable_at
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, inside
from willing.credentials.identification import require_way_taken
from willing.credentials.queries import ways_here
from willing.people.models import Person
from willing.terminals.models import Terminal, Way
from willing.till import errors
from willing.till.basket_states import back_to_open, require_shown, require_state, touch
from willing.till.baskets import basket_total_minor, find_basket, require_basket
from willing.till.identification import mark_identified, require_way
from willing.till.limit_rules import is_small_sum
from willing.till.models import Basket
from willing.till.rules import (
    FACE_SESSIONS_A_BASKET,
    FaceOffer,
    FaceSituation,
    decide_face_offer,
)
from willing.till.school_limits import limits_as_read


@dataclass(frozen=True)
class FrameAnswer:
    """What a till shows after a frame. state: looking, matched, ambiguous or unknown."""

    state: str
    hint: str


@atomic
def open_face_session(terminal: Terminal, basket_id: UUID, *, key: str) -> FaceSession:
    """Open a face session for a basket, on the pupil's press. The same key again returns the same session.

    Before a card or PIN it looks among all (1:N), where the school does that and the sum is small; after one
    it compares with that one person only (1:1).
    Raises Refused claim_first, face_limit_reached, face_used_up, face_not_usable, too_many_sessions.
    """
    basket = require_basket(terminal, basket_id)
    claimed = _claimed(basket)
    session_id = session_id_of(basket.id, key)
    earlier = set(_sessions_of.all(basket=basket.id))
    if session_id not in earlier and len(earlier) >= FACE_SESSIONS_A_BASKET:
        raise errors.too_many_sessions()
    if claimed is None and not _is_small(basket):
        raise errors.face_limit_reached()
    if claimed is None and basket.is_face_used_up:
        raise errors.face_used_up()
    if claimed is not None:
        touch(basket)  # the look takes its time, and the name stays for it
    request = SessionRequest(session_id, basket.terminal, basket.id, claimed, basket.card_id)
    return inside(open_session)(basket.terminal.school, request)


def prepare_face(basket: Basket) -> None:
    """Let what opens a card's template start now that a card was read, so that the look need not wait for it.

    No camera starts from it, and it knows nothing until the person presses.
    """
    if needs_share(basket):
        card_processes.get_ready(basket.terminal_id)


def needs_share(basket: Basket) -> bool:
    """Say whether the face of whom the card named opens only with what that card says."""
    if basket.person is None or basket.card_id is None or not _is_claimed(basket):
        return False
    found = usable_at(basket.terminal, basket.person, basket.card_id)
    return found is not None and found.holder == Template.Holder.CARD


def open_face(terminal: Terminal, basket_id: UUID, *, key: str) -> FaceSession:
    """Open a face session at the till's own page, and what opens a card's template with it.

    Raises Refused as `open_face_session` does.
    """
    session = open_face_session(terminal, basket_id, key=key)
    basket = find_basket(terminal, basket_id)
    if session.state == FaceSession.State.OPEN and basket is not None and needs_share(basket):
        begin_card_session(session)
    return session


def submit_share(terminal: Terminal, session_id: UUID, share: str) -> FrameAnswer:
    """Take a card's share as the page has sealed it; one that opens nothing closes the session.

    Raises Refused session_closed.
    """
    session = face_sessions.require_open(session_id, terminal.id)
    if open_with_share(session, share):
        return FrameAnswer("looking", "")
    looked = FrameOutcome("", session.occasion_id, no_answer())
    return FrameAnswer(_conclude(terminal, session_id, looked).state, "")


@prepared
def _sessions_of(basket: Parameter) -> QuerySet[FaceSession, UUID]:
    return FaceSession.objects.filter(occasion_id=basket).values_list("pk", flat=True)


def session_id_of(basket_id: UUID, key: str) -> UUID:
    """Return the id of the session that a press with this key opens."""
    return derive_id(basket_id, "session", key)


def _claimed(basket: Basket) -> Person | None:
    """Return whom a card or PIN has named for a basket; None for one that is open.

    Raises Refused way_not_taken, basket_empty, basket_closed, already_identified.
    """
    if not _is_claimed(basket):
        require_way(basket, Way.FACE)
        return None
    require_way_taken(basket.terminal, Way.FACE)
    return basket.person


def _is_claimed(basket: Basket) -> bool:
    return basket.state == Basket.State.IDENTIFIED and basket.way in (Way.CARD, Way.PIN)


def submit_frame(terminal: Terminal, session_id: UUID, picture: bytes) -> FrameAnswer:
    """Look at one frame of a session; on a match, say who pays. Raises Refused session_closed."""
    looked = process_frame(session_id, picture, terminal_id=terminal.id)
    if looked.decision is None:
        return FrameAnswer("looking", looked.hint)
    session = _conclude(terminal, session_id, looked)
    return FrameAnswer(session.state, looked.hint)


@atomic
def _conclude(terminal: Terminal, session_id: UUID, outcome: FrameOutcome) -> FaceSession:
    assert outcome.decision is not None, "only a decision closes a session"
    # The basket first: closing the session writes into the log, whose end is locked last by everyone.
    basket = require_basket(terminal, outcome.occasion_id)
    session = inside(conclude_session)(session_id, outcome.decision, terminal_id=terminal.id)
    if session.state == FaceSession.State.MATCHED and session.person is not None:
        if session.mode == Template.Mode.VERIFY:
            _confirm_claim(basket, session.person)
        else:
            require_way(basket, Way.FACE)
            mark_identified(basket, session.person, Way.FACE)
    return session


def _confirm_claim(basket: Basket, person: Person) -> None:
    """Note that a face has confirmed whom a card or PIN named."""
    if not _is_claimed(basket) or basket.person_id != person.id:
        raise errors.not_identified()
    basket.claim, basket.way, basket.touched_at = basket.way, Way.FACE, now()
    basket.save(update_fields=["claim", "way", "touched_at"])


@atomic
def stop_session(terminal: Terminal, session_id: UUID) -> FaceSession:
    """Close a face session of this till without an answer. Stopping twice changes nothing."""
    return face_sessions.stop_session(session_id, terminal_id=terminal.id)


@atomic
def stop_using_face(
    terminal: Terminal, basket_id: UUID, *, by: User | None, shown: Basket | None = None
) -> Erasure:
    """Record "Stop using my face" by the person shown. by: the cashier; None at a till of another maker.

    shown: what the screen that was pressed showed.
    Raises Refused not_identified, screen_changed, no_face_to_erase. Whom the face itself had identified says
    anew how they pay: what is gone identifies nobody.
    """
    basket = require_basket(terminal, basket_id)
    require_state(basket, Basket.State.IDENTIFIED)
    require_shown(basket, shown)
    assert basket.person is not None
    erasure = consent_changes.stop_using_face(basket.person, channel="till", recorded_by=by)
    if basket.way == Way.FACE:
        remove_face(basket)
    return erasure


def remove_face(basket: Basket) -> None:
    """Take the face out of an identification: a card or PIN before it still counts."""
    if not basket.claim:
        back_to_open(basket)
        return
    basket.way, basket.claim = basket.claim, ""
    basket.save(update_fields=["way", "claim"])


def face_offer(basket: Basket, frames: int | None = None) -> FaceOffer:
    """Return what a face can do for a basket now. frames: how often it looked for it, where that is known."""
    terminal, person = basket.terminal, basket.person
    is_open = basket.state == Basket.State.OPEN
    if Way.FACE not in terminal.ways or not (is_open or _is_claimed(basket)):
        return FaceOffer.NONE
    claim = basket.way if basket.state == Basket.State.IDENTIFIED else ""
    return decide_face_offer(
        FaceSituation(
            is_taken=Way.FACE in ways_here(terminal),
            looks=FaceSession.objects.filter(occasion_id=basket.id).count() if frames is None else frames,
            is_open=is_open,
            may_identify=is_open and _may_identify(basket),
            claim=claim,
            may_verify=person is not None and usable_at(terminal, person, basket.card_id) is not None,
        )
    )


def _may_identify(basket: Basket) -> bool:
    if basket.is_face_used_up or not _is_small(basket) or not basket.terminal.takes_central:
        return False
    return mode_as_read(basket.terminal.school) == Template.Mode.IDENTIFY


def _is_small(basket: Basket) -> bool:
    return is_small_sum(basket_total_minor(basket), limits_as_read(basket.terminal.school).face_daily_minor)


def ways_for(basket: Basket, offer: FaceOffer) -> list[str]:
    """Return the ways to pay for a basket that is open: those of the till, the face while it can help."""
    return [way for way in basket.terminal.ways if way != Way.FACE or offer is not FaceOffer.NONE]


def was_not_confirmed(basket: Basket) -> bool:
    """Return whether the face did not confirm whom a card or PIN named: then the cashier compares."""
    last = last_session_of(basket) if basket.state == Basket.State.IDENTIFIED else None
    return last is not None and last.mode == Template.Mode.VERIFY and last.state == FaceSession.State.UNKNOWN


def open_session_of(basket: Basket) -> FaceSession | None:
    """Return the face session that is open for a basket, or None."""
    return FaceSession.objects.filter(occasion_id=basket.id, state=FaceSession.State.OPEN).first()


def last_session_of(basket: Basket) -> FaceSession | None:
    """Return the newest face session of a basket, whatever its outcome, or None."""
    return FaceSession.objects.filter(occasion_id=basket.id).order_by("-number").first()
