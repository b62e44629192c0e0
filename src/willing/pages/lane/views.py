"""A lane's page: what it shows, the card or code, number and PIN; and how a browser becomes a lane."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from willing.accounts.access import allow_anyone, allow_roles
from willing.accounts.attempts import require_few_attempts
from willing.accounts.sessions import close_session
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.numbers import read_number
from willing.gate.faces import needs_card
from willing.gate.identification import pass_by_card, pass_by_pin
from willing.gate.models import Passage
from willing.gate.pairing import pair_lane, require_paired_lane
from willing.gate.passages import note_wait
from willing.pages.lane.access import COOKIE, COOKIE_AGE_SECONDS, AtLane, at_lane
from willing.pages.lane.labels import NOT_SURE
from willing.pages.ui.decorators import uses_camera
from willing.people.rules import TILL_NUMBER_DIGITS_MAX
from willing.terminals.keyboards import Scan, read_keys, read_scan
from willing.terminals.presence import note_seen
from willing.terminals.readers import reader_of
from willing.terminals.rules import TILL_ROLES

# So long after it a screen may still show whom it let through.
SHOWN_FOR = timedelta(seconds=15)
# Ways that begin with a screen of their own.
STAGES = {"pin": "pin", "face": "face_card"}


@uses_camera
@require_GET
@at_lane
def lane(at: AtLane) -> HttpResponseBase:
    """Show the lane, or the way that was pressed."""
    note_seen(at.lane.terminal)
    way = at.request.GET.get("way", "")
    stage = STAGES.get(way, "choose")
    if way not in at.lane.terminal.ways or (stage == "face_card" and not needs_card(at.lane)):
        stage = "choose"
    return at.show(stage)


def scanned_code(at: AtLane) -> str:
    """Return the code that was typed, or read by a reader as this lane's types."""
    scanned = Scan(at.request.POST.get("code", ""), read_keys(at.request.POST.get("keys", "")))
    return read_scan(scanned, reader_of(at.lane.terminal)) if scanned.keys else scanned.typed


@require_POST
@at_lane
def card(at: AtLane) -> HttpResponseBase:
    """Take a card's code, or that of a visitor's badge."""
    return at.let_through(pass_by_card(at.lane, at.press, scanned_code(at)))


@require_POST
@at_lane
def pin(at: AtLane) -> HttpResponseBase:
    """Take number and PIN; after a mistake the same screen asks again."""
    typed = read_number(at.request.POST.get("number", ""), digits_max=TILL_NUMBER_DIGITS_MAX)
    try:
        # Nobody has 0: it is answered like any wrong number.
        passage = pass_by_pin(at.lane, at.press, typed or 0, at.request.POST.get("pin", ""))
    except Refused as refused:
        if refused.code != "pin_wrong":
            raise
        return at.show("pin", notice=refused.message, status=409)
    return at.let_through(passage)


@require_POST
@at_lane
def passed(at: AtLane, press_id: UUID) -> HttpResponseBase:
    """Open for what came of a press with the camera and show it: who goes through, or every other way."""
    rows = Passage.objects.select_related("person", "visit").filter(pk=press_id, lane=at.lane)
    found = rows.filter(received_at__gte=now() - SHOWN_FOR).first()
    if found is None:
        return at.show("choose", notice=NOT_SURE)
    note_wait(found, at.press.waited_ms)
    return at.let_through(found)


@require_http_methods(["GET", "POST"])
@never_cache
@allow_roles(*TILL_ROLES)
def pair(request: HttpRequest) -> HttpResponseBase:
    """Make this browser a lane with a one-time code; whoever did so is signed out there."""
    code = request.POST.get("code") or request.GET.get("code", "")
    if request.method != "POST":
        return render(request, "lane/pair.html", {"code": code})
    try:
        require_few_attempts(request, "pair")
        pairing = pair_lane(code, key=str(uuid4()))
    except Refused as refused:
        return render(request, "lane/pair.html", {"code": code, "refusal": refused.message}, status=409)
    close_session(request, why="paired")  # the next at the lane may be a pupil
    response = redirect("lane:lane")
    response.set_cookie(
        COOKIE,
        pairing.token,
        max_age=COOKIE_AGE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=settings.SESSION_COOKIE_PATH,
    )
    return response


@require_POST
@never_cache
@allow_anyone("a lane says that it is there; its cookie says which, and nothing is shown")
def here(request: HttpRequest) -> HttpResponse:
    """Note that the lane's page is open."""
    try:
        note_seen(require_paired_lane(request.COOKIES.get(COOKIE, "")).terminal)
    except Refused:
        return HttpResponse(status=403)
    return HttpResponse(status=204)
