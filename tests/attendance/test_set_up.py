"""How a school takes its registers: codes, times, groups; each mistake by its name."""

from dataclasses import replace
from datetime import time
from uuid import uuid4

import pytest
from tests.attendance.conftest import ENGLAND, at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import AttendanceSettings, GroupMember, RegisterTime
from willing.attendance.queries import (
    codes_of,
    district_codes,
    groups_of,
    registers_on,
    require_settings,
    times_of,
)
from willing.attendance.registers import open_register
from willing.attendance.rules import CountsAs
from willing.attendance.set_up import (
    NewSettings,
    NewTime,
    add_class_groups,
    add_district_code,
    add_group,
    retire_district_code,
    retire_group,
    set_attendance,
    set_meetings,
    set_members,
    set_teachers,
)
from willing.core.errors import Refused
from willing.people.models import YearGroup

PERIODS = tuple(NewTime(f"Period {one + 1}", time(8 + one), 50) for one in range(6))
MINUTES = NewSettings("us_minutes", 10, PERIODS, full_day_minutes=300, half_day_minutes=150)


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


@pytest.fixture
def by(cast):
    return cast.user("administrator")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"code_set": "wales"}, "code_set_unknown"),
        ({"times": ()}, "register_times_missing"),
        ({"times": (NewTime(" ", time(9)), NewTime("Afternoon", time(13)))}, "register_times_missing"),
        ({"times": ENGLAND.times[:1]}, "register_times_not_halves"),
        (
            {"times": (NewTime("Morning", time(9)), NewTime("Afternoon", time(9, 10)))},
            "register_times_overlap",
        ),
        ({"open_minutes": 45}, "register_open_too_long"),
        ({"full_day_minutes": 300, "half_day_minutes": 150}, "register_day_too_short"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(cast, by, changed, code):
    assert code_of(lambda: set_attendance(cast.school, replace(ENGLAND, **changed), by=by)) == code
    assert not AttendanceSettings.objects.exists()


def test_half_a_day_is_less_than_a_whole_one(cast, by):
    wrong = replace(MINUTES, half_day_minutes=300)
    assert code_of(lambda: set_attendance(cast.school, wrong, by=by)) == "register_day_too_short"
    set_attendance(cast.school, MINUTES, by=by)
    assert require_settings(cast.school).half_day_minutes == 150


def test_times_are_set_anew_in_their_order_and_codes_in_use_stay(cast, school, by):
    turned = replace(ENGLAND, times=ENGLAND.times[::-1], open_minutes=20)
    set_attendance(school, turned, by=by)
    assert [(one.number, one.name) for one in times_of(school)] == [(1, "Morning"), (2, "Afternoon")]
    set_attendance(school, replace(ENGLAND, code_set="free"), by=by)
    set_attendance(school, ENGLAND, by=by)
    with stopped_at(at(8, 55)):
        register = open_register(school, groups_of(school)[0].id, at(8).date(), 1, by=by)
        record_marks(register, [NewMark(cast.person("Ada").id, "/")], by=by)
    other = replace(ENGLAND, code_set="free")
    assert code_of(lambda: set_attendance(school, other, by=by)) == "codes_in_use"
    assert RegisterTime.objects.count() == 2
    assert facts_of("attendance.settings_changed")[-1]["codes"] == "england_2024"


def test_a_code_of_the_district_counts_as_what_it_means(cast, by):
    assert (
        code_of(lambda: add_district_code(cast.school, "DR", "Doctor", "E", by=by)) == "registers_not_set_up"
    )
    assert code_of(lambda: require_settings(cast.school)) == "registers_not_set_up"
    set_attendance(cast.school, MINUTES, by=by)
    for symbol, label, meaning in (
        ("", "Doctor", "E"),
        ("A", "Doctor", "E"),
        ("DR", " ", "E"),
        ("DR", "Doctor", "Z"),
        ("ABCDEFGHI", "Doctor", "E"),
    ):
        deed = lambda s=symbol, n=label, m=meaning: add_district_code(cast.school, s, n, m, by=by)  # noqa: E731
        assert code_of(deed) == "district_code_not_valid"
    add_district_code(cast.school, "DR", "Doctor's  visit", "E", by=by)
    code = codes_of(require_settings(cast.school)).codes["DR"]
    assert (code.counts, code.labels["en"], code.proposed_from) == (
        CountsAs.AUTHORISED,
        "Doctor's visit",
        frozenset(),
    )
    again = lambda: add_district_code(cast.school, "DR", "Doctor", "E", by=by)  # noqa: E731
    assert code_of(again) == "district_code_not_valid"
    retire_district_code(cast.school, "DR", by=by)
    assert district_codes(cast.school) == []
    assert "DR" in codes_of(require_settings(cast.school)).codes, "marks go on bearing it"
    assert code_of(lambda: retire_district_code(cast.school, "DR", by=by)) == "district_code_not_valid"
    other = lambda: add_district_code(cast.school, "DR", "Doctor", "A", by=by)  # noqa: E731
    assert code_of(other) == "district_code_not_valid"
    assert again().label == "Doctor"


def test_each_class_has_a_register_and_groups_have_names_of_their_own(cast, school, by):
    assert add_class_groups(school, by=by) == 0
    YearGroup.objects.create(school=school, name="5B", position=2)
    assert add_class_groups(school, by=by) == 1
    for name in ("", " ", "4a", "x" * 61):
        assert code_of(lambda name=name: add_group(school, name, by=by)) == "register_group_not_valid"
    choir = add_group(school, " Choir ", by=by)
    assert [one.title for one in groups_of(school)] == ["4A", "5B", "Choir"]
    assert code_of(lambda: add_group(school, "choir", by=by)) == "register_group_not_valid"
    retire_group(school, groups_of(school)[0].id, by=by)
    retire_group(school, choir.id, by=by)
    assert [one.title for one in groups_of(school)] == ["5B"]
    add_class_groups(school, by=by)
    assert [one.title for one in groups_of(school)] == ["4A", "5B"]


def test_a_group_meets_when_it_meets_and_its_teachers_are_known(cast, school, by):
    with stopped_at(at(8)):
        group = add_group(school, "Choir", by=by)
        set_meetings(school, group.id, [(4, 2), (4, 2)], by=by)
        set_teachers(school, group.id, [cast.user("office"), by], by=by)
        set_teachers(school, group.id, [cast.user("office")], by=by)
        thursday = [one for one in registers_on(school, at(8).date()) if one.group == group]
        assert [(one.time.number, one.teachers) for one in thursday] == [(2, (cast.user("office").pk,))]
        assert not [one for one in registers_on(school, at(8, day=27).date()) if one.group == group]
        wrong = lambda: set_meetings(school, group.id, [(4, 3)], by=by)  # noqa: E731
        assert code_of(wrong) == "register_unknown"


def test_members_are_listed_for_groups_that_are_no_class(cast, school, by):
    ada = cast.person("Ada")
    with stopped_at(at(8)):
        group = add_group(school, "Choir", by=by)
        set_members(school, group.id, [ada], by=by)
        set_members(school, group.id, [], by=by)
        assert not GroupMember.objects.exists(), "entered and removed on one day: never a member"
        of_class = lambda: set_members(school, groups_of(school)[0].id, [ada], by=by)  # noqa: E731
        assert code_of(of_class) == "register_group_unknown"
        assert code_of(lambda: set_members(school, uuid4(), [ada], by=by)) == "register_group_unknown"
