"""The register as an app: a page that a device keeps, today's registers as data, and what it brings back.

The page, its script and its styles are kept by the device's browser and hold no pupil. What names pupils is
asked for as data, by someone signed in, and the device's script deletes it (docs/decisions/0043).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.devices import DeviceMark, Received, RegisterSlot, record_from_device
from willing.attendance.marking import RecordedMark
from willing.attendance.models import Mark, Register
from willing.attendance.proposals import Proposal, proposals_of
from willing.attendance.queries import (
    Due,
    codes_of,
    disputes,
    find_settings,
    groups_of,
    lines_of,
    registers_on,
    require_settings,
)
from willing.attendance.rules import CodeSet, Group
from willing.core.clock import now
from willing.core.errors import Refused
from willing.credentials.sealed_scans import find_scanned, scan_key
from willing.pages.console.helpers import read_message, show, user_of
from willing.pages.console.kept_page import SHARED, KeptPage
from willing.pages.console.register_labels import label_of
from willing.pages.console.roles import TAKES_REGISTERS
from willing.pages.console.view_log import record_views
from willing.people.models import School
from willing.people.queries import day_bounds, today

SCRIPT = "console/register_app"
# Everything that the page loads; `tests/pages/console/test_register_app.py` compares it with the page.
FILES = (
    *SHARED,
    "ui/keys.js",
    "ui/hpke.js",
    "ui/held_registers.js",
    "kiosk/scan.js",
    "console/registers.css",
    f"{SCRIPT}/app.css",
    f"{SCRIPT}/app.js",
    f"{SCRIPT}/marks.js",
    f"{SCRIPT}/screen.js",
    f"{SCRIPT}/sending.js",
)
KEPT = KeptPage("register", "console:register-app", FILES)
GROUPS_MAX = 8  # that a teacher adds to their own
MARKS_MAX = 200  # of one message
SEALED_BYTES_MAX = 2000
YEAR_MIN = 1971
NUMBER_MAX = 99


@require_safe
@csp_update({"manifest-src": ["'self'"]})
@allow_roles(*TAKES_REGISTERS)
def app(request: PageRequest) -> HttpResponse:
    """Show the page that a device keeps. It names no pupil."""
    return show(
        request, "console/attendance/app.html", {"is_set_up": find_settings(request.school) is not None}
    )


@require_safe
@allow_roles(*TAKES_REGISTERS)
def manifest(request: PageRequest) -> HttpResponse:
    """Say what the app is called and where it begins, for a device that installs it."""
    return KEPT.manifest(request.school, _("Registers"))


@require_safe
@allow_roles(*TAKES_REGISTERS)
def worker(request: PageRequest) -> HttpResponse:
    """Return the script that keeps the page and its files; of another version where one of them changed.

    A browser that asks for it with nobody signed in goes on with the one that it has.
    """
    return KEPT.worker(request.school)


@require_safe
@allow_roles(*TAKES_REGISTERS)
def today_data(request: PageRequest) -> JsonResponse:
    """Return today's registers of the teacher's groups, and of those that they ask for.

    Without `names` there are none: what a device asks by itself to see what colleagues have marked. The log
    holds each time that names were sent.
    """
    school, user = request.school, user_of(request)
    content: dict[str, Any] = {
        "user": {"id": user.pk, "name": user.get_short_name() or user.get_username()},
        "csrf": get_token(request),
        "now": now().isoformat(),
        "day": today(school).isoformat(),
        "ends": day_bounds(school, today(school))[1].isoformat(),
    }
    if find_settings(school) is None:
        return JsonResponse({**content, "registers": [], "groups": [], "codes": {}})
    wanted = {*request.GET.getlist("group")[:GROUPS_MAX]}
    due = [
        one
        for one in registers_on(school, today(school))
        if user.pk in one.teachers or str(one.group.id) in wanted
    ]
    is_named = "names" in request.GET
    return JsonResponse(
        {**content, **_shared(school), "registers": _registers(school, due, request, is_named)}
    )


def _shared(school: School) -> dict[str, Any]:
    codes = codes_of(require_settings(school))
    return {
        "seal": scan_key().public.hex(),
        "groups": [{"id": str(one.id), "title": one.title} for one in groups_of(school)],
        "codes": {
            one.symbol: {
                "label": label_of(codes, one.symbol),
                "here": one.means_here,
                "reason": one.needs_reason,
                "slot": one.slot,
                "listed": one.group is not Group.ADMIN,
            }
            for one in codes.codes.values()
        },
        "late": codes.late,
        "late_after_close": codes.late_after_close,
        "unexplained": codes.unexplained,
        "illness": codes.illness,
    }


def _registers(
    school: School, due: Sequence[Due], request: PageRequest, is_named: bool
) -> list[dict[str, Any]]:
    codes, shown = codes_of(require_settings(school)), []
    open_disputes = disputes(school)
    persons = {}
    for one in due:
        register = one.register or Register(
            group=one.group,
            day=today(school),
            number=one.time.number,
            is_morning=one.times.is_morning,
            opens_at=one.times.opens_at,
            closes_at=one.times.closes_at,
        )
        names = {line.person.id: line.person for line in lines_of(register)} if is_named else {}
        persons.update(names)
        about = {
            "title": one.group.title,
            "name": one.time.name,
            "opens": register.opens_at.isoformat(),
            "closes": register.closes_at.isoformat(),
            "present": codes.present(is_morning=register.is_morning),
            "slot": "am" if register.is_morning else "pm",
            "names": {str(key): person.full_name for key, person in names.items()} if is_named else None,
        }
        shown.append({**about, **_state(register, codes, open_disputes)})
    record_views(list(persons.values()), by=user_of(request))
    return shown


def _state(register: Register, codes: CodeSet, open_disputes: Sequence[Mark]) -> dict[str, Any]:
    """Return what holds in a register, by the ids of those who are in it, in their order."""
    disputed = {one.person_id: one for one in open_disputes if one.register_id == register.id}
    planned = proposals_of(register)
    return {
        "group": str(register.group_id),
        "number": register.number,
        "closed": register.closed_at is not None,
        "lines": [
            {
                "person": str(one.person.id),
                "symbol": one.mark.symbol if one.mark else "",
                "minutes": one.mark.minutes_late if one.mark else None,
                "number": one.mark.number if one.mark else 0,
                "dispute": _dispute(disputed.get(one.person.id), codes),
                "planned": _planned(planned.get(one.person.id)),
            }
            for one in lines_of(register)
        ],
    }


def _dispute(mark: Mark | None, codes: CodeSet) -> dict[str, str] | None:
    if mark is None:
        return None
    who = mark.user.get_short_name() if mark.user else ""
    return {"who": who, "label": label_of(codes, mark.symbol)}


def _planned(known: Proposal | None) -> dict[str, Any] | None:
    """Return what is known of an absence beforehand: the code it proposes, and nothing of its reason."""
    return {"symbol": known.symbol, "explained": known.is_explained} if known else None


@require_POST
@allow_roles(*TAKES_REGISTERS)
def receive(request: PageRequest) -> JsonResponse:
    """Record the marks that a device brings for one register; say what became of each."""
    try:
        content = read_message(request)
        slot = RegisterSlot(
            UUID(content["group"]), date.fromisoformat(content["day"]), _small(content["number"])
        )
        made_by, marks = int(content["user"]), list(_marks(request.school, content["marks"]))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return JsonResponse({"code": "message_not_valid"}, status=400)
    try:
        received = record_from_device(request.school, slot, marks, made_by=made_by, by=user_of(request))
    except Refused as refused:
        return JsonResponse({"code": refused.code, "message": str(refused.message)}, status=409)
    return JsonResponse(_answer(request.school, marks, received))


def _small(value: Any) -> int:
    """Return a number of a day's registers. Raises ValueError for what can be none."""
    if not 0 <= int(value) <= NUMBER_MAX:
        raise ValueError("no number of a register")
    return int(value)


def _marks(school: School, sent: Sequence[Mapping[str, Any]]) -> Iterator[DeviceMark]:
    """Return what was sent as marks. Raises ValueError, KeyError or TypeError for what is none."""
    if len(sent) > MARKS_MAX:
        raise ValueError("more marks than a register has")
    for one in sent:
        mark_id, minutes, made_at = UUID(one["id"]), one.get("minutes"), one.get("at")
        moment = datetime.fromisoformat(made_at) if made_at else None
        if moment is not None and (moment.tzinfo is None or moment.year < YEAR_MIN):
            raise ValueError("no moment, or none that a database holds")
        yield DeviceMark(
            mark_id,
            _person(school, one, mark_id),
            str(one.get("symbol", "")),
            None if minutes is None else int(minutes),
            str(one.get("reason", "")),
            int(one.get("seen", 0)),
            moment,
        )


def _person(school: School, one: Mapping[str, Any], mark_id: UUID) -> UUID | None:
    if "sealed" not in one:
        return UUID(one["person"])
    person = find_scanned(school, bytes.fromhex(one["sealed"][: 2 * SEALED_BYTES_MAX]), mark_id)
    return person.id if person else None


def _answer(school: School, marks: Sequence[DeviceMark], received: Received) -> dict[str, Any]:
    codes, register = codes_of(require_settings(school)), received.register
    done = zip(marks, received.done, strict=True)
    return {
        "done": [_became(one, became) for one, became in done],
        "register": _state(register, codes, disputes(school)),
    }


def _became(one: DeviceMark, became: RecordedMark) -> dict[str, Any]:
    refused = became.refused
    return {
        "id": str(one.id),
        "person": str(one.person_id) if one.person_id else None,
        "symbol": became.new.symbol,
        "merge": became.merge,
        "code": refused.code if refused else "",
        "message": str(refused.message) if refused else "",
    }
