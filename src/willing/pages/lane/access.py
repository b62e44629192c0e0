"""Which lane a page is: the device's own cookie says it. Nobody is signed in there, but staff who act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache

from willing.accounts.access import allow_anyone
from willing.accounts.sessions import close_session
from willing.biometrics.engine import is_available
from willing.core.clock import now
from willing.core.codes import CODE_LENGTH
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.core.numbers import read_number
from willing.gate.models import Lane, Passage
from willing.gate.opening import open_for_passage
from willing.gate.pairing import require_paired_lane
from willing.gate.passages import Press
from willing.pages.lane.labels import CODE_ENDINGS, DIRECTIONS, DOOR_FAULT, TITLES
from willing.pages.ui.browser_parts import has_codes
from willing.terminals.keyboards import KeyboardLayout, keys_of_codes
from willing.terminals.models import Way

P = ParamSpec("P")
COOKIE = f"{settings.COOKIE_PREFIX}willing_lane"
COOKIE_AGE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one; revoking works at once
# What a script asks for: the screen alone, to be put in place of the one before.
SCREEN_HEADER = "X-Lane-Screen"
WAIT_DIGITS_MAX = 7
# So long after their last press staff are still signed in at a lane: the next there may be a pupil.
STAFF_FOR = timedelta(minutes=2)
STAFF_AT = "willing_lane_staff"


@dataclass
class AtLane:
    """One request at a paired lane."""

    request: HttpRequest
    lane: Lane
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def press(self) -> Press:
        """What was pressed: its id as the page made it, the device's clock, how long it took until then."""
        sent = self.request.POST
        return Press(
            uuid_of(sent.get("press", "")) or new_id(),
            device_time=_time(sent.get("device_time", "")),
            waited_ms=read_number(sent.get("waited", ""), digits_max=WAIT_DIGITS_MAX),
        )

    def show(self, stage: str, *, notice: str | Promise = "", status: int = 200, **more: Any) -> HttpResponse:
        """Return the lane with a stage: choose, pin, staff, face_card, face, passed, closed."""
        if self.lane.closed_at is not None and stage == "choose":
            stage = "closed"
        context = {
            "lane": self.lane,
            "title": TITLES[self.lane.use],
            "stage": stage,
            "template": f"lane/stage_{stage}.html",
            "notice": notice,
            "press": new_id(),
            "ways": self.lane.terminal.ways,
            "takes_face": Way.FACE in self.lane.terminal.ways and is_available(self.lane.terminal.school),
            "house": self.lane.terminal.school,
            "code_length": CODE_LENGTH,
            "reader_keys": keys_of_codes(KeyboardLayout(self.lane.terminal.reader_layout)),
            "reads_codes": has_codes(),
            "code_endings": CODE_ENDINGS.items(),
            **more,
        }
        is_part = self.request.headers.get(SCREEN_HEADER) == "1"
        return render(
            self.request, "lane/_screen.html" if is_part else "lane/lane.html", context, status=status
        )

    def let_through(self, passage: Passage) -> HttpResponse:
        """Open the door for a passage and show it: green, or that the door did not answer."""
        fault = open_for_passage(self.lane.door, passage.id)
        words = DOOR_FAULT if fault else ""
        return self.show("passed", passage=passage, direction=DIRECTIONS[passage.direction], fault=words)


def uuid_of(text: str) -> UUID | None:
    """Return the id that a press sent, or None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _time(text: str) -> datetime | None:
    """Return a time that the page's clock said, with its zone; None where it says none that can be."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said if said.tzinfo is not None and 2000 <= said.year < 2200 else None


def is_lane(request: HttpRequest) -> bool:
    """Say whether the device is paired as a lane."""
    try:
        require_paired_lane(request.COOKIES.get(COOKIE, ""))
    except Refused:
        return False
    return True


def note_staff(request: HttpRequest) -> None:
    """Note that staff pressed something at this lane just now."""
    request.session[STAFF_AT] = now().timestamp()


def sign_out_staff(request: HttpRequest) -> None:
    """Sign out staff whose last press at this lane is too long ago, or lies ahead of the clock."""
    at = request.session.get(STAFF_AT)
    if at is not None and not 0 <= now().timestamp() - at <= STAFF_FOR.total_seconds():
        close_session(request, why="time")


LaneView = Callable[Concatenate[AtLane, P], HttpResponseBase]


def at_lane(view: LaneView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let the device that is a lane open this, whoever is there; a refusal is shown with every other way."""

    @wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            lane = require_paired_lane(request.COOKIES.get(COOKIE, ""))
        except Refused:
            code = request.GET.get("code")
            address = reverse("lane:pair")
            return HttpResponseRedirect(f"{address}?{urlencode({'code': code})}" if code else address)
        sign_out_staff(request)
        at = AtLane(request, lane)
        with timezone.override(ZoneInfo(lane.terminal.school.time_zone)):
            try:
                return view(at, *args, **kwargs)
            except Refused as refused:
                return at.show("choose", notice=refused.message, status=409)

    reason = "a paired lane of the gate; its cookie says which, and nothing of a person is shown before a way"
    return never_cache(allow_anyone(reason)(opened))
