"""What wardens' phones ask and bring: today's list, whether a roll call is running, ticks, start and end.

The list names everyone, so it goes to wardens, the office and who started the running roll call, and the log
holds each opening. That a roll call is running is no secret from any of the staff.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.clock import now
from willing.core.doorbell import DOORBELL, WAIT
from willing.core.errors import Refused
from willing.pages.console.helpers import read_message, user_of
from willing.pages.console.roles import ANY_STAFF, OFFICE
from willing.pages.console.roll_call_list import list_answer, running_as_sent, tick_as_sent
from willing.people.models import School
from willing.rollcall import errors
from willing.rollcall.calling import close_roll_call, start_roll_call
from willing.rollcall.devices import note_list_sent, record_list_opened
from willing.rollcall.models import RollCall
from willing.rollcall.queries import (
    find_running,
    news_of,
    require_roll_call,
    sees_list,
    ticks_since,
    version_of,
)
from willing.rollcall.rules import TICKS_MAX
from willing.rollcall.ticking import NewTick, TickResult, record_ticks

# More pages than this of a school wait for no news.
WAITING_MAX = 120
OPENINGS_MAX = 100
YEAR_MIN, YEAR_MAX = 1971, 2200
NUMBER_MAX = 2**31 - 1


def require_list(request: PageRequest) -> None:
    """Raise Refused roll_call_not_warden for who is not shown names."""
    is_office = not request.roles.isdisjoint(OFFICE)
    if not sees_list(request.school, user_of(request), is_office=is_office):
        raise errors.not_a_warden()


def _refusal(refused: Refused) -> JsonResponse:
    return JsonResponse({"code": refused.code, "message": str(refused.message)}, status=409)


@require_safe
@never_cache
@allow_roles(*ANY_STAFF)
def list_data(request: PageRequest) -> HttpResponse:
    """Return today's list for a phone that keeps it; `opened` says that a person looks at it now."""
    school, user = request.school, user_of(request)
    try:
        require_list(request)
    except Refused as refused:
        return _refusal(refused)
    device = _id_or_none(request.GET.get("device", ""))
    is_opened = "opened" in request.GET
    if is_opened or device is not None:  # before the list is read: none is given without its record
        note_list_sent(school, by=user, device_id=device, is_opened=is_opened)
    own = {
        "now": now().isoformat(),
        "csrf": get_token(request),
        "user": {"id": user.pk, "name": user.get_short_name() or user.get_username()},
    }
    return HttpResponse(list_answer(school, own), content_type="application/json")


@require_safe
@never_cache
@allow_roles(*ANY_STAFF)
def wait(request: PageRequest) -> HttpResponse:
    """Answer with another version than the page has; the server holds the answer until there is one.

    With it goes what is running, so that a start is on every screen before the first phone asks for more.
    """
    key = str(request.school.pk)
    rung = DOORBELL.count(key)  # before anything is read, so that a ring in between is not missed
    version, running = news_of(request.school)
    if version != request.GET.get("version", ""):
        return JsonResponse({"version": version, "running": running_as_sent(running)})
    if DOORBELL.waiting(key) >= WAITING_MAX:
        return HttpResponse(status=429)
    return HttpResponse(status=204, headers={WAIT: f"{key} {rung}"})


@require_safe
@never_cache
@allow_roles(*ANY_STAFF)
def state(request: PageRequest) -> HttpResponse:
    """Return what is running and the ticks after a number: ids and times, no names of those ticked."""
    try:
        require_list(request)
        since = _small(request.GET.get("since", "0"))
    except Refused as refused:
        return _refusal(refused)
    except ValueError:
        return JsonResponse({"code": "message_not_valid"}, status=400)
    return JsonResponse(_news(request.school, find_running(request.school), since))


def _news(school: School, roll_call: RollCall | None, since: int) -> dict[str, Any]:
    return {
        "now": now().isoformat(),
        "version": version_of(school),
        "running": running_as_sent(roll_call),
        "ticks": [tick_as_sent(one) for one in ticks_since(roll_call, since)] if roll_call else [],
    }


@require_POST
@allow_roles(*ANY_STAFF)
def begin(request: PageRequest) -> HttpResponse:
    """Start a roll call from a phone, or say which one is running already."""
    try:
        content = read_message(request)
        roll_call_id, kind = UUID(content["id"]), str(content["kind"])
        at = _moment(content["at"]) if content.get("at") else None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return JsonResponse({"code": "message_not_valid"}, status=400)
    try:
        started = start_roll_call(request.school, kind, by=user_of(request), roll_call_id=roll_call_id, at=at)
    except Refused as refused:
        return _refusal(refused)
    return JsonResponse({"running": running_as_sent(started), "version": version_of(request.school)})


@require_POST
@allow_roles(*ANY_STAFF)
def close(request: PageRequest) -> HttpResponse:
    """End a roll call from a phone."""
    try:
        roll_call_id = UUID(read_message(request)["id"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"code": "message_not_valid"}, status=400)
    try:
        require_list(request)
        close_roll_call(request.school, roll_call_id, by=user_of(request))
        ended = require_roll_call(request.school, roll_call_id)
    except Refused as refused:
        return _refusal(refused)
    return JsonResponse({"running": running_as_sent(ended), "version": version_of(request.school)})


@require_POST
@allow_roles(*ANY_STAFF)
def ticks(request: PageRequest) -> HttpResponse:
    """Record the ticks that a phone brings, its own and those of others; say what became of each."""
    school, user = request.school, user_of(request)
    try:
        content = read_message(request)
        roll_call_id, made_by = UUID(content["roll_call"]), int(content["user"])
        device, since = UUID(content["device"]), _small(content.get("since", 0))
        opened = [_moment(one) for one in content.get("opened", [])[:OPENINGS_MAX]]
        brought = list(_new_ticks(content["ticks"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return JsonResponse({"code": "message_not_valid"}, status=400)
    try:
        if made_by != user.pk:
            raise errors.ticks_of_another_person()
        require_list(request)
        roll_call, taken = record_ticks(school, roll_call_id, brought, by=user)
    except Refused as refused:
        return _refusal(refused)
    if opened:
        record_list_opened(school, by=user, device_id=device, moments=opened)
    shown = require_roll_call(school, roll_call.pk)
    return JsonResponse({"done": [_became(one) for one in taken], **_news(school, shown, since)})


def _new_ticks(sent: Sequence[Mapping[str, Any]]) -> Iterator[NewTick]:
    """Return what was sent as ticks. Raises ValueError, KeyError or TypeError for what is none."""
    if len(sent) > TICKS_MAX:
        raise ValueError("more ticks than a message has")
    for one in sent:
        who, device = UUID(one["subject"]), UUID(one["device"])
        yield NewTick(who, str(one["state"]), _moment(one["at"]), _small(one["by"]), device)


def _became(one: TickResult) -> dict[str, Any]:
    refused = one.refused
    return {
        "subject": str(one.tick.subject),
        "state": one.tick.state,
        "at": one.tick.second.isoformat(),
        "device": str(one.tick.device),
        "code": refused.code if refused else "",
        "message": str(refused.message) if refused else "",
    }


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or not YEAR_MIN <= moment.year < YEAR_MAX:
        raise ValueError("no moment, or none that a database holds")
    return moment


def _small(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= NUMBER_MAX:
        raise ValueError("no number that a database holds")
    return number


def _id_or_none(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
