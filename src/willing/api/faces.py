"""Face sessions over the API: open one for a basket, give frames, stop."""

from functools import partial
from typing import Any
from uuid import UUID

from ninja import Router, Status

from willing.api import errors
from willing.api import schemas as s
from willing.api.access import Key, TerminalToken, TillRequest, write_of
from willing.api.outputs import session_out
from willing.biometrics.errors import session_closed
from willing.biometrics.first_frames import is_begun_here, note_first_frame
from willing.biometrics.models import FaceSession
from willing.biometrics.rules import FRAME_BYTES_MAX
from willing.core.transactions import inside
from willing.terminals.models import Terminal
from willing.terminals.request_keys import KeyedDeed, do_at_most_once, do_once
from willing.till import face_identification
from willing.till.face_identification import open_face_session, session_id_of, submit_frame

router = Router(auth=TerminalToken())


@router.post(
    "/baskets/{uuid:basket_id}/sessions",
    response={201: s.SessionOut},
    tags=["face sessions"],
    operation_id="open_session",
)
def open_session(request: TillRequest, basket_id: UUID, key: Key) -> Any:
    """Open a face session for a basket, after the pupil's own press.

    On an open basket it searches among everyone who agreed, where the school allows that; on one that a
    card or PIN has identified it compares with that one person. Paying never depends on its answer.
    """
    till = request.auth
    write = write_of(till, key, "open_session", subject=basket_id)
    deed = KeyedDeed(
        lambda row: inside(open_face_session)(till, basket_id, key=str(row)),
        _require_session,
        lambda row: session_id_of(basket_id, str(row)),
    )
    opened = do_once(write, deed)
    return Status(201, session_out(opened))


def _require_session(session_id: UUID) -> FaceSession:
    return FaceSession.objects.get(pk=session_id)


@router.post(
    "/sessions/{uuid:session_id}/frames",
    response=s.FrameOut,
    tags=["face sessions"],
    operation_id="frame",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def frame(request: TillRequest, session_id: UUID, key: Key) -> Any:
    """Give one JPEG frame to an open session of this till. The frame is processed and never stored."""
    till, picture = request.auth, request.body
    if len(picture) > FRAME_BYTES_MAX:  # of what came, not of what was announced
        raise errors.frame_too_large()
    write = write_of(till, key, "frame", subject=session_id, body=picture)
    begin = None if is_begun_here(session_id) else partial(note_first_frame, session_id, terminal_id=till.id)
    look = partial(submit_frame, till, session_id, picture)
    answer = do_at_most_once(write, session_id, look, begin=begin)
    if answer is not None:
        return s.FrameOut(state=answer.state, hint=answer.hint)
    return s.FrameOut(state=_state_of_session(till, session_id), hint="")


def _state_of_session(till: Terminal, session_id: UUID) -> str:
    session = FaceSession.objects.filter(pk=session_id, terminal=till).first()
    if session is None:
        raise session_closed()
    return "looking" if session.state == FaceSession.State.OPEN else session.state


@router.post(
    "/sessions/{uuid:session_id}/stop",
    response=s.SessionOut,
    tags=["face sessions"],
    operation_id="stop_session",
)
def stop_session(request: TillRequest, session_id: UUID, key: Key) -> Any:
    """Close a face session without an answer."""
    till = request.auth
    write = write_of(till, key, "stop_session", subject=session_id)
    stop = inside(face_identification.stop_session)
    deed = KeyedDeed(lambda _row: stop(till, session_id), _require_session, lambda _row: session_id)
    return session_out(do_once(write, deed))
