"""What `rollcall` runs in a process of its own: build the school, then call its roll again and again."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402  (Django must be set up first)
from django.test import Client  # noqa: E402
from tests.support.signing import sign_in  # noqa: E402

from benchmarks.register_steps import build  # noqa: E402
from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.attendance.models import CurrentMark  # noqa: E402
from willing.config.startup import freeze_what_is_loaded  # noqa: E402
from willing.core.clock import now  # noqa: E402
from willing.core.sqlite.planner import refresh_planner  # noqa: E402
from willing.gate.models import Direction, Passage, PassageWay  # noqa: E402
from willing.gate.set_up import add_door  # noqa: E402
from willing.leave.models import Leave, Trip, TripPupil  # noqa: E402
from willing.people.models import Person, School, YearGroup  # noqa: E402
from willing.people.queries import today  # noqa: E402
from willing.rollcall.calling import close_roll_call, start_roll_call  # noqa: E402
from willing.rollcall.models import Listed  # noqa: E402
from willing.rollcall.set_up import (  # noqa: E402
    NewPoint,
    name_warden,
    set_point,
    write_medical_words,
)
from willing.rollcall.ticking import NewTick, record_ticks  # noqa: E402
from willing.visits.actions import NewVisit, VisitorSignIn, receive_unannounced  # noqa: E402
from willing.visits.staff_days import set_user_in  # noqa: E402

RUNS, STAFF, VISITORS, POINTS, PHONES, DRILLS = 7, 100, 20, 6, 20, 4
LEAVES_OF_A_PUPIL, TRIPS, ON_A_TRIP, MEDICAL = 60, 360, 40, 90
STEP_TICKS = 400  # as many as a phone sends in one message
# Read when it is over, or printed beforehand: nobody stands outside and waits for it.
UNHURRIED = ("the report as PDF", "the report as CSV", "the report as XLSX", "the sheets as PDF")


def furnish(school: School, by: User) -> None:
    """Add what a school has beside registers: staff, points, leave, trips, passages, visitors, old drills."""
    with transaction.atomic():
        staff = [
            add_user(school, NewUser(f"staff{at}", None, f"Teacher {at}", ("teacher",)))
            for at in range(STAFF)
        ]
        for one in staff[: STAFF * 9 // 10]:
            set_user_in(school, one, is_in=True)
        for one in [by, *staff[: PHONES - 1]]:
            name_warden(school, one.pk, by=by)
        for at in range(VISITORS):
            new = NewVisit(f"Guest {at}", by, organisation="Lift Works")
            receive_unannounced(school, new, VisitorSignIn(is_inducted=True, badge_number=at + 1), by=by)
        classes = list(YearGroup.objects.order_by("name").values_list("pk", flat=True))
        for at in range(POINTS):
            gathers = {"is_for_staff": at == 0, "is_for_visitors": at == 0}
            set_point(school, NewPoint(f"Point {at}", classes[at::POINTS], **gathers), by=by)
    people = list(Person.objects.filter(school=school).order_by("id"))
    for one in people[:MEDICAL]:
        write_medical_words(one, "needs an adrenaline pen", "vital", by=by)
    _away(school, people, by)
    _through_the_gate(school, people, by)
    for at in range(DRILLS):
        began = now() - timedelta(hours=20 - at)
        roll_call = start_roll_call(school, "drill", by=by, at=began)
        subjects = Listed.objects.filter(roll_call=roll_call, is_expected=True)
        ids = list(subjects.values_list("subject", flat=True))
        phone = uuid4()
        ticks = [NewTick(one, "safe", began + timedelta(minutes=3), by.pk, phone) for one in ids]
        record_ticks(school, roll_call.id, ticks, by=by)
        close_roll_call(school, roll_call.id, by=by)
    refresh_planner()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _away(school: School, people: list[Person], by: User) -> None:
    """Six years of leave and trips, with a trip and some leave of today."""
    day = today(school)
    Leave.objects.bulk_create(
        [
            Leave(
                person=one,
                kind=Leave.Kind.APPOINTMENT,
                first_day=day - timedelta(days=37 * at + place % 37),
                last_day=day - timedelta(days=37 * at + place % 37),
                state=Leave.State.AGREED,
                asked_by=by,
                asked_as=Leave.AskedAs.STAFF,
                **(
                    {"signed_out_at": now() - timedelta(minutes=place), "signed_out_by": by} if not at else {}
                ),
            )
            for place, one in enumerate(people)
            for at in range(LEAVES_OF_A_PUPIL)
        ],
        batch_size=500,
    )
    trips = Trip.objects.bulk_create(
        [
            Trip(
                school=school,
                name=f"Museum {at}",
                kind=Trip.Kind.VISIT,
                first_day=day - timedelta(days=6 * at),
                last_day=day - timedelta(days=6 * at),
                made_by=by,
            )
            for at in range(TRIPS)
        ]
    )
    gone = [
        TripPupil(trip=one, person=people[(place * 53 + at) % len(people)])
        for place, one in enumerate(trips)
        for at in range(ON_A_TRIP)
    ]
    TripPupil.objects.bulk_create(gone, batch_size=500)


def _through_the_gate(school: School, people: list[Person], by: User) -> None:
    """A week of passages, in and out."""
    door, day = add_door(school, "Main door", by=by), today(school)
    Passage.objects.bulk_create(
        [
            Passage(
                id=uuid4(),
                door=door,
                person=one,
                direction=direction,
                way=PassageWay.CARD,
                received_at=now() - timedelta(days=ago, minutes=30),
                at=now() - timedelta(days=ago, minutes=30),
                day=day - timedelta(days=ago),
                is_logged=ago > 0,
            )
            for one in people
            for ago in range(7)
            for direction in (Direction.IN, Direction.OUT)
        ],
        batch_size=500,
    )


class Rounds:
    """What is timed: from the open list to the report, round after round."""

    def __init__(self, school: School, by: User) -> None:
        freeze_what_is_loaded()  # as a server does at its start
        self.school, self.by = school, by
        self.client = sign_in(Client(SERVER_NAME="localhost"), by)
        self.phone = str(uuid4())
        self.list_kb = 0.0
        self.times: dict[str, list[float]] = defaultdict(list)
        # Of them, how long a processor worked for it: the rest waited for the disk, or for others' work.
        self.worked: dict[str, list[float]] = defaultdict(list)

    def get(self, step: str, path: str, *, times: int = 1) -> Any:
        """Time a question, or as many of them one after another as a server's threads get through in turn."""
        asked = f"/staff/roll-call/{path}"
        return self._timed(step, lambda: [self.client.get(asked) for _one in range(times)][-1])

    def post(self, step: str, path: str, content: dict[str, Any]) -> Any:
        """Time a message."""
        kind = "application/json"
        return self._timed(step, lambda: self.client.post(f"/staff/roll-call/{path}", content, kind))

    def _timed(self, step: str, deed: Any) -> Any:
        started, worked = time.perf_counter(), time.process_time()
        answer = deed()
        self.worked[step].append((time.process_time() - worked) * 1e3)
        self.times[step].append((time.perf_counter() - started) * 1e3)
        assert answer.status_code == 200, (step, answer.status_code)
        return answer

    def round(self) -> None:
        """Call the roll once, from the open list to the report."""
        self.get("the page before a start", "")
        opened = self.get("the list opened on a phone", f"list/?device={self.phone}&opened=1")
        self.list_kb = len(opened.content) / 1_000
        people = [one["id"] for one in opened.json()["people"] if one["expected"]]
        key = str(uuid4())
        self.post("a start", "begin/", {"id": key, "kind": "drill", "at": now().isoformat()})
        self.get("news for a phone that waits", f"wait/?version={uuid4()}")
        self.get(f"the same for {PHONES} phones", f"wait/?version={uuid4()}", times=PHONES)
        self.get(f"the list for {PHONES} phones at once", f"list/?device={self.phone}&opened=1", times=PHONES)
        self.get("what is running", "state/?since=0")
        self.post("one tick", "ticks/", self._ticks(key, people[:1]))
        for first in range(1, len(people) // 2, STEP_TICKS):
            sent = people[first : first + STEP_TICKS]
            self.post(f"{STEP_TICKS} ticks", "ticks/", self._ticks(key, sent))
        self.get("the list opened anew while it runs", f"list/?device={self.phone}&opened=1")
        self.get("the page while it runs", "")
        self.get("its counts", "counts/")
        self.get("who is missing", f"{key}/")
        self.post("its end", "end/", {"id": key})
        for form in ("pdf", "csv", "xlsx"):
            self.get(f"the report as {form.upper()}", f"{key}/report.{form}")
        self.get("the sheets as PDF", "sheets.pdf")

    def _ticks(self, key: str, subjects: list[str]) -> dict[str, Any]:
        one = {"state": "safe", "at": now().isoformat(), "by": self.by.pk, "device": self.phone}
        return {
            "roll_call": key,
            "user": self.by.pk,
            "device": self.phone,
            "since": 0,
            "ticks": [{**one, "subject": subject} for subject in subjects],
        }


def main(years: int) -> dict[str, Any]:
    """Build, call the roll and return what it took; the first round compiles and does not count."""
    started = time.perf_counter()
    school, by, _person = build(years, with_today=True)
    furnish(school, by)
    print(f"  built: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    Rounds(school, by).round()
    rounds = Rounds(school, by)
    for _one in range(RUNS):
        rounds.round()
    return {
        "names": Listed.objects.filter(roll_call=Listed.objects.order_by("-id")[0].roll_call_id).count(),
        "marks": CurrentMark.objects.count(),
        "list_kb": rounds.list_kb,
        "steps": rounds.times,
        "worked": rounds.worked,
        "unhurried": UNHURRIED,
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
