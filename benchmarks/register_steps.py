"""What `registers` runs in a process of its own: build the years of marks, then ask for the pages."""

from __future__ import annotations

import itertools
import json
import os
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from uuid import UUID, uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402  (Django must be set up first)
from django.test import Client  # noqa: E402
from tests.support.school import PASSWORD  # noqa: E402
from tests.support.signing import give_factors, sign_in  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.accounts.sign_ins import accept_invitation, invite_guardian  # noqa: E402
from willing.attendance.family_notes import NewNote, write_note  # noqa: E402
from willing.attendance.models import CurrentMark, Register  # noqa: E402
from willing.attendance.queries import groups_of  # noqa: E402
from willing.attendance.retention import purge_marks  # noqa: E402
from willing.attendance.set_code_queries import Whom  # noqa: E402
from willing.attendance.set_code_rules import WantedSet  # noqa: E402
from willing.attendance.set_codes import NewSet, set_code, undo_set_code  # noqa: E402
from willing.attendance.set_up import NewSettings, NewTime, add_class_groups, set_attendance  # noqa: E402
from willing.config.startup import freeze_what_is_loaded  # noqa: E402
from willing.consent.publishing import publish_notices  # noqa: E402
from willing.core.sqlite.planner import refresh_planner  # noqa: E402
from willing.jobs.actions import run_due  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.leave.models import Leave, Trip  # noqa: E402
from willing.leave.rules import WantedLeave  # noqa: E402
from willing.leave.trips import NewTrip, plan_trip  # noqa: E402
from willing.people.calendar import set_week  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.models import Person, School, YearGroup  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.queries import today  # noqa: E402
from willing.people.school import create_school  # noqa: E402
from willing.privacy.retention_job import BATCH  # noqa: E402

PUPILS, CLASSES, WEEKS_A_YEAR, RUNS = 1_500, 50, 39, 7
CONTACTS = 500  # pupils with a contact, each to be asked about once a term
PAST_SIX_YEARS = 2_200  # days: the nightly purge deletes what was recorded then
ROLES = ("office", "teacher", "administrator")
HALVES = (NewTime("Morning", clock(0, 5)), NewTime("Afternoon", clock(0, 40)))
# Of a hundred sessions: one without a reason, one without leave, three ill, two late.
SYMBOL = (
    "CASE WHEN {place} < 1 THEN 'N' WHEN {place} < 2 THEN 'O' WHEN {place} < 5 THEN 'I'"
    " WHEN {place} < 7 THEN 'L' ELSE s.present END"
)
REGISTER = (
    "id, group_id, day, number, is_morning, opens_at, closes_at, opened_by_id, opened_at, completed_at,"
    " closed_at, closed_by_id"
)
MARK = (
    "id, register_id, person_id, number, symbol, minutes_late, source, reason, user_id, recorded_at,"
    " device_at, is_disputed"
)
CURRENT = "id, person_id, day, number, register_id, mark_id, symbol"
PLACE = "((d.i * 31 + p.i * 17 + s.n * 7) %% 100)"


def build(years: int, *, with_today: bool = False) -> tuple[School, User, Person]:
    """Build the years until yesterday, or today; return the school, who asks, and a pupil with a guardian."""
    set_up()
    school = create_school("Registers")
    publish_notices()
    add_user(school, NewUser("all", PASSWORD, "All", ROLES))
    give_factors()
    user = User.objects.get(username="all")
    set_week(school, dict.fromkeys(range(1, 6), ()))
    school.refresh_from_db()
    with transaction.atomic():
        classes = [YearGroup.objects.create(school=school, name=f"{one:02}") for one in range(CLASSES)]
        people = [add_person(school, NewPerson(f"Pupil {place}", "Years")) for place in range(PUPILS)]
        for place, one in enumerate(people):
            Person.objects.filter(pk=one.pk).update(year_group=classes[place % CLASSES])
    set_attendance(school, NewSettings("england_2024", 30, HALVES), by=user)
    add_class_groups(school, by=user)
    groups = {one.year_group_id: one.id for one in groups_of(school)}
    days = _days(today(school), years) + [today(school)] * with_today
    _write(days, [groups[one.pk] for one in classes], [one.id for one in people], user)
    guardian = add_guardian(people[0], "Gus")
    accept_invitation(invite_guardian(guardian, by=None), username="guardian", password=PASSWORD)
    write_note(people[0], NewNote("note", today(school), "A note", guardian=guardian))
    refresh_planner()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return school, user, people[0]


def _let_many_be_away(school: School, user: User, first: Person) -> None:
    """Let three classes be on trips today, leave be agreed and asked for, codes set ahead, contacts known."""
    day = today(school)
    people = list(Person.objects.exclude(pk=first.pk).order_by("till_number"))
    for one in people[:CONTACTS]:
        add_guardian(one, "Contact", email=f"{one.till_number}@example.org")
    for place in range(3):
        pupils = [one.id for one in people[place::CLASSES]]
        plan_trip(school, NewTrip("Museum", "visit", WantedLeave(day, day), pupils, (user,)), by=user)
    Leave.objects.bulk_create(
        Leave(person=one, kind="appointment", first_day=day, last_day=day, state=state, asked_by=user,
              asked_as="staff")
        for state, some in (("agreed", people[3::25]), ("confirmed", people[4::50]))
        for one in some
    )  # fmt: skip
    later = day + timedelta(days=90)
    for one in people[5::75]:
        wanted = WantedSet("D", day + timedelta(days=1), later, "Hospital school", frozenset({2, 4}))
        set_code(school, NewSet(wanted, Whom(person_ids=frozenset({one.id}))), by=user)


def _days(last: date, years: int) -> list[date]:
    """Return the weekdays of 39 weeks of each year, up to yesterday, and one that is past the six years."""
    found = [last - timedelta(days=PAST_SIX_YEARS)]
    for year in range(years):
        end = last - timedelta(days=1 + 365 * year)
        span = (end - timedelta(days=one) for one in range(WEEKS_A_YEAR * 7))
        found += [day for day in span if day.isoweekday() < 6]
    return sorted(found)


def _hours(day: date) -> tuple[datetime, datetime]:
    """Return from when to when a day's registers are open, in UTC; those of today are closed by now."""
    opens = min(
        datetime.combine(day, clock(8, 50)), datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=1)
    )
    return opens, opens + timedelta(minutes=30)


def _value(one: UUID) -> Any:
    return one if connection.features.has_native_uuid_field else one.hex


def _write(days: list[date], groups: list[UUID], people: list[UUID], user: User) -> None:
    is_postgresql = connection.vendor == "postgresql"
    kind, stamp = ("uuid", "timestamptz") if is_postgresql else ("text", "text")
    rows = [
        (place, day, *(one.isoformat(" ") + "+00:00" for one in _hours(day)))
        for place, day in enumerate(days)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE d (i integer PRIMARY KEY, day date, opens {stamp}, closes {stamp})"
        )
        cursor.executemany("INSERT INTO d VALUES (%s, %s, %s, %s)", rows)
        cursor.execute(f"CREATE TEMP TABLE g (i integer PRIMARY KEY, id {kind})")
        cursor.executemany(
            "INSERT INTO g VALUES (%s, %s)", [(i, _value(one)) for i, one in enumerate(groups)]
        )
        cursor.execute(f"CREATE TEMP TABLE p (i integer PRIMARY KEY, id {kind})")
        cursor.executemany(
            "INSERT INTO p VALUES (%s, %s)", [(i, _value(one)) for i, one in enumerate(people)]
        )
        cursor.execute("CREATE TEMP TABLE s (n integer PRIMARY KEY, present text)")
        cursor.executemany("INSERT INTO s VALUES (%s, %s)", [(1, "/"), (2, "\\")])
        mark, symbol = _id(8, f"(d.i * {PUPILS} + p.i) * 2 + s.n"), SYMBOL.format(place=PLACE)
        registers = (
            f"SELECT {_register('g.i')}, g.id, d.day, s.n, s.n = 1, d.opens, d.closes, %s, d.opens, d.opens,"  # noqa: S608
            " d.closes, NULL FROM d, g, s"
        )
        held = _register(f"(p.i %% {CLASSES})")
        marks = (
            f"SELECT {mark}, {held}, p.id, 1, {symbol}, NULL, 'register', '', %s, d.opens, NULL, FALSE"  # noqa: S608
            " FROM d, p, s"
        )
        current = (
            f"SELECT (d.i * {PUPILS} + p.i) * 2 + s.n, p.id, d.day, s.n, {held}, {mark}, {symbol}"  # noqa: S608
            " FROM d, p, s"
        )
        cursor.execute(f"INSERT INTO attendance_register ({REGISTER}) {registers}", [user.pk])
        cursor.execute(f"INSERT INTO attendance_mark ({MARK}) {marks}", [user.pk])
        cursor.execute(f"INSERT INTO attendance_currentmark ({CURRENT}) {current}", [])


def _register(group: str) -> str:
    """Return the SQL of the id of a group's register. group: its place among the groups."""
    return _id(7, f"(d.i * {CLASSES} + {group}) * 2 + s.n")


def _id(kind: int, number: str) -> str:
    """Return the SQL of the id with this number among rows of a kind."""
    if connection.vendor == "postgresql":
        return f"lpad(to_hex({kind}::bigint * 1000000000 + {number}), 32, '0')::uuid"
    return f"printf('%%032x', {kind} * 1000000000 + {number})"


def pages(school: School, user: User, person: Person) -> dict[str, list[float]]:
    """Return how long each page took, in milliseconds, run by run."""
    freeze_what_is_loaded()  # as a server does at its start
    day = today(school)
    held = CurrentMark.objects.filter(person=person).order_by("-day").first()
    assert held is not None
    staff = sign_in(Client(SERVER_NAME="localhost"), user)
    family = sign_in(Client(SERVER_NAME="localhost"), User.objects.get(username="guardian"))
    group = Register.objects.get(pk=held.register_id).group_id
    child = f"/family/child/{person.id}/"
    trip = Trip.objects.order_by("id")[0]
    asked = [
        (staff, path)
        for path in (
            "/",
            "/staff/registers/",
            f"/staff/registers/?day={held.day}",
            f"/staff/registers/{held.register_id}/",
            "/staff/registers/settings/",
            f"/staff/registers/groups/{group}/",
            "/staff/registers/lists/",
            "/staff/registers/lists/?page=9",
            "/staff/registers/patterns/?class=01",
            f"/staff/registers/weeks/?group={group}&week={held.day:%G-W%V}",
            f"/staff/registers/weeks/{group}/file.xlsx?week={held.day:%G-W%V}",
            f"/staff/registers/pupils/{person.id}/",
            "/staff/registers/notes/",
            "/staff/registers/returns/",
            "/staff/registers/messages/",
            "/staff/registers/contacts/",
            "/staff/registers/app/",
            f"/staff/registers/app/today/?names=1&group={group}",
            "/staff/registers/codes/",
            "/staff/registers/codes/set/",
            "/staff/leave/",
            "/staff/leave/desk/",
            "/staff/leave/settings/",
            f"/staff/leave/enter/{person.id}/",
            "/staff/leave/trips/",
            "/staff/leave/trips/plan/",
            f"/staff/leave/trips/{trip.id}/",
            f"/staff/people/{person.id}/",
            f"/staff/people/{person.id}/everything/",
        )
    ]
    asked += [
        (family, path)
        for path in (child, f"{child}marks/", f"{child}marks/?week={day:%G-W%V}", f"{child}data/")
    ]
    asked += [(family, path) for path in (f"{child}absence/", f"{child}absence-messages/")]
    ids = [str(one) for one in (person.id, group, held.register_id, trip.id)]
    found = {_without(ids, path): _time(client, path) for client, path in asked}
    everyone = {
        "key": str(uuid4()), "symbol": "Y4", "whom": "everyone", "first_day": day, "last_day": day,
        "reason": "Snow",
    }  # fmt: skip
    posts: dict[str, dict[str, Any]] = {
        "/staff/registers/returns/day/": {"day": held.day},
        "/staff/registers/codes/set/": everyone,
    }
    return found | {f"{path} (sent)": _time(staff, path, form) for path, form in posts.items()}


def _without(ids: list[str], path: str) -> str:
    for one in ids:
        path = path.replace(one, "…")
    return path


def night() -> dict[str, float]:
    """Return how long the nightly purge takes for the marks of the oldest day, all batches, in seconds."""
    day = Register.objects.order_by("day").values_list("day", flat=True)[0]
    before = datetime.combine(day + timedelta(days=1), clock(), UTC)
    started, deleted = time.perf_counter(), 0
    while done := purge_marks(before, BATCH):
        deleted += done
    return {"seconds": time.perf_counter() - started, "marks": deleted}


def everyone(school: School, user: User) -> dict[str, float]:
    """Return how long a code for everyone takes today, recorded and undone, and what another writer waits."""
    day, waits, is_over = today(school), list[float](), threading.Event()
    others = threading.Thread(target=_write_meanwhile, args=(school, is_over, waits))
    new = NewSet(WantedSet("Y4", day, day, "Snow"), Whom(everyone=True), replaces=True)
    moments = [time.perf_counter()]
    row = set_code(school, new, by=user)
    moments.append(time.perf_counter())
    others.start()
    run_due()
    moments.append(time.perf_counter())
    marks = row.marks.count()
    moments.append(time.perf_counter())
    undo_set_code(school, row.id, by=user)
    moments.append(time.perf_counter())
    run_due()
    moments.append(time.perf_counter())
    is_over.set()
    others.join()
    press, recorded, _counted, undo, undone = (
        later - earlier for earlier, later in itertools.pairwise(moments)
    )
    return {
        "marks": marks, "press_ms": press * 1e3, "recorded_s": recorded, "undo_press_ms": undo * 1e3,
        "undone_s": undone, "wait_ms_max": max(waits) * 1e3,
    }  # fmt: skip


def _write_meanwhile(school: School, is_over: threading.Event, waits: list[float]) -> None:
    """Write one row again and again, as tills do, and note how long each took."""
    while not is_over.is_set():
        started = time.perf_counter()
        with transaction.atomic():
            School.objects.filter(pk=school.pk).update(name="Registers")
        waits.append(time.perf_counter() - started)
        time.sleep(0.01)
    connection.close()


def _time(client: Client, path: str, form: dict[str, Any] | None = None) -> list[float]:
    found = []
    for place in range(RUNS + 1):
        started = time.perf_counter()
        answer = client.get(path) if form is None else client.post(path, form)
        if place:  # the first one reads templates and compiles queries
            found.append((time.perf_counter() - started) * 1e3)
        assert answer.status_code == 200, (path, answer.status_code)
    return found


if __name__ == "__main__":
    started_at = time.perf_counter()
    known = build(int(sys.argv[1]), with_today=True)
    _let_many_be_away(*known)
    print(f"  built: {time.perf_counter() - started_at:.0f} s", file=sys.stderr, flush=True)
    found = {"marks": CurrentMark.objects.count(), "pages": pages(*known), "everyone": everyone(*known[:2])}
    print(json.dumps({**found, "night": night()}))
