"""A register is taken by people, closed at its time, corrected with a reason; nothing in it is lost."""

from datetime import time, timedelta
from uuid import uuid4

import pytest
from django.db import Error, transaction
from tests.attendance.conftest import at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance.marking import NewMark, arrival_of, mark_everyone_present, record_marks
from willing.attendance.models import CurrentMark, Mark, Register, RollName
from willing.attendance.queries import (
    disputes,
    groups_of,
    history,
    lines_of,
    marks_of,
    registers_on,
    require_register,
    symbols_between,
)
from willing.attendance.registers import close_due, close_register, move_marks, open_register
from willing.attendance.retention import keep_roll_names, purge_marks
from willing.attendance.rules import MarkMerge
from willing.attendance.set_up import (
    NewSettings,
    NewTime,
    add_class_groups,
    add_group,
    retire_group,
    set_attendance,
    set_members,
)
from willing.core.errors import Refused
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.models import Person, YearGroup
from willing.people.persons import mark_left

DAY = at(8).date()


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def held(register):
    """Return what holds, by the given name."""
    return {one.person.given_name: one.mark.symbol if one.mark else "" for one in lines_of(register)}


def refusals(done):
    return [one.refused.code for one in done if one.refused]


def test_a_class_is_taken_with_one_press_and_its_exceptions(cast, register):
    bo, by = cast.person("Bo"), cast.user("office")
    with stopped_at(at(8, 52)):
        (done,) = record_marks(register, [NewMark(bo.id, "I")], by=by)
        assert done.merge is MarkMerge.CURRENT
        assert mark_everyone_present(register, by=by) == 2
        assert mark_everyone_present(register, by=by) == 0
    assert held(register) == {"Ada": "/", "Bo": "I", "Wes": "/"}
    assert require_register(cast.school, register.id).completed_at == at(8, 52)
    assert [one["marks"] for one in facts_of("register.marked")] == [1, 2]
    assert "I" not in str(facts_of("register.marked")), "what a mark says is in no entry of the log"


def test_who_has_no_mark_at_the_close_has_a_reason_that_is_not_yet_known(cast, register):
    by = cast.user("office")
    with stopped_at(at(8, 55)):
        record_marks(register, [NewMark(cast.person("Ada").id, "/")], by=by)
        assert code_of(lambda: close_register(register, by=by)) == "register_not_due"
    with stopped_at(at(9, 20)):
        assert close_due(cast.school) == 1
        assert close_due(cast.school) == 0
        assert close_register(register, by=by) == 0
    assert held(register) == {"Ada": "/", "Bo": "N", "Wes": "N"}
    assert [one["unexplained"] for one in facts_of("register.closed")] == [2]
    assert not CurrentMark.objects.filter(mark=None).exists()


def test_a_register_that_nobody_took_makes_nobody_absent(cast, register):
    with stopped_at(at(15)):
        assert code_of(lambda: close_register(register, by=cast.user("office"))) == "register_not_taken"
        assert close_due(cast.school) == 0
    assert not Mark.objects.exists()


def test_who_comes_late_has_the_minutes_and_after_the_close_another_code(cast, register):
    assert arrival_of(register, at(8, 50)) == ("/", None)
    assert arrival_of(register, at(9, 1)) == ("L", 11)
    assert arrival_of(register, at(9, 20)) == ("U", 30)


def test_a_mark_in_a_closed_register_needs_a_reason_and_both_stay(cast, register):
    by, ada = cast.user("office"), cast.person("Ada")
    with stopped_at(at(9, 20)):
        record_marks(register, [NewMark(cast.person("Bo").id, "/")], by=by)
        close_register(register)
        register.refresh_from_db()
        assert refusals(record_marks(register, [NewMark(ada.id, "U", 40)], by=by)) == ["mark_reason_missing"]
        record_marks(register, [NewMark(ada.id, "U", 40, "Bus was late")], by=by)
    assert [(one.symbol, one.source, one.reason) for one in history(register, ada)] == [
        ("N", "close", ""),
        ("U", "correction", "Bus was late"),
    ]
    assert held(register)["Ada"] == "U"
    assert facts_of("register.marked")[-1]["corrected"] == 1


def test_one_bad_mark_keeps_none_of_the_others_back(cast, register):
    stranger, by = cast.person("Carl"), cast.user("office")
    marks = [
        NewMark(cast.person("Ada").id, "H"),
        NewMark(stranger.id, "/"),
        NewMark(cast.person("Bo").id, "/", 3),
        NewMark(cast.person("Wes").id, "/"),
        NewMark(uuid4(), "/"),
    ]
    with stopped_at(at(8, 51)):
        done = record_marks(register, marks, by=by)
    assert refusals(done) == [
        "mark_code_unknown",
        "mark_not_in_register",
        "mark_minutes_not_valid",
        "mark_not_in_register",
    ]
    assert held(register) == {"Ada": "", "Bo": "", "Wes": "/"}


def test_before_it_begins_only_what_is_known_already_is_recorded(cast, school):
    by, group = cast.user("office"), groups_of(school)[0]
    with stopped_at(at(8)):
        register = open_register(school, group.id, DAY, 1, by=by)
        done = record_marks(
            register, [NewMark(cast.person("Ada").id, "/"), NewMark(cast.person("Bo").id, "M")], by=by
        )
        assert refusals(done) == ["mark_too_early"]
        assert code_of(lambda: mark_everyone_present(register, by=by)) == "mark_too_early"
    assert held(register) == {"Ada": "", "Bo": "M", "Wes": ""}


def test_a_message_that_is_sent_twice_is_one_mark(cast, register):
    mark = NewMark(cast.person("Ada").id, "/")
    with stopped_at(at(8, 51)):
        assert [one.merge for one in record_marks(register, [mark, mark], by=cast.user("office"))] == [
            MarkMerge.CURRENT,
            MarkMerge.SAME,
        ]
    assert Mark.objects.count() == 1


def test_two_teachers_who_disagree_are_both_kept_and_a_person_decides(cast, register):
    ada = cast.person("Ada")
    with stopped_at(at(8, 55)):
        record_marks(register, [NewMark(ada.id, "/")], by=cast.user("office"))
        (done,) = record_marks(register, [NewMark(ada.id, "N")], by=cast.user("administrator"))
        assert done.merge is MarkMerge.DISPUTED
        assert held(register)["Ada"] == "/"
        (open_one,) = disputes(cast.school)
        assert (open_one.person, open_one.symbol) == (ada, "N")
        record_marks(register, [NewMark(ada.id, "N", seen=2)], by=cast.user("office"))
    assert disputes(cast.school) == []
    assert held(register)["Ada"] == "N"
    assert len(history(register, ada)) == 3


def test_a_device_that_comes_back_the_same_day_is_believed_and_a_week_later_asked_about(cast, register):
    ada, bo, by = cast.person("Ada"), cast.person("Bo"), cast.user("office")
    with stopped_at(at(9, 20)):
        record_marks(register, [NewMark(cast.person("Wes").id, "/")], by=cast.user("administrator"))
        close_register(register)
    with stopped_at(at(11)):
        (done,) = record_marks(register, [NewMark(ada.id, "/", device_at=at(8, 55))], by=by)
        assert done.merge is MarkMerge.CURRENT
    with stopped_at(at(9) + timedelta(days=7)):
        (late,) = record_marks(register, [NewMark(bo.id, "/", device_at=at(8, 55))], by=by)
        assert late.merge is MarkMerge.DISPUTED
        assert [one.person for one in disputes(cast.school)] == [bo]
    assert held(register) == {"Ada": "/", "Bo": "N", "Wes": "/"}


def test_a_register_that_only_a_device_saw_is_taken_from_it_a_week_later(cast, school):
    by, group = cast.user("office"), groups_of(school)[0]
    with stopped_at(at(9) + timedelta(days=7)):
        register = open_register(school, group.id, DAY, 1, by=by)
        done = record_marks(register, [NewMark(cast.person("Ada").id, "/", device_at=at(8, 55))], by=by)
        assert [one.merge for one in done] == [MarkMerge.CURRENT]
        assert close_due(school) == 1


def test_there_is_no_register_on_a_day_off_or_one_to_come(cast, school):
    by, group = cast.user("office"), groups_of(school)[0]
    add_entry(school, CalendarSpan("closed", at(8, day=27).date(), at(8, day=27).date(), "Staff day"))
    with stopped_at(at(9, day=27)):
        assert registers_on(school, at(8, day=27).date()) == []
        for day in (27, 30):
            deed = lambda day=day: open_register(school, group.id, at(8, day=day).date(), 1, by=by)  # noqa: E731
            assert code_of(deed) == "no_register_that_day"
        assert code_of(lambda: open_register(school, group.id, DAY, 3, by=by)) == "no_register_that_day"
        assert open_register(school, group.id, DAY, 1, by=by).day == DAY
    assert code_of(lambda: require_register(school, uuid4())) == "register_unknown"


def test_whoever_opens_a_register_second_gets_the_same(cast, school, register):
    with stopped_at(at(8, 51)):
        again = open_register(school, register.group_id, DAY, 1, by=cast.user("administrator"))
    assert again == register
    assert (register.opens_at, register.closes_at) == (at(8, 50), at(9, 20))
    assert len(facts_of("register.opened")) == 1


def test_a_pupil_who_moves_at_noon_has_one_mark_for_each_half(cast, school, register):
    by, ada = cast.user("office"), cast.person("Ada")
    with stopped_at(at(8, 55)):
        record_marks(register, [NewMark(ada.id, "/")], by=by)
    other = YearGroup.objects.create(school=school, name="4B")
    add_class_groups(school, by=by)
    Person.objects.filter(pk=ada.pk).update(year_group=other)
    new = groups_of(school)[1]
    with stopped_at(at(13)):
        morning = open_register(school, new.id, DAY, 1, by=by)
        afternoon = open_register(school, new.id, DAY, 2, by=by)
    assert held(register)["Ada"] == "/"
    assert held(morning) == {}
    assert held(afternoon) == {"Ada": ""}


def test_the_clock_that_goes_back_gives_every_register_its_minutes(cast, school):
    group, by = groups_of(school)[0], cast.user("office")
    change = at(9, day=26).replace(month=10, day=25)  # a Sunday, and the school has no weekdays set
    Person.objects.update(joined_at=change - timedelta(days=9))
    with stopped_at(change):
        register = open_register(school, group.id, change.date(), 1, by=by)
    assert register.closes_at - register.opens_at == timedelta(minutes=30)
    assert register.opens_at == change.replace(hour=8, minute=50)


def test_a_register_in_the_hour_that_the_clock_shows_twice_is_one_and_its_minutes_pass_once(cast, school):
    group, by, ada = groups_of(school)[0], cast.user("office"), cast.person("Ada")
    night = (NewTime("Night", time(1, 40)), NewTime("Afternoon", time(13)))
    set_attendance(school, NewSettings("england_2024", 30, night), by=cast.user("administrator"))
    # On 25 October 2026 London's clocks go from 02:00 back to 01:00: 01:40 comes at 00:40 and at 01:40 UTC.
    first = at(0, 40, day=25).replace(month=10)
    Person.objects.update(joined_at=first - timedelta(days=9))
    with stopped_at(first + timedelta(minutes=5)):
        register = open_register(school, group.id, first.date(), 1, by=by)
        record_marks(register, [NewMark(cast.person("Bo").id, "/")], by=by)
    register.refresh_from_db()
    assert (register.opens_at, register.closes_at) == (first, first + timedelta(minutes=30))
    again = first + timedelta(minutes=65)  # the clock shows 01:45 once more
    assert arrival_of(register, first + timedelta(minutes=29)) == ("L", 29)
    assert arrival_of(register, again) == ("U", 65)
    with stopped_at(again):
        assert close_due(school) == 1
        assert open_register(school, group.id, first.date(), 1, by=by) == register
        assert [one.register for one in registers_on(school, first.date()) if one.time.number == 1] == [
            register
        ]
    assert held(register) == {"Ada": "N", "Bo": "/", "Wes": "N"}
    assert [one.symbol for one in history(register, ada)] == ["N"]


def test_nothing_changes_a_mark_or_opens_a_closed_register_again(cast, register):
    with stopped_at(at(9, 20)):
        record_marks(register, [NewMark(cast.person("Ada").id, "/")], by=cast.user("office"))
        close_register(register)
    for deed in (
        lambda: Mark.objects.update(symbol="N"),
        lambda: Mark.objects.all().delete(),
        lambda: Register.objects.update(closed_at=None),
        lambda: Register.objects.update(day=at(8, day=3).date()),
    ):
        with pytest.raises(Error), transaction.atomic():
            deed()


def test_a_mark_is_kept_for_six_years_and_so_is_the_name_of_who_has_left(cast, school):
    by, ada = cast.user("office"), cast.person("Ada")
    began = at(8, 50).replace(year=2019)
    Person.objects.update(joined_at=began - timedelta(days=9))
    with stopped_at(began):
        register = open_register(school, groups_of(school)[0].id, began.date(), 1, by=by)
        record_marks(register, [NewMark(ada.id, "/")], by=by)
    with stopped_at(began + timedelta(days=30)):
        mark_left([ada.pk])
        assert keep_roll_names(began + timedelta(days=29)) == 0
        assert keep_roll_names(began + timedelta(days=31)) == 1
        assert keep_roll_names(began + timedelta(days=31)) == 0
    assert purge_marks(began, 10) == 0
    assert RollName.objects.get().given_name == "Ada"
    assert purge_marks(began + timedelta(days=2192), 10) == 1
    assert not any(model.objects.exists() for model in (Mark, CurrentMark, Register, RollName))


def test_when_two_records_become_one_what_holds_goes_along(cast, register):
    by, ada, bo = cast.user("office"), cast.person("Ada"), cast.person("Bo")
    with stopped_at(at(8, 55)):
        record_marks(register, [NewMark(ada.id, "/")], by=by)
        move_marks(ada, bo)
        assert [one.symbol for one in marks_of(bo, DAY, DAY)] == ["/"]
        record_marks(register, [NewMark(ada.id, "N")], by=by)
        move_marks(ada, bo)
    assert [one.symbol for one in marks_of(bo, DAY, DAY)] == ["/"]
    assert symbols_between(cast.school, DAY, DAY, person=ada) == {"N": 1}
    assert symbols_between(cast.school, DAY, DAY) == {"/": 1, "N": 1}


def test_a_group_of_its_own_has_the_members_of_that_day(cast, school):
    by = cast.user("office")
    with stopped_at(at(8)):
        group = add_group(school, "Choir", by=by)
        set_members(school, group.id, [cast.person("Ada"), cast.person("Bo")], by=by)
    with stopped_at(at(8, day=27)):
        set_members(school, group.id, [cast.person("Bo"), cast.person("Wes")], by=by)
        yesterday = open_register(school, group.id, DAY, 2, by=by)
        today = open_register(school, group.id, at(8, day=27).date(), 2, by=by)
        assert held(yesterday) == {"Ada": "", "Bo": ""}
        # Ada's last day in it is today: she was there this morning.
        assert held(today) == {"Ada": "", "Bo": "", "Wes": ""}
        retire_group(school, group.id, by=by)
        assert code_of(lambda: open_register(school, group.id, DAY, 1, by=by)) == "register_group_unknown"
