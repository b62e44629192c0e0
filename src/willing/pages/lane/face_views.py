"""The camera of a lane: opened by the pupil's press, closed by an answer or by itself."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from willing.biometrics.card_sessions import key_for_share
from willing.biometrics.models import FaceSession
from willing.biometrics.rules import PAGE_FRAME_BYTES_MAX, SESSION_SECONDS
from willing.core.errors import Refused
from willing.gate.faces import (
    needs_card,
    note_unknown_card,
    open_face,
    prepare_face,
    stop_face,
    submit_frame,
    submit_share,
)
from willing.gate.identification import pass_by_card
from willing.gate.passages import note_wait
from willing.pages.lane.access import AtLane, at_lane
from willing.pages.lane.labels import ENDINGS
from willing.pages.lane.views import scanned_code
from willing.pages.ui.camera_words import HINTS, TURNS

# An encapsulated key of 65 bytes, a share of 16 and its tag of 16, in hexadecimal.
SHARE_CHARS_MAX = 2 * (65 + 16 + 16)
# Before the camera asks for the card again; after any other refusal every way is shown.
ASK_AGAIN = frozenset({"code_unknown"})
CARD_IS_ENOUGH = frozenset({"face_not_usable", "face_locked", "face_not_available", "clock_behind"})


@require_POST
@at_lane
def face(at: AtLane) -> HttpResponseBase:
    """Take "Use my face", with the card where the law or the school asks for it first.

    A card without a face for the gate, or where faces were locked meanwhile, goes through as a card: it is
    enough.
    """
    code = scanned_code(at)
    if not code and needs_card(at.lane):
        prepare_face(at.lane)
        return at.show("face_card")
    press = at.press
    try:
        session = open_face(at.lane, press, code=code)
    except Refused as refused:
        if code and refused.code in CARD_IS_ENOUGH:
            return at.let_through(pass_by_card(at.lane, press, code))
        if refused.code not in ASK_AGAIN:
            raise
        note_unknown_card(at.lane)
        return at.show("face_card", notice=refused.message, status=409)
    return _show_camera(at, session)


def _show_camera(at: AtLane, session: FaceSession) -> HttpResponseBase:
    key, info = key_for_share(session) or ("", "")
    return at.show(
        "face",
        session=session,
        look_press=session.occasion_id,
        share_key=key,
        share_info=info,
        seconds=SESSION_SECONDS,
    )


@require_POST
@at_lane
def frame(at: AtLane, session_id: UUID) -> HttpResponseBase:
    """Look at one frame. The answer never says who: the screen does, with the camera off."""
    if len(at.request.body) > PAGE_FRAME_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        looked = submit_frame(at.lane, session_id, at.request.body)
    except Refused as refused:
        is_over = refused.code != "frame_not_readable"
        return JsonResponse({"state": "decided" if is_over else "looking"})
    if looked.state != "looking":
        return JsonResponse({"state": "decided"})
    words = str(HINTS.get(looked.hint, ""))
    return JsonResponse({"state": "looking", "hint": words, "turn": TURNS.get(looked.hint, "")})


@require_POST
@at_lane
def share(at: AtLane, session_id: UUID) -> HttpResponseBase:
    """Take the card's share, sealed to a process that closes with this session; nobody here can read it."""
    try:
        looked = submit_share(at.lane, session_id, at.request.POST.get("share", "")[:SHARE_CHARS_MAX])
    except Refused:
        return JsonResponse({"state": "decided"})
    return JsonResponse({"state": "looking" if looked.state == "looking" else "decided"})


@require_POST
@at_lane
def close(at: AtLane, session_id: UUID) -> HttpResponseBase:
    """End a session that brought no decision, for the reason that the page gives."""
    stopped = stop_face(at.lane, session_id)
    if stopped.passage is not None:
        note_wait(stopped.passage, at.press.waited_ms)
        return at.let_through(stopped.passage)
    return at.show("choose", notice=ENDINGS.get(at.request.POST.get("reason", ""), ""))
