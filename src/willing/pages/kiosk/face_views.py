"""The camera of an open face session: its frames, and its end without a decision."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from willing.biometrics.errors import refresh_over
from willing.biometrics.rules import PAGE_FRAME_BYTES_MAX
from willing.core.errors import Refused
from willing.pages.kiosk.access import Answer, AtTill, at_till, uuid_in
from willing.pages.kiosk.labels import ENDINGS, NOT_LOOKED, NOT_PERMITTED, REFRESHED
from willing.pages.kiosk.screen import ScreenMessage
from willing.pages.ui.camera_words import HINTS, TURNS
from willing.till.face_identification import open_session_of, stop_session, submit_frame, submit_share
from willing.till.face_refresh import refresh_after
from willing.till.models import Basket

# An encapsulated key of 65 bytes, a share of 16 and its tag of 16, in hexadecimal.
SHARE_CHARS_MAX = 2 * (65 + 16 + 16)


@require_POST
@at_till
def frame(till: AtTill, session_id: UUID) -> Answer:
    """Look at one frame of an open face session. The answer never says who: the screen does, camera off."""
    if len(till.request.body) > PAGE_FRAME_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        answer = submit_frame(till.terminal, session_id, till.request.body)
    except Refused as refused:
        is_over = refused.code != "frame_not_readable"  # one bad picture among many does not close a session
        till.place.is_news = is_over
        return JsonResponse({"state": "decided" if is_over else "looking"})
    if answer.state != "looking":
        return JsonResponse({"state": "decided"})
    till.place.is_news = False  # no screen shows another frame
    words = str(HINTS.get(answer.hint, ""))
    return JsonResponse({"state": "looking", "hint": words, "turn": TURNS.get(answer.hint, "")})


@require_POST
@at_till
def share(till: AtTill, session_id: UUID) -> Answer:
    """Take the card's share, sealed to a process that closes with this session; nobody here can read it."""
    try:
        answer = submit_share(till.terminal, session_id, till.request.POST.get("share", "")[:SHARE_CHARS_MAX])
    except Refused:
        return JsonResponse({"state": "decided"})
    till.place.is_news = till.place.is_news and answer.state != "looking"
    return JsonResponse({"state": answer.state if answer.state == "looking" else "decided"})


@require_POST
@at_till
def refresh(till: AtTill) -> Answer:
    """Take "Refresh my picture" of who has just paid. Pressed twice, or too late, it changes nothing."""
    sale_id = uuid_in(till.request.POST.get("sale", ""), refresh_over())
    try:
        refresh_after(till.terminal, sale_id, by=till.cashier)
    except Refused as refused:
        text = NOT_PERMITTED if refused.code == "not_permitted" else refused.message
        return ScreenMessage("info", text)
    return ScreenMessage("good", REFRESHED)


@require_POST
@at_till
def close(till: AtTill, session_id: UUID) -> Answer:
    """End a face session that brought no decision, for the reason that the page gives."""
    basket = till.basket
    session = open_session_of(basket) if basket else None
    stop_session(till.terminal, session_id)
    # A screen that was behind, or a session that is over, closes nothing that has begun since.
    if session is None or session.id == session_id:
        till.place.leave()
    text = ENDINGS.get(till.request.POST.get("reason", ""))
    if text and till.basket and till.basket.state == Basket.State.IDENTIFIED:
        text = NOT_LOOKED
    return ScreenMessage("info", text) if text else None
