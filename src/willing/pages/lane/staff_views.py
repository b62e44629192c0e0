"""What a member of staff does at a lane: looks a person up, or opens with a reason. They sign in for it."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from willing.accounts.access import allow_roles, needs_second_factor
from willing.accounts.models import User
from willing.accounts.sessions import close_session
from willing.core.clock import now
from willing.core.errors import Refused
from willing.gate import errors
from willing.gate.identification import open_by_guard, pass_by_look_up
from willing.gate.look_ups import look_up
from willing.leave.queries import absences_on
from willing.pages.lane.access import AtLane, at_lane, is_lane, note_staff, sign_out_staff, uuid_of
from willing.pages.lane.labels import NO_SECOND_FACTOR, NOT_ALLOWED, REASONS, planned_of
from willing.pages.ui.decorators import uses_camera
from willing.people.queries import today
from willing.terminals.models import Way
from willing.terminals.rules import TILL_ROLES

StaffView = Callable[[AtLane], HttpResponseBase]


def by_staff(view: StaffView) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let only signed-in staff do this at a paired lane; a refusal is shown beside what they were doing.

    They are signed out some minutes after their last press: the next at the lane may be a pupil. Whoever may
    not do this is signed out at once, and the lane stays one; so is who has a second factor to set up, which
    the next at the lane could do for them.
    """

    def press(at: AtLane) -> HttpResponseBase:
        try:
            return view(at)
        except Refused as refused:
            return show_staff(at, notice=str(refused.message), status=409)

    lane_view = at_lane(press)

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponseBase:
        note_staff(request)
        return lane_view(request)

    allowed = allow_roles(*TILL_ROLES)(opened)

    @at_lane
    def refuse(at: AtLane, notice: Promise) -> HttpResponseBase:
        return at.show("choose", notice=notice, status=403)

    @wraps(allowed)
    def checked(request: HttpRequest) -> HttpResponseBase:
        sign_out_staff(request)
        if needs_second_factor(request) and is_lane(request):
            close_session(request, why="factor")
            return refuse(request, NO_SECOND_FACTOR)
        try:
            return allowed(request)
        except PermissionDenied:
            # Elsewhere a link to here would sign people out of their own devices.
            if not is_lane(request):
                raise
            close_session(request, why="role")
            return refuse(request, NOT_ALLOWED)

    return never_cache(checked)


def show_staff(at: AtLane, *, notice: str = "", status: int = 200) -> HttpResponseBase:
    """Show the staff's screen of a lane, with whom a look-up finds."""
    may_look_up = Way.STAFF in at.lane.terminal.ways
    text = at.request.POST.get("text", "")
    found = look_up(at.lane, text, by=user_at(at)) if may_look_up and text else []
    school = at.lane.terminal.school
    absences = absences_on(school, today(school)) if found else {}
    return at.show(
        "staff",
        notice=notice,
        status=status,
        text=text,
        found=[(one, planned_of(absences.get(one.pk, ()), now())) for one in found],
        is_searched=bool(text),
        may_look_up=may_look_up,
        reasons=REASONS.items(),
    )


def user_at(at: AtLane) -> User:
    """Return who is signed in here; `by_staff` has let in staff only."""
    return cast("User", at.request.user)


# From here the page goes on to every way without being loaded anew, those with a camera among them.
@uses_camera
@require_http_methods(["GET", "POST"])
@by_staff
def staff(at: AtLane) -> HttpResponseBase:
    """Show the look-up and the reasons to open; find people by name, number or class."""
    return show_staff(at)


@require_POST
@by_staff
def person(at: AtLane) -> HttpResponseBase:
    """Let through whom the look-up has shown."""
    person_id = uuid_of(at.request.POST.get("person", ""))
    if person_id is None:
        raise errors.passage_person_unknown()
    return at.let_through(pass_by_look_up(at.lane, at.press, person_id, by=user_at(at)))


@require_POST
@by_staff
def open_door(at: AtLane) -> HttpResponseBase:
    """Open, for a reason that was chosen or written."""
    chosen, words = at.request.POST.get("reason", ""), at.request.POST.get("words", "").strip()
    label = str(REASONS[chosen]) if chosen in REASONS and chosen != "other" else ""
    reason = ": ".join(one for one in (label, words) if one)
    return at.let_through(open_by_guard(at.lane, at.press, by=user_at(at), reason=reason))
