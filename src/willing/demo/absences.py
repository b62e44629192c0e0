"""A leave that a pupil asks for, and a trip: who agrees, and how many the kitchen cooks less for."""

from datetime import date, time

from willing.accounts.sign_ins import require_pupil_user
from willing.demo.school import DemoSchool
from willing.demo.stage import SceneResult, StoryBroken, expect
from willing.leave.answering import approve, record_answer, withdraw_for_family
from willing.leave.asking import NewLeave, ask_as_pupil
from willing.leave.lunch import away_at_lunch
from willing.leave.models import Trip
from willing.leave.queries import absences_of
from willing.leave.rules import AbsenceSource, WantedLeave
from willing.leave.trips import NewTrip, cancel_trip, plan_trip
from willing.people.queries import today
from willing.people.school_days import next_school_day, school_days_between

HOURS = (time(11), time(14))  # over lunch
TRIP, GOES = "Science museum", ("Sam", "Dina")


def ask_for_leave(demo: DemoSchool, name: str) -> SceneResult:
    """Let a pupil ask, a guardian confirm on the telephone, and a teacher agree; the kitchen reads it."""
    person, day = demo.person(name), _next_day(demo)
    office, teacher = demo.user("office"), demo.user("teacher")
    for one in absences_of(person, day, day):  # of an earlier telling
        if one.source is not AbsenceSource.TRIP:
            withdraw_for_family(demo.school, one.id, by=office)
    before = _away(demo, day)
    new = NewLeave(WantedLeave(day, day, *HOURS), "appointment")
    leave = ask_as_pupil(person, new, by=require_pupil_user(person))
    guardian = demo.guardian(name)
    record_answer(demo.school, leave.id, guardian_id=guardian.id, is_yes=True, reached="Telephone", by=office)
    agreed = approve(demo.school, leave.id, by=teacher)
    expect(agreed.state == "agreed", "a guardian and the school agree to a leave")
    expect(_away(demo, day) == before + 1, "the kitchen cooks for one less")
    return SceneResult("guardian and teacher agreed, one meal less on the next school day", person=name)


def plan_a_trip(demo: DemoSchool) -> SceneResult:
    """Let a teacher plan a trip for the next school day: pupils who go are expected nowhere else."""
    day, teacher = _next_day(demo), demo.user("teacher")
    for one in Trip.objects.filter(school=demo.school, name=TRIP, last_day__gte=day, cancelled_at=None):
        cancel_trip(demo.school, one.id, by=teacher)  # of an earlier telling
    before = _away(demo, day)
    pupils = [demo.person(name) for name in GOES]
    wanted = WantedLeave(day, day, time(9), time(15))
    plan_trip(demo.school, NewTrip(TRIP, "visit", wanted, [one.id for one in pupils], (teacher,)), by=teacher)
    less = _away(demo, day) - before
    expect(less == len(pupils), "the kitchen cooks for nobody who is on a trip")
    return SceneResult(
        f"{len(pupils)} pupils away on the next school day, {less} meals less", person=", ".join(GOES)
    )


def _next_day(demo: DemoSchool) -> date:
    day = next_school_day(demo.school, today(demo.school))
    if day is None:
        raise StoryBroken("the calendar has no school day to come")
    return day


def _away(demo: DemoSchool, day: date) -> int:
    return away_at_lunch(demo.school, school_days_between(demo.school, day, day))[day].total
