"""Leave from the asking to the return: on whose word, seen by whom, and what can go wrong."""

import json
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from tests.leave.conftest import at
from tests.support.clocks import stopped_at
from tests.support.leaves import a_leave, a_trip, an_agreed_leave, another
from tests.support.races import at_once

from willing.accounts.sign_ins import accept_invitation, invite_guardian
from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.leave.answering import (
    answer_as_guardian,
    approve,
    record_answer,
    refuse,
    withdraw,
    withdraw_for_family,
)
from willing.leave.asking import NewLeave, ask_as_guardian, ask_as_pupil, enter_for_family
from willing.leave.desk import sign_back, sign_out, undo
from willing.leave.desk_queries import count_leaves, trips_at_desk
from willing.leave.models import Leave, LeaveAnswer, LeaveWords, Trip, TripPupil
from willing.leave.queries import absences_on, explained_at, settings_of
from willing.leave.retention import purge_absences, purge_leave_words
from willing.leave.rules import AbsenceSource, WantedLeave
from willing.leave.set_up import move_answers, move_leaves, set_leave
from willing.leave.trip_days import move_end, note_departure, note_return, undo_note
from willing.leave.trips import NewTrip, cancel_trip, plan_trip, set_pupils
from willing.mail.models import Encryption, Mail, Topic
from willing.mail.sending import NewServer, set_mail_server
from willing.mail.texts import still_holds, text_of
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan as Days
from willing.people.guardians import add_guardian
from willing.people.models import Guardian, Person
from willing.people.persons import mark_left

THURSDAY = date(2026, 11, 26)

pytestmark = pytest.mark.usefixtures("this_morning")


@pytest.fixture
def ada(cast, school):
    return cast.person("Ada")


@pytest.fixture
def gus(cast):
    """Ada's guardian, signed in."""
    return cast.user("guardian")


@pytest.fixture
def gil(cast, ada):
    """A second guardian of Ada, signed in."""
    code = invite_guardian(add_guardian(ada, "Gil"), by=None)
    return accept_invitation(code, username="gil", password=cast.password)


@pytest.fixture
def teacher(cast):
    return cast.user("teacher")


@pytest.fixture
def office(cast):
    return cast.user("office")


def code_of(action, *args, **facts):
    with pytest.raises(Refused) as caught:
        action(*args, **facts)
    return caught.value.code


def state(leave):
    return Leave.objects.get(pk=leave.pk).state


def test_what_a_pupil_asks_waits_for_a_guardian_and_then_for_the_school(cast, ada, gus, teacher):
    pupil = cast.user("pupil")
    leave = ask_as_pupil(ada, NewLeave(WantedLeave(THURSDAY, THURSDAY, time(10)), "appointment"), by=pupil)
    assert leave.state == "asked"
    assert explained_at(ada.school, at(11)) == {}
    assert code_of(approve, ada.school, leave.id, by=teacher) == "leave_not_confirmed"
    answer_as_guardian(ada, leave.id, is_yes=True, by=gus, on_pupils_device=False)
    assert state(leave) == "confirmed"
    assert explained_at(ada.school, at(11))[ada.id].source is AbsenceSource.LEAVE
    assert explained_at(ada.school, at(9, 30)) == {}
    approve(ada.school, leave.id, by=teacher)
    assert state(leave) == "agreed"
    assert absences_on(ada.school, THURSDAY)[ada.id][0].is_agreed


def test_a_guardians_word_never_comes_from_the_pupils_own_device(cast, ada, gus):
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "illness")
    assert code_of(ask_as_guardian, ada, new, by=gus, on_pupils_device=True) == "leave_device"
    leave = ask_as_pupil(ada, new, by=cast.user("pupil"))
    said = {"is_yes": True, "by": gus, "on_pupils_device": True}
    assert code_of(answer_as_guardian, ada, leave.id, **said) == "leave_device"


def test_only_a_guardian_of_the_pupil_answers(cast, ada, gus):
    leave = a_leave(ada, gus)
    pupil = cast.user("pupil")
    said = {"is_yes": True, "on_pupils_device": False}
    assert code_of(answer_as_guardian, ada, leave.id, by=pupil, **said) == "leave_unknown"
    nia = cast.person("Nia")
    assert code_of(answer_as_guardian, nia, leave.id, by=gus, **said) == "unknown_guardian"
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "illness")
    assert code_of(ask_as_guardian, ada, new, by=pupil, on_pupils_device=False) == "leave_unknown"


def test_in_china_the_class_teacher_agrees_and_then_the_office_two_persons(cast, ada, gus, teacher, office):
    ada.school.country = "CN"
    ada.school.save()
    assert (settings_of(ada.school).staff_needed, settings_of(ada.school).report_back_by) == (2, time(10))
    leave = a_leave(ada, gus)
    approve(ada.school, leave.id, by=teacher)
    assert state(leave) == "confirmed"
    assert code_of(sign_out, ada.school, leave.id, by=office) == "sign_out_not_agreed"
    assert code_of(approve, ada.school, leave.id, by=teacher) == "leave_same_person"
    other = another(ada.school, "teacher")
    assert code_of(approve, ada.school, leave.id, by=other) == "leave_needs_office"
    approve(ada.school, leave.id, by=office)
    assert state(leave) == "agreed"
    assert code_of(approve, ada.school, leave.id, by=office) == "leave_not_open"


def test_a_school_sets_how_many_of_the_staff_agree(cast, ada):
    admin = cast.user("administrator")
    set_leave(ada.school, staff_needed=2, report_back_by=time(8, 30), by=admin)
    held = settings_of(ada.school)
    assert (held.staff_needed, held.report_back_by) == (2, time(8, 30))
    assert code_of(set_leave, ada.school, staff_needed=3, report_back_by=None, by=admin) == (
        "leave_settings_not_valid"
    )


def test_an_illness_waits_for_one_of_the_staff_and_stops_a_message_before(cast, ada, gus, teacher):
    set_leave(ada.school, staff_needed=2, report_back_by=None, by=cast.user("administrator"))
    leave = a_leave(ada, gus, kind="illness")
    found = explained_at(ada.school, at(9))[ada.id]
    assert (found.source, found.is_agreed) == (AbsenceSource.ILLNESS, False)
    approve(ada.school, leave.id, by=teacher)
    assert state(leave) == "agreed"


def test_staff_enter_leave_for_a_family_without_a_phone_and_a_colleague_agrees(cast, ada, teacher, office):
    guardian = cast.guardian("Gus")
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY, time(11)), "other")
    entry = {"guardian_id": guardian.id, "by": teacher}
    assert code_of(enter_for_family, ada, new, reached="  ", **entry) == "leave_how_reached"
    leave = enter_for_family(ada, new, reached="came to the gate", **entry)
    assert leave.state == "confirmed"
    assert enter_for_family(ada, new, reached="came to the gate", **entry).id == leave.id
    assert LeaveAnswer.objects.get(leave=leave).reached == "came to the gate"
    assert code_of(approve, ada.school, leave.id, by=teacher) == "leave_same_person"
    approve(ada.school, leave.id, by=office)
    stranger = {"guardian_id": cast.guardian("Gwen").id, "reached": "called", "by": teacher}
    assert code_of(enter_for_family, ada, replace_id(new), **stranger) == "unknown_guardian"


def replace_id(new):
    return NewLeave(new.wanted, new.kind, new.reason)


def test_who_takes_the_call_of_an_illness_has_confirmed_it(cast, ada, office):
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "illness")
    entry = {"guardian_id": cast.guardian("Gus").id, "reached": "he called", "by": office}
    leave = enter_for_family(ada, new, **entry)
    assert state(leave) == "agreed"


def test_staff_record_what_a_guardian_says_to_what_a_pupil_asked(cast, ada, teacher):
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other")
    leave = ask_as_pupil(ada, new, by=cast.user("pupil"))
    said = {"guardian_id": cast.guardian("Gus").id, "by": teacher}
    assert code_of(record_answer, ada.school, leave.id, is_yes=True, reached="", **said) == (
        "leave_how_reached"
    )
    record_answer(ada.school, leave.id, is_yes=False, reached="called", **said)
    assert state(leave) == "withdrawn"
    assert absences_on(ada.school, THURSDAY) == {}
    assert code_of(record_answer, ada.school, leave.id, is_yes=True, reached="x", **said) == "leave_not_open"


def test_two_guardians_who_disagree_stop_a_leave_until_they_agree(ada, gus, gil, office):
    leave = an_agreed_leave(ada, gus, by=office)
    answer_as_guardian(ada, leave.id, is_yes=False, by=gil, on_pupils_device=False)
    assert state(leave) == "disputed"
    assert explained_at(ada.school, at(9)) == {}
    assert code_of(sign_out, ada.school, leave.id, by=office) == "sign_out_not_agreed"
    assert code_of(approve, ada.school, leave.id, by=office) == "leave_disputed"
    answer_as_guardian(ada, leave.id, is_yes=True, by=gil, on_pupils_device=False)
    assert state(leave) == "agreed"


def test_the_desk_signs_out_and_back_and_undoes_for_ten_minutes(ada, gus, office):
    leave = an_agreed_leave(ada, gus, by=office, hours=(time(10), time(12)))
    assert code_of(sign_out, ada.school, leave.id, by=office) == "sign_out_not_now"
    assert code_of(sign_back, ada.school, leave.id, by=office) == "not_signed_out"
    with stopped_at(at(9, 55)):
        sign_out(ada.school, leave.id, by=office)
        assert code_of(sign_out, ada.school, leave.id, by=office) == "signed_out_already"
        undo(ada.school, leave.id, by=office)
        sign_out(ada.school, leave.id, by=office)
    with stopped_at(at(10, 6)):
        assert code_of(undo, ada.school, leave.id, by=office) == "desk_undo_too_late"
        assert ada.id in explained_at(ada.school, at(12, 30))  # out, and not back yet
    with stopped_at(at(11)):
        sign_back(ada.school, leave.id, by=office)
        assert code_of(sign_back, ada.school, leave.id, by=office) == "back_already"
        undo(ada.school, leave.id, by=office)
        sign_back(ada.school, leave.id, by=office)
        assert explained_at(ada.school, at(11, 1)) == {}
        assert ada.id in explained_at(ada.school, at(10, 30))


@pytest.mark.parametrize("how", ["no", "withdraw", "refuse"])
def test_nothing_takes_back_a_leave_for_which_the_pupil_is_out(ada, gus, office, how):
    leave = an_agreed_leave(ada, gus, by=office)
    sign_out(ada.school, leave.id, by=office)
    if how == "no":
        said = {"is_yes": False, "by": gus, "on_pupils_device": False}
        assert code_of(answer_as_guardian, ada, leave.id, **said) == "leave_is_out"
    elif how == "withdraw":
        assert code_of(withdraw, ada, leave.id, by=gus) == "leave_is_out"
    else:
        assert code_of(refuse, ada.school, leave.id, reason="no", by=office) == "leave_is_out"
    assert state(leave) == "agreed"


def test_staff_refuse_with_a_reason(ada, gus, office):
    leave = a_leave(ada, gus)
    assert code_of(refuse, ada.school, leave.id, reason=" ", by=office) == "leave_refusal_missing"
    refuse(ada.school, leave.id, reason="An examination is on that day", by=office)
    assert Leave.objects.get(pk=leave.pk).refusal == "An examination is on that day"
    assert code_of(withdraw, ada, leave.id, by=gus) == "leave_not_open"
    assert code_of(refuse, ada.school, uuid4(), reason="x", by=office) == "leave_unknown"


def test_a_guardian_withdraws_all_of_a_leave_or_the_days_that_are_left(ada, gus, office):
    whole = an_agreed_leave(ada, gus, by=office, day=THURSDAY + timedelta(days=4))
    withdraw(ada, whole.id, by=gus)
    assert state(whole) == "withdrawn"
    week = an_agreed_leave(ada, gus, by=office, last=THURSDAY + timedelta(days=8))
    with stopped_at(at(9, day=30)):
        said = {"is_yes": False, "by": gus, "on_pupils_device": False}
        assert code_of(answer_as_guardian, ada, week.id, **said) == "leave_begun"
        withdraw(ada, week.id, by=gus)
        held = Leave.objects.get(pk=week.pk)
        assert (held.state, held.last_day) == ("agreed", date(2026, 11, 29))
        assert ada.id in absences_on(ada.school, THURSDAY)
        assert ada.id not in absences_on(ada.school, date(2026, 11, 30))
        assert code_of(withdraw, ada, week.id, by=gus) == "leave_not_open"


def test_a_pupil_withdraws_what_they_asked_until_the_school_agrees(cast, ada, gus, office):
    pupil = cast.user("pupil")
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other")
    leave = ask_as_pupil(ada, new, by=pupil)
    withdraw(ada, leave.id, by=pupil)
    assert state(leave) == "withdrawn"
    theirs = an_agreed_leave(ada, gus, by=office)
    assert code_of(withdraw, ada, theirs.id, by=pupil) == "leave_agreed_already"
    withdraw_for_family(ada.school, theirs.id, by=office)
    assert state(theirs) == "withdrawn"


def test_a_leave_can_not_be_over_too_long_too_far_or_without_school(ada, gus):
    add_entry(ada.school, Days("closed", date(2026, 12, 21), date(2027, 1, 1), "Holidays", None))

    def said(first, last):
        new = NewLeave(WantedLeave(first, last), "other")
        return code_of(ask_as_guardian, ada, new, by=gus, on_pupils_device=False)

    yesterday, christmas = THURSDAY - timedelta(days=1), date(2026, 12, 22)
    assert said(yesterday, yesterday) == "leave_over"
    assert said(THURSDAY, yesterday) == "leave_time_backwards"
    assert said(THURSDAY, THURSDAY + timedelta(days=130)) == "leave_too_long"
    assert said(*(THURSDAY + timedelta(days=500),) * 2) == "leave_too_far"
    assert said(christmas, christmas + timedelta(days=2)) == "leave_without_school"
    over_holidays = a_leave(ada, gus, day=date(2026, 12, 18), last=date(2027, 1, 4))
    assert over_holidays.state == "confirmed"


def test_two_leaves_of_one_time_are_refused_and_two_of_one_day_are_not(ada, gus, gil):
    a_leave(ada, gus, hours=(time(9), time(10)))
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other")
    assert code_of(ask_as_guardian, ada, new, by=gil, on_pupils_device=False) == "leave_overlaps"
    a_leave(ada, gil, hours=(time(14), None))
    assert len(absences_on(ada.school, THURSDAY)[ada.id]) == 2


def test_leave_is_for_pupils_who_are_here(cast, ada, gus):
    an_agreed = a_leave(ada, gus, day=THURSDAY + timedelta(days=1))
    assert an_agreed.state == "confirmed"
    mark_left([ada.id])
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other")
    assert code_of(ask_as_guardian, ada, new, by=gus, on_pupils_device=False) == "leave_for_pupils"
    assert absences_on(ada.school, THURSDAY + timedelta(days=1)) == {}


def test_a_trip_is_for_pupils_with_the_school_under_named_staff(cast, ada, teacher, gus, office):
    trip = a_trip(ada.school, [ada.id, cast.person("Bo").id], by=teacher)
    found = absences_on(ada.school, THURSDAY)
    assert {one.title for rows in found.values() for one in rows} == {"Museum"}
    an_agreed_leave(ada, gus, by=office, kind="illness")
    assert [one.source for one in absences_on(ada.school, THURSDAY)[ada.id]] == [
        AbsenceSource.ILLNESS,
        AbsenceSource.TRIP,
    ]
    assert set_pupils(ada.school, trip.id, [cast.person("Carl").id], by=teacher) == 1
    assert TripPupil.objects.filter(trip=trip, removed_at=None).count() == 1
    assert code_of(set_pupils, ada.school, trip.id, [], by=teacher) == "trip_not_valid"
    cancel_trip(ada.school, trip.id, by=teacher)
    assert cast.person("Carl").id not in absences_on(ada.school, THURSDAY)
    assert code_of(cancel_trip, ada.school, trip.id, by=teacher) == "trip_over"
    assert code_of(cancel_trip, ada.school, uuid4(), by=teacher) == "trip_unknown"


def test_a_trip_leaves_and_comes_back_once_and_what_was_noted_is_undone_for_ten_minutes(ada, teacher):
    school, wanted = ada.school, WantedLeave(THURSDAY, THURSDAY, time(10), time(12))
    trip = plan_trip(school, NewTrip("Museum", "visit", wanted, [ada.id], (teacher,)), by=teacher)
    known = {"by": teacher}
    assert code_of(note_departure, school, trip.id, **known) == "trip_not_now"
    assert code_of(note_return, school, trip.id, **known) == "trip_not_departed"
    assert code_of(undo_note, school, trip.id, **known) == "trip_not_departed"
    with stopped_at(at(9, 30)):
        note_departure(school, trip.id, **known)
        assert code_of(note_departure, school, trip.id, **known) == "trip_departed_already"
        assert code_of(cancel_trip, school, trip.id, **known) == "trip_departed_already"
        undo_note(school, trip.id, **known)
    with stopped_at(at(9, 50)):
        note_departure(school, trip.id, **known)
        assert ada.id in explained_at(school, at(9, 55)), "they left before the planned time"
    with stopped_at(at(12, 14)):
        assert ada.id in explained_at(school, at(12, 14)), "they are late, and nobody has to ask"
        assert (count_leaves(school).overdue, trips_at_desk(school)[0].is_late) == (0, False)
    with stopped_at(at(12, 15)):
        assert (count_leaves(school).overdue, trips_at_desk(school)[0].is_late) == (1, True)
        move_end(school, trip.id, last_day=THURSDAY, until_time=time(14), **known)
        assert count_leaves(school).overdue == 0
    with stopped_at(at(13)):
        assert code_of(undo_note, school, trip.id, **known) == "trip_undo_too_late"
        note_return(school, trip.id, **known)
        assert ada.id not in explained_at(school, at(13)), "back sooner: expected at once"
        assert code_of(note_return, school, trip.id, **known) == "trip_returned_already"
        assert code_of(note_departure, school, trip.id, **known) == "trip_returned_already"
        ends = {"last_day": THURSDAY, "until_time": None}
        assert code_of(move_end, school, trip.id, **ends, **known) == "trip_returned_already"
        undo_note(school, trip.id, **known)
        assert ada.id in explained_at(school, at(13))


def test_the_end_of_a_trip_moves_and_one_that_never_came_back_stays_on_the_desk(ada, teacher):
    school, day = ada.school, THURSDAY + timedelta(days=1)
    wanted = WantedLeave(THURSDAY, THURSDAY, time(10), time(12))
    trip = plan_trip(school, NewTrip("Museum", "visit", wanted, [ada.id], (teacher,)), by=teacher)
    with stopped_at(at(10)):
        note_departure(school, trip.id, by=teacher)
        before = {"last_day": THURSDAY - timedelta(days=1), "until_time": None}
        assert code_of(move_end, school, trip.id, **before, by=teacher) == "leave_time_backwards"
    with stopped_at(at(9, day=27)):
        assert [one.trip for one in trips_at_desk(school)] == [trip]
        assert absences_on(school, day) == {}
        move_end(school, trip.id, last_day=day, until_time=time(15), by=teacher)
        assert [one.ends_at for one in absences_on(school, day)[ada.id]] == [at(15, day=27)]
        note_return(school, trip.id, by=teacher)
    events = [one.event for one in Entry.objects.filter(event__startswith="trip.").order_by("sequence")]
    assert events == ["trip.planned", "trip.departed", "trip.end_moved", "trip.returned"]


def test_guardians_get_mail_when_a_pupil_asks_until_they_answer_and_not_without_end(cast, ada, gus):
    pupil, school = cast.user("pupil"), ada.school
    school.public_address = "https://lunch.example"
    school.save()
    Guardian.objects.filter(pk=gus.guardian_id).update(email="gus@family.example")
    server = NewServer("localhost", 2525, Encryption.NONE, "lunch@school.example")
    set_mail_server(school, server, by=cast.user("administrator"))

    def ask(days):
        day = THURSDAY + timedelta(days=days)
        return ask_as_pupil(ada, NewLeave(WantedLeave(day, day), "appointment", "The dentist"), by=pupil)

    leave = ask(1)
    (mail,) = Mail.objects.all()
    assert (mail.guardian_id, mail.topic) == (gus.guardian_id, Topic.LEAVE)
    subject, text = text_of(mail)
    assert "Ada has asked the school for leave" in text
    assert "dentist" not in subject + text
    assert still_holds(mail)
    answer_as_guardian(ada, leave.id, is_yes=True, by=gus, on_pupils_device=False)
    assert not still_holds(mail), "answered before it went out"
    for days in (4, 5, 6):
        ask(days)
    assert Mail.objects.count() == 3
    ask_as_guardian(ada, NewLeave(WantedLeave(THURSDAY, THURSDAY), "illness"), by=gus, on_pupils_device=False)
    assert Mail.objects.count() == 3


def test_a_trip_needs_a_name_pupils_and_who_supervises_it_and_sent_twice_is_one(cast, ada, teacher):
    wanted = WantedLeave(THURSDAY, THURSDAY)
    for new in (
        NewTrip(" ", "visit", wanted, [ada.id], (teacher,)),
        NewTrip("Museum", "visit", wanted, [], (teacher,)),
        NewTrip("Museum", "visit", wanted, [ada.id], ()),
    ):
        assert code_of(plan_trip, ada.school, new, by=teacher) == "trip_not_valid"
    new = NewTrip("Museum", "visit", wanted, [ada.id], (teacher, teacher))
    assert plan_trip(ada.school, new, by=teacher) == plan_trip(ada.school, new, by=teacher)
    assert Trip.objects.count() == 1


def test_a_trip_that_is_sent_twice_at_once_is_one(cast, ada, teacher):
    new = NewTrip("Museum", "visit", WantedLeave(THURSDAY, THURSDAY), [ada.id], (teacher,))
    one, other = at_once(*[lambda: plan_trip(ada.school, new, by=teacher)] * 2)
    assert one == other == Trip.objects.get()


def test_the_log_says_who_agreed_and_never_what_for(ada, gus, office):
    an_agreed_leave(ada, gus, by=office, kind="illness", reason="A fever")
    said = "".join(bytes(one.hashed).decode() for one in Entry.objects.filter(event__startswith="leave."))
    assert "leave.confirmed" in said
    assert "leave.approved" in said
    assert "illness" not in said
    assert "fever" not in said


def test_why_in_words_is_deleted_after_a_month_and_the_rest_after_six_years(ada, gus, office, teacher):
    an_agreed_leave(ada, gus, by=office, reason="The dentist")
    a_trip(ada.school, [ada.id], by=teacher)
    assert purge_leave_words(at(9), 100) == 0
    assert purge_leave_words(at(9, day=28), 100) == 1
    assert not LeaveWords.objects.exists()
    assert purge_absences(at(9), 100) == 0
    assert purge_absences(at(9, day=28), 100) == 2
    assert not Leave.objects.exists()
    assert not Trip.objects.exists()


def test_two_records_of_one_pupil_or_guardian_keep_their_leaves(cast, ada, gus, gil, teacher):
    leave = a_leave(ada, gus)
    answer_as_guardian(ada, leave.id, is_yes=True, by=gil, on_pupils_device=False)
    move_answers(gil.guardian, gus.guardian)
    assert [one.guardian for one in LeaveAnswer.objects.filter(leave=leave)] == [gus.guardian]
    bo = cast.person("Bo")
    a_trip(ada.school, [ada.id, bo.id], by=teacher)
    move_leaves(ada, bo)
    assert len(absences_on(ada.school, THURSDAY)[bo.id]) == 2
    assert Person.objects.get(pk=ada.pk).leaves.count() == 0


def test_what_a_page_sends_twice_is_one_leave(ada, gus):
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other", reason="x")
    first = ask_as_guardian(ada, new, by=gus, on_pupils_device=False)
    assert ask_as_guardian(ada, new, by=gus, on_pupils_device=False) == first
    assert json.dumps(sorted(Entry.objects.values_list("event", flat=True))).count("leave.asked") == 1


def test_a_key_that_stood_for_another_childs_leave_is_refused_by_name(cast, ada, gus):
    new = NewLeave(WantedLeave(THURSDAY, THURSDAY), "other")
    ask_as_guardian(ada, new, by=gus, on_pupils_device=False)
    bo = cast.person("Bo")
    assert code_of(ask_as_pupil, bo, new, by=cast.user("pupil")) == "leave_unknown"
    assert Leave.objects.get().person == ada
