"""A roll call: started once, ticked by many, ended, deleted; what bad input does to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.attendance.conftest import register  # noqa: F401  # a fixture
from tests.rollcall.conftest import at
from tests.support.clocks import stopped_at
from tests.support.gates import a_passage
from tests.support.leaves import a_trip, an_agreed_leave, another
from tests.support.log import facts_of
from tests.support.races import at_once
from tests.support.till import pay

from willing.accounts.models import User
from willing.attendance.code_sets import require_code_set
from willing.attendance.marking import NewMark, mark_everyone_present, record_marks
from willing.attendance.registers import close_register
from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.leave.desk import sign_out
from willing.people.models import Person, YearGroup
from willing.rollcall.calling import close_roll_call, start_roll_call
from willing.rollcall.devices import note_list_sent
from willing.rollcall.last_seen import open_last_seen
from willing.rollcall.lines import lines_of
from willing.rollcall.models import (
    AssemblyPoint,
    LastSeen,
    Listed,
    MedicalWords,
    PointClass,
    RollCall,
    Tick,
    Warden,
    WardenDevice,
)
from willing.rollcall.presence import meaning_of
from willing.rollcall.queries import current_list, last_close, progress_of, sees_list, version_of
from willing.rollcall.retention import (
    purge_devices,
    purge_last_seen,
    purge_last_seen_here,
    purge_lists,
    purge_medical_words,
)
from willing.rollcall.rules import ExpectedCause, MarkMeaning
from willing.rollcall.set_up import (
    NewPoint,
    move_roll_calls,
    name_warden,
    remove_warden,
    retire_point,
    set_point,
    set_roll_call,
    write_medical_words,
)
from willing.rollcall.ticking import NewTick, record_ticks
from willing.visits import actions as visits
from willing.visits.actions import NewVisit, VisitorSignIn, announce_visit, receive_unannounced
from willing.visits.staff_days import set_user_in

PHONE, OTHER = uuid4(), uuid4()


def code_of(deed: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def why_of(school: Any) -> dict[str, ExpectedCause]:
    return {one.name.split()[0]: one.why for one in current_list(school).entries if one.kind == "pupil"}


def a_tick(person: Person, when: datetime, by: Any, *, state: str = "safe", device: UUID = PHONE) -> NewTick:
    return NewTick(person.id, state, when, by.pk, device)


def bring(cast: Any, roll_call: RollCall, *ticks: NewTick) -> list[str]:
    """Bring ticks as the office; return what was refused, by code."""
    _held, done = record_ticks(cast.school, roll_call.id, ticks, by=cast.user("office"))
    return [one.refused.code for one in done if one.refused]


def there(roll_call: RollCall) -> set[UUID]:
    return set(progress_of(RollCall.objects.get(pk=roll_call.pk)).there)


def test_the_list_says_of_each_why_they_are_expected(
    cast: Any,
    at_ten: Any,
    register: Any,  # noqa: F811
) -> None:
    by, ada, bo = cast.user("office"), cast.person("Ada"), cast.person("Bo")
    assert set(why_of(cast.school).values()) == {ExpectedCause.UNMARKED}, (
        "nobody has been marked: all are looked for"
    )
    with stopped_at(at(8, 52)):
        a_trip(cast.school, [cast.person("Wes").id], by=by)
        record_marks(register, [NewMark(bo.id, "I")], by=by)
        mark_everyone_present(register, by=by)
    hours = (time(9, 45), time(11))
    leave = an_agreed_leave(ada, cast.user("guardian"), by=by, hours=hours)
    assert why_of(cast.school)["Ada"] is ExpectedCause.NOT_OUT
    sign_out(cast.school, leave.id, by=by)
    assert [why_of(cast.school)[one] for one in ("Ada", "Bo", "Wes")] == [
        ExpectedCause.SIGNED_OUT,
        ExpectedCause.ABSENT,
        ExpectedCause.TRIP,
    ]


def test_each_code_of_a_register_says_whether_a_pupil_is_looked_for() -> None:
    codes = require_code_set("england_2024")
    found: dict[MarkMeaning, str] = {}
    for symbol in codes.codes:
        meaning = meaning_of(codes, symbol)
        found[meaning] = f"{found.get(meaning, '')} {symbol}".strip()
    # Trips, work experience and another school are elsewhere; the dentist and a part-time timetable away.
    assert found == {
        MarkMeaning.HERE: "/ \\ L U",
        MarkMeaning.ELSEWHERE: "K V P W B D",
        MarkMeaning.ABSENT: "C1 M J1 S X C2 C T R I E Q Y1 Y2 Y3 Y4 Y5 Y6 Y7 G O Z #",
        MarkMeaning.UNEXPLAINED: "N",
    }
    assert meaning_of(codes, "?") is MarkMeaning.NOTHING


def test_a_visitor_who_signed_in_and_staff_who_are_in_are_on_the_list_until_they_leave(
    cast: Any, at_ten: Any
) -> None:
    school, office, cook = cast.school, cast.user("office"), cast.user("canteen")

    def listed() -> dict[str, tuple[ExpectedCause, UUID | None]]:
        return {one.name: (one.why, one.point) for one in current_list(school).entries if one.kind != "pupil"}

    gate = AssemblyPoint.objects.get(is_for_visitors=True).id
    names = [one.get_short_name() for one in (office, cook)]
    assert {listed()[one] for one in names} == {(ExpectedCause.NO_SIGN_IN, gate)}, (
        "nobody signs in: all are looked for"
    )
    announced = announce_visit(school, NewVisit("Ann Ounced", office), by=office)
    assert "Ann Ounced" not in listed(), "announced is not there yet"
    piet = receive_unannounced(
        school, NewVisit("Piet Plumber", office), VisitorSignIn(is_inducted=True), by=office
    )
    assert listed()["Piet Plumber"] == (ExpectedCause.VISITOR, gate)
    set_user_in(school, cook, is_in=True)
    assert [listed()[one][0] for one in names] == [ExpectedCause.STAFF_OUT, ExpectedCause.SIGNED_IN]
    roll_call = start_roll_call(school, "drill", by=office)
    visits.sign_in(school, announced.id, VisitorSignIn(is_inducted=True), by=office)
    late = NewTick(announced.id, "found", at(10, 1), office.pk, PHONE)
    assert bring(cast, roll_call, NewTick(piet.id, "safe", at(10, 1), office.pk, PHONE), late) == []
    names_there = [one.name for one in lines_of(progress_of(roll_call)) if one.is_there]
    assert sorted(names_there) == ["Ann Ounced", "Piet Plumber"], "who came since the start is ticked too"
    brief = receive_unannounced(
        school, NewVisit("Bri Brief", office), VisitorSignIn(is_inducted=True), by=office
    )
    visits.sign_out(school, brief.id, by=office)
    assert bring(cast, roll_call, NewTick(brief.id, "found", at(10, 2), office.pk, PHONE)) == [], (
        "ticked without a network, and signed out before the tick arrived"
    )
    assert "Bri Brief" in [one.name for one in lines_of(progress_of(roll_call)) if one.is_there]
    close_roll_call(school, roll_call.id, by=office)
    visits.sign_out(school, piet.id, by=office)
    set_user_in(school, cook, is_in=False)
    assert "Piet Plumber" not in listed()
    assert {listed()[one][0] for one in names} == {ExpectedCause.STAFF_OUT}, (
        "the last one has left: nobody is looked for"
    )


def test_a_roll_call_is_started_once_however_often_and_by_whomever(cast: Any, at_ten: Any) -> None:
    key, by = uuid4(), cast.user("canteen")
    first = start_roll_call(cast.school, "drill", by=by, roll_call_id=key, at=at(9, 58))
    assert first.started_at == at(9, 58)
    assert start_roll_call(cast.school, "drill", by=by, roll_call_id=key) == first
    assert start_roll_call(cast.school, "live", by=cast.user("office"), roll_call_id=uuid4()) == first
    assert facts_of("roll_call.started") == [
        {"kind": "drill", "by": by.pk, "expected": progress_of(first).counts.expected}
    ]
    assert code_of(lambda: start_roll_call(cast.school, "alarm", by=by)) == "roll_call_kind_unknown"
    ended = close_roll_call(cast.school, first.id, by=by)
    assert close_roll_call(cast.school, first.id, by=cast.user("office")).ended_by == by
    assert start_roll_call(cast.school, "drill", by=by, roll_call_id=key) == ended, "it is not begun anew"
    assert code_of(lambda: close_roll_call(cast.school, uuid4(), by=by)) == "roll_call_unknown"


def test_ticks_only_grow_and_two_wardens_who_tick_one_person_give_one_result(cast: Any, at_ten: Any) -> None:
    ada, office, cook = cast.person("Ada"), cast.user("office"), cast.user("canteen")
    roll_call = start_roll_call(cast.school, "live", by=office)
    mine = a_tick(ada, at(10, 1, 5), office)
    theirs = a_tick(ada, at(10, 1, 9), cook, device=OTHER)
    with stopped_at(at(10, 1, 10)):
        assert bring(cast, roll_call, theirs, mine, mine, theirs) == []
        assert bring(cast, roll_call, mine) == []
    assert Tick.objects.count() == RollCall.objects.get().ticks_received == 2
    (one,) = progress_of(roll_call).there.values()
    assert one.by == office.get_short_name()
    before = version_of(cast.school)
    with stopped_at(at(10, 1, 31)):
        assert bring(cast, roll_call, a_tick(ada, at(10, 1, 30), cook, state="missing", device=OTHER)) == []
    assert there(roll_call) == set()
    assert version_of(cast.school) != before
    with pytest.raises(Error), transaction.atomic():
        Tick.objects.update(state="safe")


@pytest.mark.parametrize("state", ["safe", "missing"])
def test_a_tick_of_a_year_to_come_holds_against_none_that_follows(cast: Any, at_ten: Any, state: str) -> None:
    ada, office = cast.person("Ada"), cast.user("office")
    roll_call = start_roll_call(cast.school, "live", by=office)
    ahead, other = at(10).replace(year=2199), "missing" if state == "safe" else "safe"
    assert bring(cast, roll_call, a_tick(ada, ahead, office, state=state, device=OTHER)) == []
    assert there(roll_call) == ({ada.id} if state == "safe" else set())
    with stopped_at(at(10, 2)):
        assert bring(cast, roll_call, a_tick(ada, at(10, 1), office, state=other)) == []
    assert there(roll_call) == ({ada.id} if other == "safe" else set())


def test_what_no_tick_can_be_is_refused_by_name_and_the_others_are_kept(cast: Any, at_ten: Any) -> None:
    ada, bo, office = cast.person("Ada"), cast.person("Bo"), cast.user("office")
    guardian = cast.user("guardian")
    roll_call = start_roll_call(cast.school, "live", by=office)
    refused = bring(
        cast,
        roll_call,
        NewTick(uuid4(), "safe", at(10), office.pk, PHONE),
        a_tick(ada, at(10), office, state="dancing"),
        a_tick(ada, at(10), guardian),
        a_tick(bo, at(10), office),
    )
    assert refused == ["subject_unknown", "tick_not_valid", "tick_not_valid"]
    assert there(roll_call) == {bo.id}
    assert code_of(lambda: bring(cast, RollCall(id=uuid4()), a_tick(ada, at(10), office))) == (
        "roll_call_unknown"
    )


def test_ticks_of_an_ended_roll_call_are_taken_a_day_late_and_clocks_may_jump(cast: Any, at_ten: Any) -> None:
    ada, bo, wes, office = (*map(cast.person, ("Ada", "Bo", "Wes")), cast.user("office"))
    roll_call = start_roll_call(cast.school, "live", by=office)
    with stopped_at(at(10, 20)):
        close_roll_call(cast.school, roll_call.id, by=office)
    with stopped_at(at(10, day=27)):
        refused = bring(
            cast,
            roll_call,
            a_tick(ada, at(10, 10), office),
            a_tick(bo, at(10, 30), office),
            # A phone that believes it is 1999.
            a_tick(wes, datetime.fromisoformat("1999-01-01T00:00:00+00:00"), office),
        )
    assert refused == ["roll_call_ended"]
    assert there(roll_call) == {ada.id, wes.id}
    kept = Tick.objects.get(listed__person=wes)
    assert (kept.at, kept.device_at.year, kept.received_at) == (at(10), 1999, at(10, day=27))
    with stopped_at(at(11) + timedelta(days=7)):
        assert bring(cast, roll_call, a_tick(bo, at(10, 10), office)) == ["tick_too_late"]
    with pytest.raises(Error), transaction.atomic():
        RollCall.objects.update(ended_at=None, ended_by=None)
    with pytest.raises(Error), transaction.atomic():
        RollCall.objects.update(kind="drill")


def test_who_came_after_the_start_is_put_on_the_list_by_the_first_tick(cast: Any, at_ten: Any) -> None:
    office = cast.user("office")
    late = cast.person("Wes")
    Person.objects.filter(pk=late.pk).update(joined_at=at(10, 5))
    roll_call = start_roll_call(cast.school, "live", by=office)
    assert not Listed.objects.filter(person=late).exists()
    with stopped_at(at(10, 10)):
        assert bring(cast, roll_call, a_tick(late, at(10, 9), office)) == []
    assert there(roll_call) == {late.id}


def test_nothing_that_comes_after_the_start_takes_anyone_off_the_phones_lists(cast: Any, at_ten: Any) -> None:
    school, office, bo = cast.school, cast.user("office"), cast.person("Bo")
    piet = receive_unannounced(
        school, NewVisit("Piet Plumber", office), VisitorSignIn(is_inducted=True), by=office
    )
    cook = cast.user("canteen")
    roll_call = start_roll_call(school, "live", by=office)
    before = current_list(school)
    visits.sign_out(school, piet.id, by=office)  # at the gate, with the list in the other hand
    Person.objects.filter(pk=bo.pk).update(left_at=at(10))
    User.objects.filter(pk=cook.pk).update(is_active=False)
    after = current_list(school)
    assert [replace(one, since=None, detail="", medical="") for one in before.entries] == [
        replace(one, since=None, detail="", medical="") for one in after.entries
    ]
    assert after.name == before.name, "phones go on exchanging codes by place"
    counts = progress_of(roll_call).counts
    assert counts.expected == sum(one.is_expected for one in after.entries)
    assert bring(cast, roll_call, NewTick(piet.id, "safe", at(10, 1), office.pk, PHONE)) == []
    close_roll_call(school, roll_call.id, by=office)
    assert not {piet.id, bo.id} & {one.subject for one in current_list(school).entries}


def test_a_drill_follows_nobody(cast: Any, at_ten: Any) -> None:
    wes, office = cast.person("Wes"), cast.user("office")
    drill = start_roll_call(cast.school, "drill", by=office)

    def opened() -> tuple[str, str]:
        shown = open_last_seen(cast.school, drill.id, wes.id, "not at the yard", by=office)
        return shown.source, shown.where

    assert opened() == ("nothing", "")
    with stopped_at(at(10, 1)):
        door = a_passage(cast.school, wes, by=cast.user("administrator")).door
        assert opened() == ("gate", door.name)
    with stopped_at(at(10, 20)):
        pay(cast, "Wes")
        assert opened() == ("gate", door.name), "no second place in an exercise"
    assert len(Entry.objects.filter(event="roll_call.last_seen_opened", subject=wes.id)) == 3


def test_two_presses_at_once_start_one(cast: Any, at_ten: Any) -> None:
    users = [cast.user("office"), cast.user("canteen")]
    started = at_once(
        *[lambda by=by: start_roll_call(cast.school, "live", by=by, roll_call_id=uuid4()) for by in users]
    )
    assert started[0] == started[1]
    assert RollCall.objects.count() == 1


def test_last_seen_is_opened_with_a_reason_of_one_who_is_missing_and_gone_after_a_day(
    cast: Any,
    at_ten: Any,
    register: Any,  # noqa: F811
) -> None:
    ada, office = cast.person("Ada"), cast.user("office")
    with stopped_at(at(8, 52)):
        mark_everyone_present(register, by=office)
    roll_call = start_roll_call(cast.school, "live", by=office)

    def opened(reason: str = "not at the yard", person: Person = ada) -> LastSeen:
        return open_last_seen(cast.school, roll_call.id, person.id, reason, by=office)

    mark = opened()
    assert (mark.source, mark.seen_at, mark.where) == ("mark", at(8, 52), "4A")
    leave = an_agreed_leave(ada, cast.user("guardian"), by=office, hours=(time(9, 45), time(11)))
    with stopped_at(at(10, 3)):
        sign_out(cast.school, leave.id, by=office)
        out = opened()
        assert (out.source, out.seen_at, out.where) == ("out", at(10, 3), "")
    with stopped_at(at(10, 5)):
        pay(cast, "Ada")
        assert opened().source == "sale", "the latest alone"
    with stopped_at(at(10, 7)):
        passage = a_passage(cast.school, ada, by=cast.user("administrator"))
        door = opened()
        assert (door.source, door.seen_at, door.where) == ("gate", at(10, 7), passage.door.name)
    assert code_of(lambda: opened("  ")) == "last_seen_reason_missing"
    bring(cast, roll_call, a_tick(ada, at(10), office))
    assert code_of(opened) == "last_seen_of_who_is_there"
    close_roll_call(cast.school, roll_call.id, by=office)
    assert code_of(lambda: opened(person=cast.person("Bo"))) == "last_seen_not_running"
    test = start_roll_call(cast.school, "test", by=office)
    assert (
        code_of(lambda: open_last_seen(cast.school, test.id, ada.id, "x", by=office)) == "last_seen_in_a_test"
    )
    assert code_of(lambda: open_last_seen(cast.school, uuid4(), ada.id, "x", by=office)) == (
        "roll_call_unknown"
    )
    entries = Entry.objects.filter(event="roll_call.last_seen_opened", subject=ada.id)
    assert len(entries) == 4
    assert b"4A" not in b"".join(bytes(one.hashed) for one in entries), "the log holds no place"
    with stopped_at(at(9, 59, day=27)):
        assert purge_last_seen_here() == 0
    with stopped_at(at(10, 1, day=27)):
        assert purge_last_seen_here() == 1
    assert purge_last_seen(at(12, day=27), 10) == 3


def test_a_roll_call_that_is_left_running_is_no_way_to_follow_a_person(cast: Any, at_ten: Any) -> None:
    office, bo = cast.user("office"), cast.person("Bo")
    roll_call = start_roll_call(cast.school, "drill", by=office)
    with stopped_at(at(10, 1, day=27)):
        assert roll_call.ended_at is None
        assert code_of(lambda: open_last_seen(cast.school, roll_call.id, bo.id, "where?", by=office)) == (
            "last_seen_too_late"
        )
    assert not LastSeen.objects.exists()
    assert not Entry.objects.filter(event="roll_call.last_seen_opened").exists()


def test_a_registers_close_is_another_version_and_another_list(
    cast: Any,
    at_ten: Any,
    register: Any,  # noqa: F811
) -> None:
    school, office, bo = cast.school, cast.user("office"), cast.person("Bo")
    with stopped_at(at(8, 52)):
        others = [NewMark(cast.person(one).id, "/") for one in ("Ada", "Wes")]
        record_marks(register, others, by=office)
    marked = version_of(school)
    assert (why_of(school)["Bo"], last_close(school)) == (ExpectedCause.UNMARKED, None)
    assert close_register(register, by=office) == 1
    closed = version_of(school)
    assert closed != marked, "phones ask for the list anew"
    assert last_close(school) == at(10)
    assert why_of(school)["Bo"] is ExpectedCause.ABSENT
    with stopped_at(at(10, 2)):
        record_marks(register, [NewMark(bo.id, "L", reason="came late")], by=office)
        assert close_register(register, by=office) == 0
        assert (why_of(school)["Bo"], version_of(school)) == (ExpectedCause.PRESENT, closed)


def test_nothing_known_of_today_is_said_so(cast: Any, at_ten: Any) -> None:
    office = cast.user("office")
    roll_call = start_roll_call(cast.school, "live", by=office)
    opened = open_last_seen(cast.school, roll_call.id, cast.person("Bo").id, "fire", by=office)
    assert (opened.source, opened.seen_at) == ("nothing", None)


def test_the_list_is_deleted_after_a_month_and_the_counts_stay(cast: Any, at_ten: Any) -> None:
    office = cast.user("office")
    roll_call = start_roll_call(cast.school, "drill", by=office)
    bring(cast, roll_call, a_tick(cast.person("Ada"), at(10), office))
    assert purge_lists(at(12), 1000) == 0, "one that runs keeps its list"
    counts = progress_of(roll_call).counts
    close_roll_call(cast.school, roll_call.id, by=office)
    assert purge_lists(at(9), 1000) == 0
    assert purge_lists(at(12), 1) == 1
    while purge_lists(at(12), 1000):
        pass
    assert not Listed.objects.exists()
    assert not Tick.objects.exists()
    held = RollCall.objects.get()
    assert (held.expected, held.safe, held.found) == (counts.expected, 1, 0)


def test_points_hold_a_class_once_and_staff_gather_at_one(cast: Any, at_ten: Any) -> None:
    by, school = cast.user("administrator"), cast.school
    yard, gate = AssemblyPoint.objects.all()
    (group,) = yard.classes.all()
    set_point(school, NewPoint("Gate", [group.year_group_id]), by=by, point_id=gate.id)
    assert PointClass.objects.get().point == gate
    set_point(school, NewPoint("Yard", is_for_staff=True, is_for_visitors=True), by=by, point_id=yard.id)
    gate.refresh_from_db()
    assert not gate.is_for_staff
    assert code_of(lambda: set_point(school, NewPoint(" gate ".title()), by=by)) == "assembly_point_not_valid"
    assert code_of(lambda: set_point(school, NewPoint("New"), by=by, point_id=uuid4())) == (
        "assembly_point_unknown"
    )
    retire_point(school, gate.id, by=by)
    assert not PointClass.objects.exists()
    assert code_of(lambda: retire_point(school, gate.id, by=by)) == "assembly_point_unknown"
    for number in range(39):
        set_point(school, NewPoint(f"Field {number}"), by=by)
    assert code_of(lambda: set_point(school, NewPoint("One more"), by=by)) == "assembly_points_too_many"


def test_wardens_are_named_staff_and_only_they_see_names(cast: Any, at_ten: Any) -> None:
    by, cook, school = cast.user("administrator"), cast.user("canteen"), cast.school
    assert not sees_list(school, cook, is_office=False)
    warden = name_warden(school, cook.pk, by=by, point_id=AssemblyPoint.objects.first().id)
    assert warden.point is not None
    assert sees_list(school, cook, is_office=False)
    for is_opened in (False, True):
        note_list_sent(school, by=cook, device_id=PHONE, is_opened=is_opened)
    assert WardenDevice.objects.get().user == cook
    assert purge_devices(at(9), 10) == 0
    assert purge_devices(at(11), 10) == 1
    remove_warden(school, cook.pk, by=by)
    remove_warden(school, cook.pk, by=by)
    assert not Warden.objects.exists()
    start_roll_call(school, "test", by=cook)
    assert sees_list(school, cook, is_office=False), "who started it has to see it"
    assert not sees_list(school, another(school, "teacher"), is_office=False)
    guardian = cast.user("guardian")
    assert code_of(lambda: name_warden(school, guardian.pk, by=by)) == "warden_not_valid"
    assert code_of(lambda: name_warden(school, cook.pk, by=by, point_id=uuid4())) == "assembly_point_unknown"


def test_medical_words_are_few_have_a_ground_and_are_deleted(cast: Any, at_ten: Any) -> None:
    ada, bo, by = cast.person("Ada"), cast.person("Bo"), cast.user("office")
    write_medical_words(ada, "  needs an   adrenaline pen ", "consent", by=by)
    (shown,) = [one.medical for one in current_list(cast.school).entries if one.medical]
    assert shown == "needs an adrenaline pen"
    assert code_of(lambda: write_medical_words(ada, "x" * 121, "consent", by=by)) == "medical_words_not_valid"
    assert code_of(lambda: write_medical_words(ada, "x", "", by=by)) == "medical_words_not_valid"
    write_medical_words(bo, "asthma", "vital", by=by)
    move_roll_calls(bo, ada)
    assert MedicalWords.objects.get().text == "needs an adrenaline pen; asthma"
    move_roll_calls(ada, bo)
    assert MedicalWords.objects.get().person == bo
    move_roll_calls(ada, bo)
    assert b"asthma" not in b"".join(bytes(one) for one in Entry.objects.values_list("hashed", flat=True))
    write_medical_words(bo, "", "", by=by)
    write_medical_words(bo, "", "", by=by)
    assert not MedicalWords.objects.exists()
    write_medical_words(bo, "asthma", "vital", by=by)
    Person.objects.filter(pk=bo.pk).update(left_at=at(9))
    assert purge_medical_words(at(10), 10) == 1


def test_red_comes_after_the_minutes_that_the_school_set(cast: Any, at_ten: Any) -> None:
    by = cast.user("administrator")
    set_roll_call(cast.school, 2, by=by)
    assert code_of(lambda: set_roll_call(cast.school, 0, by=by)) == "red_after_not_valid"
    roll_call = start_roll_call(cast.school, "drill", by=by)
    assert not progress_of(roll_call).is_red
    with stopped_at(at(10, 2)):
        assert progress_of(roll_call).is_red


def test_the_statements_of_a_roll_call_do_not_grow_with_the_names(cast: Any, at_ten: Any) -> None:
    by, school = cast.user("office"), cast.school

    def rounds() -> dict[str, int]:
        found = {}

        def counted(step: str, deed: Callable[[], Any]) -> Any:
            with CaptureQueriesContext(connection) as asked:
                result = deed()
            # Rows are written as many at once as the database takes in one statement.
            found[step] = sum(not one["sql"].startswith("INSERT") for one in asked)
            assert len(asked) - found[step] < 10
            return result

        counted("the list", lambda: current_list(school))
        roll_call = counted("a start", lambda: start_roll_call(school, "drill", by=by))
        people = [one for one in roll_call.listed.filter(is_expected=True) if one.person_id]
        ticks = [NewTick(one.subject, "safe", at(10, 1), by.pk, PHONE) for one in people]
        counted("ticks", lambda: record_ticks(school, roll_call.id, ticks, by=by))
        counted("the list while it runs", lambda: current_list(school))
        counted("the counts", lambda: progress_of(roll_call).counts)
        counted("the lines", lambda: lines_of(progress_of(roll_call)))
        counted("the end", lambda: close_roll_call(school, roll_call.id, by=by))
        return found

    few = rounds()
    year = YearGroup.objects.first()
    more = [
        Person(
            school=school, given_name=f"Pupil {at}", kind="pupil", till_number=900_000 + at, year_group=year
        )
        for at in range(400)
    ]
    Person.objects.bulk_create(more)
    assert rounds() == few
