"""Reads of roll calls: what is running, who is on its list, who is there, what came of earlier ones."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from django.db.models import Max

from willing.accounts.models import User
from willing.attendance.models import Register
from willing.core.clock import now
from willing.keys.master import keyed_digest
from willing.people.models import School
from willing.people.queries import today
from willing.rollcall import errors
from willing.rollcall.models import (
    AssemblyPoint,
    Listed,
    RollCall,
    RollCallSettings,
    Tick,
    Warden,
    WardenDevice,
)
from willing.rollcall.presence import (
    ListedRow,
    Points,
    PresenceLine,
    lines_of_gone,
    points_of,
    who_is_expected,
)
from willing.rollcall.rules import ExpectedCause, Headcount, Ticked, count, is_red, may_see_list, merge_ticks


def settings_of(school: School) -> RollCallSettings:
    """Return how a school calls the roll; unsaved where it decided nothing."""
    return RollCallSettings.objects.filter(school=school).first() or RollCallSettings(school=school)


def find_running(school: School) -> RollCall | None:
    """Return the roll call that is running, or None."""
    return RollCall.objects.filter(school=school, ended_at=None).select_related("started_by").first()


def require_roll_call(school: School, roll_call_id: UUID) -> RollCall:
    """Return a roll call. Raises Refused roll_call_unknown."""
    found = RollCall.objects.filter(school=school, pk=roll_call_id)
    roll_call = found.select_related("started_by", "ended_by").first()
    if roll_call is None:
        raise errors.roll_call_unknown()
    return roll_call


def roll_calls_of(school: School, newest: int = 50) -> list[RollCall]:
    """Return the roll calls that are over, the latest first."""
    rows = RollCall.objects.filter(school=school, ended_at__isnull=False)
    return list(rows.select_related("started_by", "ended_by").order_by("-started_at", "-id")[:newest])


def require_point(school: School, point_id: UUID) -> AssemblyPoint:
    """Return an assembly point that is in use. Raises Refused assembly_point_unknown."""
    point = AssemblyPoint.objects.filter(school=school, retired_at=None, pk=point_id).first()
    if point is None:
        raise errors.point_unknown()
    return point


def find_warden(user: User) -> Warden | None:
    """Return that a member of staff is a warden, or None."""
    return Warden.objects.filter(pk=user.pk).select_related("point").first()


def wardens_of(school: School) -> list[Warden]:
    """Return the wardens by name, those who can sign in: a phone of a colleague who left gets no list."""
    rows = Warden.objects.filter(school=school, user__is_active=True).select_related("user", "point")
    return list(rows.order_by("user__display_name", "user_id"))


def devices_of(school: School) -> dict[int, WardenDevice]:
    """Return, by user, the phone that got today's list last."""
    rows = WardenDevice.objects.filter(user__warden__school=school).order_by("refreshed_at")
    return {one.user_id: one for one in rows}


def sees_list(school: School, user: User, *, is_office: bool) -> bool:
    """Say whether a member of staff is shown the names."""
    running = find_running(school)
    return may_see_list(
        is_warden=Warden.objects.filter(pk=user.pk, school=school).exists(),
        is_office=is_office,
        has_started=running is not None and running.started_by_id == user.pk,
    )


def merge_key(school: School) -> str:
    """Return what phones sign their codes with for each other: of a day, the same on all of them."""
    return keyed_digest("roll-call-codes", f"{school.pk} {today(school).isoformat()}")


@dataclass(frozen=True)
class CurrentList:
    """Everyone, at a moment. roll_call: the one that is running, whose list it is then."""

    entries: Sequence[PresenceLine]
    points: Points
    roll_call: RollCall | None
    made_at: datetime

    @property
    def name(self) -> str:
        """What the order of the subjects is called: codes between phones count places in it."""
        return sha256(b"".join(one.subject.bytes for one in self.entries)).hexdigest()[:12]

    def at_point(self, point_id: UUID | None) -> list[PresenceLine]:
        """Return who is expected at a point, by form and name; None: those without one."""
        here = [one for one in self.entries if one.point == point_id and one.is_expected]
        return sorted(here, key=lambda one: (one.kind != "pupil", one.form, one.name))


def current_list(school: School) -> CurrentList:
    """Return who is expected now; while a roll call is running, who was when it was started."""
    running, at = find_running(school), now()
    entries = who_is_expected(school, at)
    if running is not None:
        entries = _as_started(running, entries)
    return CurrentList(entries, points_of(school), running, at)


def _as_started(running: RollCall, entries: Sequence[PresenceLine]) -> list[PresenceLine]:
    """Return a list with what held at the start: who was marked or signed out since is looked for yet."""
    rows = Listed.objects.filter(roll_call=running)
    columns = ("subject", "why", "person_id", "staff_id", "point_id")
    then = {one.subject: one for one in (ListedRow(*row) for row in rows.values_list(*columns))}
    found = [
        one
        if one.subject not in then or then[one.subject].why == one.why
        else replace(one, why=ExpectedCause(then[one.subject].why))
        for one in entries
    ]
    known = {one.subject for one in entries}
    gone = [one for one in then.values() if one.subject not in known]
    return sorted([*found, *lines_of_gone(gone)], key=lambda one: one.subject) if gone else found


@dataclass(frozen=True)
class TickShown:
    """A tick as phones and pages show it. who: the name of who made it."""

    number: int
    subject: UUID
    state: str
    at: datetime
    by: int
    who: str
    device: UUID


def ticks_since(roll_call: RollCall, number: int = 0) -> list[TickShown]:
    """Return the ticks that the server received after one of that number, in their order; two statements."""
    rows = Tick.objects.filter(roll_call=roll_call, number__gt=number).order_by("number")
    found = list(rows.values_list("number", "listed__subject", "state", "device_at", "user_id", "device"))
    names = _names_of({one[4] for one in found})
    return [TickShown(*one[:5], who=names[one[4]], device=one[5]) for one in found]


def _names_of(user_ids: set[int]) -> dict[int, str]:
    """Return what members of staff are called."""
    return {
        one.pk: one.get_short_name() or one.get_username() for one in User.objects.filter(pk__in=user_ids)
    }


class Progress:
    """How far a roll call is: who is there, who is not yet."""

    def __init__(self, roll_call: RollCall, *, red_after_minutes: int) -> None:
        self.roll_call = roll_call
        self._red_after = red_after_minutes

    @cached_property
    def listed(self) -> list[tuple[UUID, UUID | None, bool]]:
        """Everyone on the list by id, where they gather, and whether they are expected; one statement."""
        rows = Listed.objects.filter(roll_call=self.roll_call)
        return list(rows.values_list("subject", "point_id", "is_expected"))

    @cached_property
    def ticks(self) -> list[TickShown]:
        """Every tick; two statements."""
        return ticks_since(self.roll_call)

    @cached_property
    def there(self) -> dict[UUID, Ticked]:
        """Who is there, and who saw them first."""
        return merge_ticks(Ticked(one.subject, one.state, one.at, one.device, one.who) for one in self.ticks)

    @cached_property
    def counts(self) -> Headcount:
        """How many are expected, there, and there though not expected."""
        return count((subject for subject, _point, is_expected in self.listed if is_expected), self.there)

    def counts_by_point(self) -> dict[UUID | None, Headcount]:
        """Return the counts of each assembly point; of None, those without one."""
        expected: defaultdict[UUID | None, set[UUID]] = defaultdict(set)
        there: defaultdict[UUID | None, set[UUID]] = defaultdict(set)
        for subject, point_id, is_expected in self.listed:
            if is_expected:
                expected[point_id].add(subject)
            if subject in self.there:
                there[point_id].add(subject)
        return {key: count(expected[key], there[key]) for key in {*expected, *there}}

    @property
    def is_red(self) -> bool:
        """Whether who is not there yet is shown in red."""
        return is_red(self.roll_call.started_at, self._red_after, self.roll_call.ended_at or now())


def progress_of(roll_call: RollCall) -> Progress:
    """Return how far a roll call is."""
    school = roll_call.school
    return Progress(roll_call, red_after_minutes=settings_of(school).red_after_minutes)


def last_close(school: School) -> datetime | None:
    """Return when a register of today was closed last, or None."""
    rows = Register.objects.filter(group__school=school, day=today(school))
    found: datetime | None = rows.aggregate(at=Max("closed_at"))["at"]
    return found


def version_of(school: School) -> str:
    """Return what changes with the registers that close, with a start, a tick and an end."""
    return news_of(school)[0]


def news_of(school: School) -> tuple[str, RollCall | None]:
    """Return that, and what is running."""
    closed = last_close(school)
    running = find_running(school)
    latest = running or next(iter(roll_calls_of(school, 1)), None)
    first = format(int(closed.timestamp()), "x") if closed else "0"
    first += f"-{today(school).isoformat()}"
    if latest is None:
        return f"{first}.-.0.0", None
    return f"{first}.{latest.id}.{latest.ticks_received}.{int(latest.ended_at is not None)}", running
