"""What the kitchen, the day's entitlement and a register make of a planned absence."""

from datetime import date, time, timedelta

import pytest
from tests.attendance.conftest import at as moment
from tests.leave.conftest import at
from tests.support.clocks import stopped_at
from tests.support.leaves import a_leave, a_trip, an_agreed_leave
from tests.support.registers import ENGLAND

from willing.attendance.marking import NewMark, mark_everyone_present, record_marks
from willing.attendance.models import CurrentMark
from willing.attendance.proposals import proposals_of
from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.set_up import add_class_groups, set_attendance
from willing.entitlements.actions import NewEntitlement, grant
from willing.leave.answering import approve
from willing.leave.desk import sign_back, sign_out
from willing.leave.lunch import AwayAtLunch, away_at_lunch, released_days
from willing.people.calendar import set_week
from willing.people.calendar_rules import Hours
from willing.people.school_days import school_days_between
from willing.till.grants import grant_of

THURSDAY = date(2026, 11, 26)


@pytest.fixture
def ada(cast, school, this_morning):
    return cast.person("Ada")


def away(school, day=THURSDAY):
    days = school_days_between(school, day, day)
    return away_at_lunch(school, days)[day]


def test_the_kitchen_reads_how_many_are_away_for_what_and_no_names(cast, ada):
    gus, office = cast.user("guardian"), cast.user("office")
    assert away_at_lunch(ada.school, []) == {}
    assert away(ada.school) == AwayAtLunch()
    leave = a_leave(ada, gus)
    assert away(ada.school).total == 0  # the school has not agreed yet
    approve(ada.school, leave.id, by=office)
    a_trip(ada.school, [cast.person("Bo").id, cast.person("Nia").id], by=office)
    a_trip(ada.school, [cast.person("Wes").id], by=office, has_packed_meals=True)
    assert away(ada.school) == AwayAtLunch(trip=2, leave=1, packed=1)
    assert away(ada.school).total == 3


def test_who_is_at_school_for_a_moment_of_lunch_is_cooked_for(cast, ada):
    set_week(ada.school, {day: [Hours(time(11, 45), time(12, 30))] for day in range(1, 6)})
    gus, office = cast.user("guardian"), cast.user("office")
    an_agreed_leave(ada, gus, by=office, hours=(time(9), time(12, 15)))
    assert away(ada.school).total == 0
    an_agreed_leave(ada, gus, by=office, day=THURSDAY + timedelta(days=1), hours=(time(9), time(12, 30)))
    assert away(ada.school, THURSDAY + timedelta(days=1)).leave == 1
    assert released_days(ada, THURSDAY, THURSDAY + timedelta(days=3)) == {THURSDAY + timedelta(days=1)}


def test_a_day_that_was_released_keeps_nothing_and_who_comes_all_the_same_eats(cast, ada):
    gus, office = cast.user("guardian"), cast.user("office")
    with stopped_at(at(8, day=23)):
        grant(ada, NewEntitlement("sum", "school", date(2026, 11, 23), daily_minor=300), by=office)
        an_agreed_leave(ada, gus, by=office, day=date(2026, 11, 24))
        a_trip(ada.school, [ada.id], by=office, day=date(2026, 11, 25), has_packed_meals=True)
    shown = grant_of(ada)
    assert (shown.kept_minor, shown.is_released) == (600, False)  # Monday and Wednesday, not Tuesday
    an_agreed_leave(ada, gus, by=office)
    shown = grant_of(ada)
    assert shown.is_released
    assert shown.left.sum_minor == 900


@pytest.fixture
def register(cast, ada):
    office = cast.user("office")
    set_attendance(ada.school, ENGLAND, by=office)
    add_class_groups(ada.school, by=office)
    group = next(one for one in groups_of(ada.school) if one.year_group_id == ada.year_group_id)
    return open_register(ada.school, group.id, THURSDAY, 2, by=office)


@pytest.mark.parametrize(
    ("kind", "symbol"),
    [("illness", "I"), ("appointment", "M"), ("interview", "J1"), ("study", "S"), ("other", "")],
)
def test_a_register_proposes_the_code_of_an_agreed_leave_and_records_nothing(
    cast, ada, register, kind, symbol
):
    leave = a_leave(ada, cast.user("guardian"), kind=kind)
    assert proposals_of(register)[ada.id].symbol == ""
    approve(ada.school, leave.id, by=cast.user("office"))
    assert proposals_of(register)[ada.id].symbol == symbol
    assert not CurrentMark.objects.exists()


@pytest.mark.parametrize(
    ("kind", "symbol"), [("visit", "V"), ("sport", "P"), ("work", "W"), ("activity", "")]
)
def test_a_register_proposes_the_code_of_a_trip(cast, ada, register, kind, symbol):
    a_trip(ada.school, [ada.id], by=cast.user("teacher"), kind=kind)
    assert proposals_of(register)[ada.id].symbol == symbol


def test_one_press_for_all_present_does_not_mean_who_is_known_to_be_away(cast, ada, register):
    office = cast.user("office")
    a_leave(ada, cast.user("guardian"), kind="illness")
    assert proposals_of(register)[ada.id].is_explained
    with stopped_at(moment(13, 1)):
        assert mark_everyone_present(register, by=office) == 4
        (done,) = record_marks(register, [NewMark(ada.id, "\\")], by=office)
    assert done.refused is None  # came all the same: a person's mark is what holds


def test_who_is_back_before_the_register_is_expected_in_it(cast, ada, register):
    office = cast.user("office")
    leave = an_agreed_leave(ada, cast.user("guardian"), by=office)
    sign_out(ada.school, leave.id, by=office)
    with stopped_at(at(11)):
        sign_back(ada.school, leave.id, by=office)
    assert proposals_of(register) == {}
