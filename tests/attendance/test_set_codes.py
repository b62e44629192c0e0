"""Codes set for many at once, or ahead: recorded by a person, proposed on later days, undone."""

import itertools
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.attendance.conftest import at
from tests.attendance.test_registers import DAY, code_of, held
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance import set_code_marks, set_codes
from willing.attendance.explained import known_at
from willing.attendance.marking import NewMark, mark_everyone_present, record_marks
from willing.attendance.message_queries import unexplained_on
from willing.attendance.message_rules import Explanation, MessageVerdict
from willing.attendance.models import Mark, Register, SetCode
from willing.attendance.proposals import proposals_of
from willing.attendance.queries import groups_of, history, lines_of, registers_on
from willing.attendance.registers import close_due, move_marks, open_register
from willing.attendance.set_code_queries import (
    RECORD_JOB,
    Whom,
    days_off_with_marks,
    new_on_roll,
    preview_set,
    summarise_set,
    under_way,
    work_of,
)
from willing.attendance.set_code_rules import WantedSet
from willing.attendance.set_codes import NewSet, record_set_code, set_code, undo_set_code
from willing.attendance.set_up import add_group, set_members
from willing.attendance.untaken import untaken_on
from willing.jobs.actions import retry_jobs, run_due
from willing.jobs.queries import JobProgress
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.models import Person

EVERYONE = Whom(everyone=True)
AFTERNOON = frozenset({2})


def wanted(symbol, first=DAY, last=DAY, **more):
    return WantedSet(symbol, first, last, "Bus 4 did not run", **more)


def bus_of(cast, school, *names):
    """Return a list of which no register is taken: who comes by bus 4."""
    by = cast.user("administrator")
    bus = add_group(school, "Bus 4", by=by, is_list=True)
    set_members(school, bus.id, [cast.person(one) for one in names], by=by)
    return Whom(group_ids=frozenset({bus.id}))


def previewed(school, new, whom):
    """Return what a code would do, place by place; the summary that a page shows says the same."""
    for replaces in (True, False):
        found = preview_set(school, new, whom, replaces=replaces)
        summary = summarise_set(school, new, whom, replaces=replaces)
        assert summary.marks == len(found.record)
        assert summary.pupils == len({one.person_id for one in found.record})
        assert summary.classes == Counter(one.slot.group.title for one in found.record)
        assert summary.days_ahead == found.days_ahead
        left = {(one.person_id, one.symbol) for one in found.left}
        assert {(person, one) for person, symbols in summary.left.items() for one in symbols} == left
    return found


def test_a_bus_that_did_not_come_is_one_press_and_takes_no_register(cast, school):
    by = cast.user("office")
    with stopped_at(at(8, 30)):
        bus = bus_of(cast, school, "Ada", "Bo")
        assert [one.group.title for one in registers_on(school, DAY)] == ["4A", "4A"]
        new = NewSet(wanted("Y1", numbers=frozenset({1})), bus)
        found = previewed(school, new.wanted, bus)
        assert (len(found.record), found.left, found.days_ahead) == (2, [], 0)
        row = set_code(school, new, by=by)
        assert set_code(school, new, by=by) == row
    register = Register.objects.get()
    assert held(register) == {"Ada": "Y1", "Bo": "Y1", "Wes": ""}
    (mark,) = history(register, cast.person("Ada"))
    assert (mark.source, mark.reason, mark.user) == ("group", "Bus 4 did not run", by)
    with stopped_at(at(9, 30)):
        assert close_due(school) == 0, "Wes is not absent because a bus did not come"
        assert [one.register for one in untaken_on(school, DAY)] == [register]
        assert mark_everyone_present(register, by=by) == 1
        assert close_due(school) == 1
    assert held(register) == {"Ada": "Y1", "Bo": "Y1", "Wes": "/"}
    assert [one["marks"] for one in facts_of("register_code.recorded")] == [2]
    assert "Y1" not in str(facts_of("register_code.set") + facts_of("register_code.recorded"))


def test_what_a_person_marked_stays_and_the_preview_names_it(cast, school, register):
    by = cast.user("office")
    with stopped_at(at(9, 0)):
        record_marks(register, [NewMark(cast.person("Ada").id, "/")], by=by)
        found = previewed(school, wanted("Y4"), EVERYONE)
        assert [one.person_id for one in found.left] == [cast.person("Ada").id]
        set_code(school, NewSet(wanted("Y4"), EVERYONE), by=by)
    assert held(register) == {"Ada": "/", "Bo": "Y4", "Wes": "Y4"}


def test_a_site_that_closes_needs_nobody_to_take_its_registers(cast, school):
    with stopped_at(at(7)):
        set_code(school, NewSet(wanted("Y4"), EVERYONE), by=cast.user("office"))
        assert Mark.objects.count() == 6
    with stopped_at(at(15)):
        assert untaken_on(school, DAY) == []
        assert close_due(school) == 2


def test_after_the_day_what_was_set_for_many_is_changed_with_a_reason_only(cast, school):
    by, ada, bo = cast.user("office"), cast.person("Ada"), cast.person("Bo")
    with stopped_at(at(8, 30)):
        set_code(school, NewSet(wanted("Y1", numbers=frozenset({1})), bus_of(cast, school, "Ada")), by=by)
    register = Register.objects.get()
    with stopped_at(at(8) + timedelta(days=1)):
        refused, made = record_marks(register, [NewMark(ada.id, "/", seen=1), NewMark(bo.id, "/")], by=by)
        assert refused.refused is not None
        assert refused.refused.code == "mark_reason_missing"
        assert made.refused is None, "a register that nobody took is taken later without one"
        record_marks(register, [NewMark(ada.id, "/", reason="She came on foot", seen=1)], by=by)
    assert held(register) == {"Ada": "/", "Bo": "/", "Wes": ""}


def test_nobody_is_reminded_of_a_class_on_study_leave_that_was_set_ahead(cast, school):
    tomorrow, class_ = DAY + timedelta(days=1), groups_of(school)[0].id
    with stopped_at(at(8)):
        leave = NewSet(wanted("S", tomorrow, tomorrow), Whom(group_ids=frozenset({class_})))
        set_code(school, leave, by=cast.user("office"))
    with stopped_at(at(15) + timedelta(days=1)):
        assert len(registers_on(school, tomorrow)) == 2, "each is there to be taken"
        assert untaken_on(school, tomorrow) == []


def test_a_day_off_that_was_put_in_late_is_proposed_and_recorded_by_a_person(cast, school, register):
    by = cast.user("office")
    with stopped_at(at(9, 25)):
        mark_everyone_present(register, by=by)
        close_due(school)
        assert days_off_with_marks(school) == []
        add_entry(school, CalendarSpan("closed", DAY, DAY, "Snow"))
        (proposed,) = days_off_with_marks(school)
        assert (proposed.day, proposed.name, proposed.marks) == (DAY, "Snow", 3)
        assert held(register)["Ada"] == "/", "the calendar proposes, and marks nobody"
        row = set_code(school, NewSet(wanted("#"), EVERYONE, replaces=True), by=by)
        assert held(register) == {"Ada": "#", "Bo": "#", "Wes": "#"}
        assert days_off_with_marks(school) == []
        assert undo_set_code(school, row.id, by=by) == 3
    assert held(register) == {"Ada": "/", "Bo": "/", "Wes": "/"}
    assert [(one.symbol, one.source) for one in history(register, cast.person("Ada"))] == [
        ("/", "register"),
        ("#", "group"),
        ("/", "undone"),
    ]
    assert code_of(lambda: undo_set_code(school, row.id, by=by)) == "set_code_gone"
    assert code_of(lambda: record_set_code(school, uuid4(), by=by)) == "set_code_gone"


def test_undone_what_had_no_mark_has_none_again_and_after_the_close_an_unknown_reason(cast, school):
    by = cast.user("office")
    with stopped_at(at(8, 30)):
        first = set_code(school, NewSet(wanted("Y3"), EVERYONE), by=by)
    morning, afternoon = Register.objects.order_by("number")
    with stopped_at(at(9, 30)):
        close_due(school)
        record_marks(morning, [NewMark(cast.person("Bo").id, "/", reason="Seen", seen=1)], by=by)
        closed = NewSet(wanted("Y4", numbers=AFTERNOON), EVERYONE, replaces=True)
        second = set_code(school, closed, by=by)
        assert undo_set_code(school, second.id, by=by) == 3
        assert held(afternoon) == dict.fromkeys(("Ada", "Bo", "Wes"), "Y3"), "the earlier one holds again"
        assert undo_set_code(school, first.id, by=by) == 5
    assert held(morning) == {"Ada": "N", "Bo": "/", "Wes": "N"}, "what a person changed since stays"
    with stopped_at(at(12)):
        third = set_code(school, NewSet(wanted("Y4", numbers=AFTERNOON), EVERYONE), by=by)
        assert undo_set_code(school, third.id, by=by) == 3
    assert held(afternoon) == dict.fromkeys(("Ada", "Bo", "Wes"), "")
    afternoon.refresh_from_db()
    assert afternoon.completed_at is None


def test_a_pupil_of_two_schools_is_proposed_on_their_afternoons_and_asked_about_by_nobody(cast, school):
    by, ada, week = cast.user("office"), cast.person("Ada"), DAY + timedelta(days=7)
    elsewhere = wanted("D", DAY + timedelta(days=1), week, weekdays=frozenset({4}), numbers=AFTERNOON)
    alone = Whom(person_ids=frozenset({ada.id}))
    with stopped_at(at(8)):
        row = set_code(school, NewSet(elsewhere, alone), by=by)
        assert not Mark.objects.exists(), "nothing is recorded ahead"
        assert previewed(school, elsewhere, alone).days_ahead == 1
    with stopped_at(at(13, day=26) + timedelta(days=7)):
        assert known_at(school, (week, 1), []) == {}
        assert known_at(school, (week, 2), []) == {ada.id: Explanation.CODE_SET}
        register = open_register(school, groups_of(school)[0].id, week, 2, by=by)
        assert proposals_of(register)[ada.id].symbol == "D"
        assert mark_everyone_present(register, by=by) == 2
    with stopped_at(at(13, 40) + timedelta(days=7)):
        close_due(school)
        assert held(register)["Ada"] == "N", "the close knows no code but its own"
        assert [one.verdict for one in unexplained_on(school, week, 2)] == [MessageVerdict.CODE_SET]
        assert record_set_code(school, row.id, by=by) == 1
        assert record_set_code(school, row.id, by=by) == 0
    assert held(register)["Ada"] == "D"


def test_who_takes_the_register_records_what_is_proposed_with_its_reason(cast, school):
    by, ada, tomorrow = cast.user("office"), cast.person("Ada"), DAY + timedelta(days=1)
    with stopped_at(at(8)):
        flood = wanted("Y7", tomorrow, tomorrow)
        set_code(school, NewSet(flood, Whom(group_ids=frozenset({groups_of(school)[0].id}))), by=by)
    with stopped_at(at(8, 55) + timedelta(days=1)):
        register = open_register(school, groups_of(school)[0].id, tomorrow, 1, by=by)
        (done,) = record_marks(register, [NewMark(ada.id, "Y7")], by=by)
    assert done.refused is None
    assert [(one.symbol, one.source, one.reason) for one in history(register, ada)] == [
        ("Y7", "register", "Bus 4 did not run")
    ]


def test_pupils_entered_before_their_first_day_are_proposed_as_prospective(cast, school):
    by, ada = cast.user("office"), cast.person("Ada")
    Person.objects.filter(pk=ada.pk).update(joined_at=at(8))
    Person.objects.exclude(pk=ada.pk).update(joined_at=at(8) - timedelta(days=90))
    with stopped_at(at(8)):
        assert new_on_roll(school) == [ada]
        until = wanted("Z", DAY, DAY + timedelta(days=4))
        set_code(school, NewSet(until, Whom(person_ids=frozenset({ada.id}))), by=by)
        assert new_on_roll(school) == []


@pytest.mark.parametrize(
    ("change", "whom", "code"),
    [
        ({"symbol": "/"}, EVERYONE, "set_code_unknown"),
        ({}, Whom(group_ids=frozenset({uuid4()})), "set_code_for_nobody"),
        ({"last": DAY - timedelta(days=1)}, EVERYONE, "set_code_days_not_valid"),
        ({"reason": "  "}, EVERYONE, "set_code_reason_missing"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_is_written(cast, school, change, whom, code):
    new = WantedSet(change.get("symbol", "Y1"), DAY, change.get("last", DAY), change.get("reason", "Snow"))
    with stopped_at(at(8)):
        assert code_of(lambda: set_code(school, NewSet(new, whom), by=cast.user("office"))) == code
    assert not SetCode.objects.exists()


def test_two_records_of_one_pupil_keep_what_was_set_for_them(cast, school):
    ada, bo = cast.person("Ada"), cast.person("Bo")
    with stopped_at(at(8)):
        row = set_code(
            school, NewSet(wanted("X"), Whom(person_ids=frozenset({ada.id}))), by=cast.user("office")
        )
        move_marks(ada, bo)
        assert row.whom.get().person_id == bo.id


@pytest.fixture
def one_by_one(monkeypatch):
    """Let a batch be one mark, so that the worker has several for the pupils of the cast."""
    for room in (set_code_marks, set_codes):
        monkeypatch.setattr(room, "BATCH", 1)


def killed_after(monkeypatch, batches):
    """Let the worker die as it begins another batch than the first so many."""
    done: list[bool] = []
    record = set_code_marks._record_batch

    def die(set_code_id, places):
        if len(done) == batches:
            raise OSError
        done.append(record(set_code_id, places))
        return done[-1]

    with monkeypatch.context() as patched:
        patched.setattr(set_code_marks, "_record_batch", die)
        run_due()


def test_a_whole_school_is_recorded_in_batches_and_a_worker_that_was_killed_is_followed_by_the_next(
    cast, school, register, one_by_one, monkeypatch
):
    by, teacher = cast.user("office"), cast.user("teacher")
    with stopped_at(at(9)):
        row = set_code(school, NewSet(wanted("Y4"), EVERYONE), by=by)
        assert not Mark.objects.exists(), "the press holds up no till for a whole school"
        assert work_of(row).total == 6
        assert under_way([row])[row.pk].standing is JobProgress.UNDER_WAY
        killed_after(monkeypatch, 2)
        assert (work_of(row).standing, work_of(row).done) == (JobProgress.PUT_OFF, 2)
        (blank,) = [name for name, symbol in held(register).items() if not symbol]
        (done, other) = [name for name, symbol in held(register).items() if symbol == "Y4"]
        here = [NewMark(cast.person(done).id, "/", seen=1), NewMark(cast.person(blank).id, "/")]
        record_marks(register, here, by=teacher)
        retry_jobs(RECORD_JOB, [row.pk])
        assert run_due() == 1
        assert work_of(row).is_over
        assert under_way([row]) == {}
    assert held(register) == {done: "/", other: "Y4", blank: "/"}, "what people marked meanwhile stays"
    assert held(Register.objects.get(number=2)) == dict.fromkeys(("Ada", "Bo", "Wes"), "Y4")
    assert Mark.objects.filter(set_code=row).count() == 5, "each once"
    assert {one.user_id for one in Mark.objects.filter(set_code=row)} == {by.pk}


def test_undone_in_the_middle_nothing_more_is_recorded_and_all_of_it_is_taken_back(
    cast, school, register, one_by_one, monkeypatch
):
    by = cast.user("office")
    with stopped_at(at(9)):
        record_marks(register, [NewMark(cast.person("Bo").id, "I")], by=by)
        row = set_code(school, NewSet(wanted("Y4"), EVERYONE, replaces=True), by=by)
        killed_after(monkeypatch, 4)
        assert undo_set_code(school, row.id, by=by) is None, "the worker takes it back"
        row.refresh_from_db()
        assert (work_of(row).is_undo, work_of(row).done, work_of(row).total) == (True, 0, 4)
        retry_jobs(RECORD_JOB, [row.pk])
        assert run_due() == 2
        assert work_of(row).is_over
    assert held(register) == {"Ada": "", "Bo": "I", "Wes": ""}
    assert held(Register.objects.get(number=2)) == dict.fromkeys(("Ada", "Bo", "Wes"), "")
    assert [one["marks"] for one in facts_of("register_code.undone")] == [4]


def after_the_first_batch(monkeypatch, deed):
    """Let something happen while the worker is at it: after its first batch, before the second."""
    batches, record = itertools.count(), set_code_marks._record_batch

    def go_on(set_code_id, places):
        if next(batches) == 1:
            deed()
        return record(set_code_id, places)

    monkeypatch.setattr(set_code_marks, "_record_batch", go_on)
    run_due()


def test_what_a_person_marks_while_the_worker_is_at_it_stays(cast, school, register, one_by_one, monkeypatch):
    by = cast.user("office")
    with stopped_at(at(9)):
        set_code(school, NewSet(wanted("Y4", numbers=frozenset({1})), EVERYONE), by=by)
        after_the_first_batch(monkeypatch, lambda: mark_everyone(register, by))
    assert sorted(held(register).values()) == ["I", "I", "Y4"]


def mark_everyone(register, by):
    """Record an illness of everyone of whom nothing is recorded yet."""
    blank = [one.person.id for one in lines_of(register) if one.mark is None]
    assert len(blank) == 2
    record_marks(register, [NewMark(one, "I") for one in blank], by=by)


def test_undone_while_the_worker_is_at_it_the_next_batch_is_not_recorded(
    cast, school, register, one_by_one, monkeypatch
):
    by = cast.user("office")
    with stopped_at(at(9)):
        row = set_code(school, NewSet(wanted("Y4"), EVERYONE), by=by)
        after_the_first_batch(monkeypatch, lambda: undo_set_code(school, row.id, by=by))
        row.refresh_from_db()
        assert work_of(row).is_over
    assert held(register) == dict.fromkeys(("Ada", "Bo", "Wes"), "")
    assert Mark.objects.count() == 1


def test_days_that_have_come_are_recorded_by_the_worker_in_the_name_of_who_pressed_last(
    cast, school, one_by_one, monkeypatch
):
    tomorrow = DAY + timedelta(days=1)
    # The press only counts: of a month of everyone there are 70,000 places.
    monkeypatch.setattr(set_codes, "places_left", lambda _row: pytest.fail("the press made every place"))
    with stopped_at(at(8)):
        row = set_code(school, NewSet(wanted("Y4", tomorrow, tomorrow), EVERYONE), by=cast.user("office"))
        assert work_of(row).is_over
    with stopped_at(at(15) + timedelta(days=1)):
        assert record_set_code(school, row.id, by=cast.user("administrator")) is None
        row.refresh_from_db()
        assert (work_of(row).done, work_of(row).total) == (0, 6)
        run_due()
    assert {one.user for one in Mark.objects.all()} == {cast.user("administrator")}
    assert Mark.objects.count() == 6
