"""Evening lists from the opening to the day after, who lives where, and what never writes a mark."""

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from tests.support.boarding import a_house, at, tonights_list
from tests.support.clocks import stopped_at
from tests.support.leaves import a_leave, a_trip, an_agreed_leave
from tests.support.log import facts_of
from tests.support.mail import post_office
from tests.support.syntax import nodes

import willing
from willing.accounts.models import User
from willing.attendance.message_queries import count_unexplained
from willing.attendance.models import CurrentMark, Mark
from willing.audit.models import Entry
from willing.boarding.alert_mail import mail_of_untaken, mail_wardens
from willing.boarding.evening import (
    NewEveningMark,
    alert_due,
    alert_due_here,
    close_list,
    mark_all_here,
    open_list,
    record_marks,
)
from willing.boarding.living import move_boarder, move_in, move_out, set_rooms
from willing.boarding.models import Boarder, CheckPoint, EveningList, EveningMark, House, HouseWarden
from willing.boarding.queries import (
    EveningCounts,
    abnormal_of,
    boarders_at,
    boarders_on,
    checks_of,
    count_evening,
    evenings_of,
    house_of,
    houses_for,
    is_boarder,
    lines_of,
    proposals_of,
    proposes_leave,
    require_list,
    slots_of,
    tonight,
)
from willing.boarding.retention import purge_evening_lists
from willing.boarding.rules import Abnormal, EveningMarkMerge
from willing.boarding.set_up import NewCheck, add_house, rename_house, retire_house, set_checks, set_wardens
from willing.boarding.untaken import UNTAKEN, notify_of_untaken
from willing.core.clock import now
from willing.core.errors import Refused
from willing.jobs.models import Job
from willing.mail.sending import NewServer, set_mail_server
from willing.people.models import Person, School
from willing.rollcall.presence import who_is_expected
from willing.rollcall.rules import EXPECTED, ExpectedCause
from willing.visits.staff_days import set_user_in


@pytest.fixture
def school(cast):
    cast.school.time_zone = "Europe/London"
    cast.school.save()
    Person.objects.update(joined_at=at(8, day=1))
    return cast.school


@pytest.fixture
def house(cast, school):
    """North, where Ada, Bo and Wes have lived since Monday; the teacher is its warden. It is nine."""
    with stopped_at(at(15, day=23)):
        persons = [cast.person(one) for one in ("Ada", "Bo", "Wes")]
        found = a_house(school, *persons, by=cast.user("office"), warden=cast.user("teacher"))
    with stopped_at(at(21)):
        yield found


@pytest.fixture
def evening(cast, house):
    return tonights_list(house, by=cast.user("teacher"))


def words(found):
    return {one.person.given_name: one.word for one in lines_of(found)}


def counted(school, user, *, is_office):
    return count_evening(school, houses_for(school, user, is_office=is_office))


def mark(cast, found, name, word, by="teacher", **facts):
    (done,) = record_marks(found, [NewEveningMark(cast.person(name).id, word, **facts)], by=cast.user(by))
    if done.refused:
        raise done.refused
    return done.merge


def test_an_evening_from_the_list_to_the_close_and_the_list_of_the_day_after(cast, school, house, evening):
    by = cast.user("teacher")
    assert evening.night == date(2026, 11, 26)
    mark(cast, evening, "Wes", "absent")
    assert mark_all_here(evening, by=by) == 2
    assert words(evening) == {"Ada": "here", "Bo": "here", "Wes": "absent"}
    assert counted(school, by, is_office=False) == EveningCounts(missing=1, due=0)
    assert mark(cast, evening, "Wes", "late", seen=1) is EveningMarkMerge.CURRENT
    assert counted(school, by, is_office=False) == EveningCounts()
    close_list(evening, by=by)
    close_list(evening, by=cast.user("office"))
    assert EveningList.objects.get().closed_by == by
    with pytest.raises(Refused, match="evening_reason_missing"):
        mark(cast, evening, "Bo", "leave", seen=1)
    mark(cast, evening, "Bo", "leave", seen=1, reason=" picked  up by an aunt ")
    with stopped_at(at(8, day=27)):
        (slot,) = slots_of(school, tonight(school), [house])
        found = [(one.line.person.given_name, one.what) for one in abnormal_of([slot])]
    assert found == [("Bo", Abnormal.CORRECTED), ("Wes", Abnormal.FOUND)]
    assert EveningMark.objects.get(is_correction=True).reason == "picked up by an aunt"
    events = Entry.objects.filter(subject=evening.id).order_by("sequence").values_list("event", flat=True)
    assert list(events) == [
        "evening_list.opened",
        *["evening_list.marked"] * 3,
        "evening_list.closed",
        "evening_list.marked",
    ]


def test_a_list_opened_twice_is_one_and_the_database_holds_to_it(cast, house, evening):
    assert tonights_list(house, by=cast.user("office")) == evening
    with pytest.raises(IntegrityError), transaction.atomic():
        EveningList.objects.create(
            house=house, night=evening.night, number=1, name="x", due_at=now(), alert_at=now(),
            opened_by=cast.user("office"),
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Boarder.objects.create(house=house, person=cast.person("Ada"), first_night=evening.night)


def test_a_mark_is_never_changed_and_a_closed_list_stays_closed_whoever_writes(cast, house, evening):
    mark(cast, evening, "Ada", "here")
    with connection.cursor() as cursor:
        for statement in (
            "UPDATE boarding_eveningmark SET word = 'absent'",
            "UPDATE boarding_eveninglist SET night = '2026-11-25'",
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(statement)
    EveningMark.objects.bulk_create(
        [EveningMark(list=evening, person=cast.person("Bo"), number=1, word="here", user=cast.user("office"),
                     recorded_at=_really_now())]
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        EveningMark.objects.filter(person=cast.person("Bo")).delete()
    mark(cast, evening, "Wes", "here")
    close_list(evening, by=cast.user("teacher"))
    with pytest.raises(IntegrityError), transaction.atomic():
        EveningList.objects.update(closed_at=None, closed_by=None)


def _really_now():
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_two_wardens_who_disagree_are_both_kept_and_the_boarder_is_missing_until_one_decides(
    cast, school, evening
):
    assert mark(cast, evening, "Ada", "here") is EveningMarkMerge.CURRENT
    assert mark(cast, evening, "Ada", "absent", by="office") is EveningMarkMerge.DISPUTED
    assert words(evening)["Ada"] == "absent"
    assert [one.is_undecided for one in lines_of(evening)] == [True, False, False]
    mark_all_here(evening, by=cast.user("office"))
    with pytest.raises(Refused, match="evening_list_undecided"):
        close_list(evening, by=cast.user("office"))
    assert mark(cast, evening, "Ada", "here", seen=2) is EveningMarkMerge.CURRENT
    assert words(evening)["Ada"] == "here"
    close_list(evening, by=cast.user("office"))
    assert EveningMark.objects.filter(person=cast.person("Ada")).count() == 3


def test_a_form_sent_twice_is_one_mark_and_a_refused_mark_keeps_the_others_back_from_nothing(cast, evening):
    ada, key = cast.person("Ada").id, uuid4()
    people = [ada, cast.person("Nia").id, uuid4(), cast.person("Bo").id]
    answers = ["here", "here", "here", "asleep"]
    new = [NewEveningMark(one, answer) for one, answer in zip(people, answers, strict=True)]
    new[0] = replace(new[0], id=key)
    done = record_marks(evening, new, by=cast.user("teacher"))
    assert [one.merge for one in done] == [EveningMarkMerge.CURRENT, None, None, None]
    assert [one.refused.code for one in done if one.refused] == [
        "evening_not_a_boarder",
        "evening_not_a_boarder",
        "evening_word_unknown",
    ]
    record_marks(evening, [NewEveningMark(ada, "here", id=key)], by=cast.user("teacher"))
    assert EveningMark.objects.count() == 1


def test_leave_and_trips_propose_and_a_person_saves(cast, school, house):
    gus, office = cast.user("guardian"), cast.user("office")
    with stopped_at(at(12)):
        an_agreed_leave(cast.person("Ada"), gus, by=office)
        a_trip(school, [cast.person("Bo").id], by=office)
    evening = tonights_list(house, by=office)
    known = proposals_of(evening)
    assert {one for one, what in known.items() if proposes_leave(what, evening.due_at)} == {
        cast.person("Ada").id,
        cast.person("Bo").id,
    }
    assert mark_all_here(evening, by=office) == 1, "one press means nobody who is away"
    assert words(evening) == {"Ada": None, "Bo": None, "Wes": "here"}
    with pytest.raises(Refused, match="evening_list_has_blanks"):
        close_list(evening, by=office)


def test_leave_that_waits_for_an_answer_is_shown_and_not_proposed(cast, school, house):
    with stopped_at(at(12)):
        a_leave(cast.person("Ada"), cast.user("guardian"))
    evening = tonights_list(house, by=cast.user("office"))
    (known,) = proposals_of(evening).values()
    assert not proposes_leave(known, evening.due_at)


def test_what_cannot_be_opened_is_refused_by_name(cast, school, house):
    office, night = cast.user("office"), tonight(school)
    with pytest.raises(Refused, match="house_unknown"):
        open_list(school, uuid4(), night, 1, by=office)
    with pytest.raises(Refused, match="evening_check_unknown"):
        open_list(school, house.id, night, 2, by=office)
    with pytest.raises(Refused, match="evening_not_tonight"):
        open_list(school, house.id, night - timedelta(days=1), 1, by=office)
    with stopped_at(at(18)), pytest.raises(Refused, match="evening_too_early"):
        open_list(school, house.id, night, 1, by=office)
    with stopped_at(at(11, 59)):
        assert tonight(school) == night - timedelta(days=1)
        opened = open_list(school, house.id, night - timedelta(days=1), 1, by=office)
    assert opened.night == night - timedelta(days=1), "late in the morning it is still the last night"
    with pytest.raises(Refused, match="evening_list_unknown"):
        require_list(school, uuid4(), office, is_office=True)
    with pytest.raises(Refused, match="evening_list_unknown"):
        require_list(school, opened.id, cast.user("dpo"), is_office=False)
    assert require_list(school, opened.id, cast.user("teacher"), is_office=False) == opened


def test_after_the_night_a_mark_needs_a_reason_also_where_nobody_closed_the_list(cast, evening):
    with stopped_at(at(11, 58, day=27)):
        mark(cast, evening, "Ada", "here")
    with stopped_at(at(12, 2, day=27)), pytest.raises(Refused, match="evening_reason_missing"):
        mark(cast, evening, "Bo", "here")
    with stopped_at(at(12, 2, day=27)):
        mark(cast, evening, "Bo", "here", reason="slept already")
        assert mark_all_here_refused(evening, cast.user("teacher")) == "evening_reason_missing"


def mark_all_here_refused(found, by):
    with pytest.raises(Refused) as refused:
        mark_all_here(found, by=by)
    return refused.value.code


def test_a_retired_house_opens_no_list_and_is_not_retired_over_anybodys_head(cast, school, house):
    office = cast.user("office")
    with pytest.raises(Refused, match="house_not_empty"):
        retire_house(school, house.id, by=office)
    south = add_house(school, "South", check_name="x", by=office)
    gone = cast.person("Wes")
    Person.objects.filter(pk=gone.pk).update(left_at=at(10, day=25))
    move_in(school, south.id, [cast.person("Ada").id, cast.person("Bo").id], by=office, room="2")
    retire_house(school, house.id, by=office)
    assert house_of(gone) is None, "who comes back lives in no house that is retired"
    with pytest.raises(Refused, match="house_retired"):
        tonights_list(house, by=office)
    with pytest.raises(Refused, match="house_unknown"):
        move_in(school, house.id, [cast.person("Ada").id], by=office)
    assert [one.name for one in houses_for(school, office, is_office=True)] == ["South"]


def test_who_moved_at_noon_was_in_the_old_house_in_the_night_before(cast, school, house):
    office = cast.user("office")
    south = add_house(school, "South", check_name="x", by=office)
    ada = cast.person("Ada")
    with stopped_at(at(12)):
        assert move_in(school, south.id, [ada.id], by=office, room=" 4  b ") == 1
        assert move_in(school, south.id, [ada.id], by=office) == 0
    last, this = date(2026, 11, 25), date(2026, 11, 26)
    assert ada in [one.person for one in boarders_on(house, last)]
    assert ada not in [one.person for one in boarders_on(house, this)]
    assert [(one.person, one.room) for one in boarders_on(south, this)] == [(ada, "4 b")]
    # And back the same day: nothing is left of the stay that never was.
    with stopped_at(at(23)):
        move_in(school, house.id, [ada.id], by=office)
    assert Boarder.objects.filter(house=south).count() == 0


def test_who_moves_or_leaves_after_a_mark_stays_to_be_read_and_is_nobodys_blank(cast, school, house, evening):
    office = cast.user("office")
    mark(cast, evening, "Ada", "here")
    mark(cast, evening, "Wes", "absent")
    move_out(school, house.id, [cast.person("Ada").id], by=office)
    Person.objects.filter(pk=cast.person("Wes").pk).update(left_at=at(20))
    shown = {one.person.given_name: (one.is_boarder, one.is_missing) for one in lines_of(evening)}
    assert shown == {"Bo": (True, True), "Ada": (False, False), "Wes": (False, False)}
    with pytest.raises(Refused, match="evening_not_a_boarder"):
        mark(cast, evening, "Ada", "absent", seen=1)
    mark(cast, evening, "Bo", "here")
    close_list(evening, by=office)


def test_only_pupils_who_are_here_live_in_a_house(cast, school, house):
    Person.objects.filter(pk=cast.person("Nia").pk).update(left_at=at(9, day=20))
    for wrong in (cast.person("Nia").id, uuid4()):
        with pytest.raises(Refused, match="boarder_not_valid"):
            move_in(school, house.id, [wrong], by=cast.user("office"))
    assert (
        set_rooms(school, house.id, {cast.person("Ada").id: "12", uuid4(): "1"}, by=cast.user("office")) == 1
    )
    assert boarders_on(house, tonight(school))[-1].room == "12"


def test_houses_and_times_that_cannot_be_are_refused_by_name(cast, school, house, monkeypatch):
    office = cast.user("office")
    for wrong in ("", " NORTH ", "n" * 61):
        with pytest.raises(Refused, match="house_not_valid"):
            add_house(school, wrong, check_name="x", by=office)
    rename_house(school, house.id, "  North   wing", by=office)
    rename_house(school, house.id, "North wing", by=office)
    assert House.objects.get().name == "North wing"
    monkeypatch.setattr("willing.boarding.set_up.HOUSES_MAX", 1)
    with pytest.raises(Refused, match="houses_too_many"):
        add_house(school, "South", check_name="x", by=office)
    with pytest.raises(Refused, match="evening_checks_missing"):
        set_checks(school, [], 30, by=office)
    with pytest.raises(Refused, match="evening_checks_too_many"):
        set_checks(school, [NewCheck("a", time(one)) for one in range(7)], 30, by=office)
    with pytest.raises(Refused, match="evening_check_name"):
        set_checks(school, [NewCheck(" ", time(21))], 30, by=office)
    with pytest.raises(Refused, match="evening_checks_same_time"):
        set_checks(school, [NewCheck("a", time(21)), NewCheck("b", time(21))], 30, by=office)
    with pytest.raises(Refused, match="evening_alert_minutes"):
        set_checks(school, [NewCheck("a", time(21))], 0, by=office)
    set_checks(school, [NewCheck("Late", time(0, 30)), NewCheck("Early", time(21, 30))], 20, by=office)
    assert [(one.number, one.name) for one in checks_of(school)] == [(1, "Early"), (2, "Late")]


def test_an_opened_list_keeps_its_times_whatever_the_settings_say_later(cast, school, house, evening):
    set_checks(school, [NewCheck("Later", time(22)), NewCheck("Last", time(23))], 5, by=cast.user("office"))
    slots = slots_of(school, evening.night, [house])
    assert [(one.name, one.due_at.hour, one.found is None) for one in slots] == [
        ("Evening", 21, False),
        ("Last", 23, True),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckPoint.objects.update(alert_minutes=0)


def test_a_list_that_nobody_took_waits_for_its_wardens_and_for_the_office_alone(cast, school, house):
    teacher, office, other = cast.user("teacher"), cast.user("office"), cast.user("canteen")
    with stopped_at(at(20, 59)):
        assert counted(school, teacher, is_office=False) == EveningCounts()
    assert counted(school, teacher, is_office=False) == EveningCounts(0, 1)
    assert counted(school, office, is_office=True) == EveningCounts(0, 1)
    assert counted(school, other, is_office=False) == EveningCounts()
    set_wardens(school, house.id, [other.pk, cast.user("guardian").pk], by=office)
    assert counted(school, other, is_office=False) == EveningCounts(0, 1)
    assert counted(school, teacher, is_office=False) == EveningCounts()
    House.objects.update(retired_at=now())
    assert counted(school, office, is_office=True) == EveningCounts()


def test_who_has_no_mark_when_the_time_is_over_is_missing_and_the_last_list_of_the_night_counts(
    cast, school, house, evening
):
    office = cast.user("office")
    mark(cast, evening, "Ada", "here")
    assert counted(school, office, is_office=True) == EveningCounts(0, 1)
    with stopped_at(at(21, 30)):
        assert counted(school, office, is_office=True) == EveningCounts(2, 1)
    mark(cast, evening, "Bo", "absent")
    mark(cast, evening, "Wes", "here")
    set_checks(school, [NewCheck("Evening", time(21)), NewCheck("Night", time(22))], 30, by=office)
    with stopped_at(at(22)):
        late = tonights_list(house, by=office, number=2)
        mark_all_here(late, by=office)
        assert counted(school, office, is_office=True) == EveningCounts(0, 0)


def test_wardens_get_one_mail_after_the_time_and_again_of_a_second_one(cast, school, house, evening):
    def told():
        count = Job.objects.filter(kind="boarding.alert").count()
        Job.objects.all().delete()
        return count

    mark(cast, evening, "Ada", "absent")
    mark(cast, evening, "Bo", "here")
    mark(cast, evening, "Wes", "here")
    assert (alert_due(school), told()) == (0, 0), "not before the time"
    with stopped_at(at(21, 30)):
        assert (alert_due(school), told()) == (1, 1)
        assert (alert_due(school), told()) == (0, 0)
        found = [
            NewEveningMark(cast.person("Ada").id, "late", seen=1),
            NewEveningMark(cast.person("Bo").id, "absent", seen=1),
        ]
        record_marks(evening, found, by=cast.user("teacher"))
        assert told() == 1, "one was found and another one is missing"
        move_out(school, house.id, [cast.person("Bo").id], by=cast.user("office"))
        assert (alert_due(school), told()) == (0, 0)
        mark(cast, evening, "Wes", "absent", seen=1)
        assert told() == 1
    with stopped_at(at(13, day=27)):
        mark(cast, evening, "Wes", "here", seen=2, reason="was in the music room")
        mark(cast, evening, "Wes", "absent", seen=3, reason="it was his brother")
        assert (alert_due(school), told()) == (0, 0), "the night is over"
    entries = Entry.objects.filter(event="evening_list.alerted")
    assert not any(
        "Ada" in f"{one.hashed!r}" or str(cast.person("Ada").id) in f"{one.hashed!r}" for one in entries
    )


def test_of_two_records_of_one_person_one_lives_in_the_house(cast, school, house, evening):
    ada, bo, nia = cast.person("Ada"), cast.person("Bo"), cast.person("Nia")
    mark(cast, evening, "Ada", "here")
    move_boarder(ada, nia)
    assert house_of(nia) == house
    assert words(evening) == {"Nia": None, "Bo": None, "Wes": None, "Ada": "here"}
    Person.objects.filter(pk=ada.pk).update(merged_into=nia, left_at=now())
    assert words(evening) == {"Nia": None, "Bo": None, "Wes": None}, "the kept record is marked anew"
    move_boarder(bo, nia)
    assert Boarder.objects.filter(last_night=None, person=nia).count() == 1


def test_a_month_after_the_night_nothing_is_left_of_a_list(cast, school, house, evening):
    mark(cast, evening, "Ada", "here")
    with stopped_at(at(21, day=27)):
        tonights_list(house, by=cast.user("teacher"))
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER boarding_eveningmark_no_early_delete" + _on(cursor))
    assert purge_evening_lists(at(21), 10) == 0
    assert purge_evening_lists(at(21) + timedelta(days=1), 10) == 1
    assert (EveningMark.objects.count(), EveningList.objects.get().night) == (0, date(2026, 11, 27))


def _on(cursor):
    return " ON boarding_eveningmark" if cursor.db.vendor == "postgresql" else ""


def test_a_roll_call_reads_the_latest_mark_of_the_night_until_noon(cast, school, house, evening):
    ada = cast.person("Ada").id
    assert (boarders_at(school, at(21))[ada].word, len(boarders_at(school, at(21)))) == (None, 3)
    mark(cast, evening, "Ada", "here")
    assert boarders_at(school, at(2, day=27))[ada].word == "here"
    assert boarders_at(school, at(13, day=27))[ada].word is None
    House.objects.update(retired_at=now())
    assert boarders_at(school, at(21)) == {}


def test_a_family_reads_what_holds_in_each_list(cast, school, house, evening):
    ada = cast.person("Ada")
    assert is_boarder(ada)
    assert not is_boarder(cast.person("Nia"))
    mark(cast, evening, "Ada", "absent")
    mark(cast, evening, "Ada", "late", seen=1)
    assert [(one.found, one.mark.word) for one in evenings_of(ada)] == [(evening, "late")]


def test_nothing_of_an_evening_counts_as_attendance_or_messages_a_family(cast, school, house, evening):
    mark(cast, evening, "Ada", "absent")
    close_after = [mark(cast, evening, one, "absent") for one in ("Bo", "Wes")]
    assert close_after
    close_list(evening, by=cast.user("teacher"))
    assert (Mark.objects.count(), CurrentMark.objects.count()) == (0, 0)
    assert count_unexplained(school, date(2026, 11, 26)) == 0


def test_only_people_on_the_evening_pages_write_a_mark_no_camera_no_gate_and_no_clock():
    """Who imports what writes marks, read from the whole program; and no mark is without a person."""
    from pathlib import Path

    source = Path(willing.__file__).parent
    callers = set()
    for path in source.rglob("*.py"):
        for node in nodes(path):
            names = {one.name for one in getattr(node, "names", []) if hasattr(one, "name")}
            module = getattr(node, "module", None) or ""
            if module == "willing.boarding.evening" and names & {"record_marks", "mark_all_here"}:
                callers.add(path.relative_to(source).as_posix())
    assert callers <= {"pages/console/boarding.py", "demo/boarding.py"}
    assert not EveningMark._meta.get_field("user").null
    below = ("gate", "till", "biometrics", "terminals", "attendance", "credentials", "jobs")
    for room in below:
        for path in (source / room).rglob("*.py"):
            assert "willing.boarding" not in path.read_text(encoding="utf-8"), path


def test_a_roll_call_at_night_looks_for_those_who_sleep_here_and_for_whom_anyone_saw(
    cast, school, house, evening
):
    # Carl and Nia are day pupils. The teacher is the house's warden; nobody of the staff signs in.
    mark(cast, evening, "Ada", "here")
    mark(cast, evening, "Bo", "leave")
    mark(cast, evening, "Wes", "absent")

    def why(moment):
        with stopped_at(moment):
            found = {one.subject: one.why for one in who_is_expected(school_again(), moment)}
            return [found[cast.person(one).id] for one in ("Ada", "Bo", "Wes", "Carl", "Nia")]

    def staff(moment):
        with stopped_at(moment):
            found = who_is_expected(school_again(), moment)
        return {one.name: one.why for one in found if one.staff_id is not None}

    at_night = [
        ExpectedCause.IN_HOUSE,
        ExpectedCause.LEAVE,
        ExpectedCause.NOT_IN_HOUSE,
        ExpectedCause.DAY_PUPIL,
        ExpectedCause.DAY_PUPIL,
    ]
    assert why(at(23)) == why(at(3, day=27)) == at_night
    assert why(at(6, day=27)) == [*at_night[:3], ExpectedCause.UNMARKED, ExpectedCause.UNMARKED], (
        "on their way to school"
    )
    assert why(at(13, day=27)) == [ExpectedCause.BOARDER] * 3 + [ExpectedCause.UNMARKED] * 2
    names = {one: cast.user(one).get_short_name() for one in ("teacher", "office", "canteen")}
    assert [one for one, said in staff(at(23)).items() if said in EXPECTED] == [names["teacher"]]
    with stopped_at(at(22, 30)):
        set_user_in(school_again(), cast.user("canteen"), is_in=True)
    late = staff(at(3, day=27))
    assert late[names["canteen"]] is ExpectedCause.SIGNED_IN, "came before midnight, and has not left"
    assert late[names["teacher"]] is ExpectedCause.HOUSE_WARDEN
    assert late[names["office"]] is ExpectedCause.STAFF_OUT
    with stopped_at(at(2, day=27)):
        set_user_in(school_again(), cast.user("canteen"), is_in=False)
    assert staff(at(3, day=27))[names["canteen"]] is ExpectedCause.STAFF_OUT
    School.objects.update(weekdays=[1])
    assert why(at(23)) == at_night
    assert why(at(13, day=27)) == [ExpectedCause.BOARDER] * 3 + [ExpectedCause.NO_SCHOOL] * 2


def school_again():
    return School.objects.get()


def test_wardens_get_a_mail_without_a_name_and_nobody_does_once_all_are_found(cast, school, house, evening):
    school = school_again()
    school.public_address = "https://lunch.example.org"
    school.save()
    teacher = cast.user("teacher")
    User.objects.filter(pk=teacher.pk).update(email="warden@example.org")
    User.objects.filter(username="office").update(email="office@example.org")
    mark(cast, evening, "Ada", "absent")
    with post_office() as mails:
        new = NewServer("127.0.0.1", mails.port, "none", "school@example.org")
        set_mail_server(school, new, by=cast.user("administrator"))
        mail_wardens(evening.id)
        (sent,) = mails.came
        mark(cast, evening, "Bo", "here")
        HouseWarden.objects.all().delete()
        mail_wardens(evening.id)
        mark(cast, evening, "Ada", "here", seen=1)
        mark(cast, evening, "Wes", "here")
        mail_wardens(evening.id)
        mail_wardens(uuid4())
        assert [one["To"] for one in mails.came] == ["warden@example.org", "office@example.org"]
    assert "3 boarders are not accounted for" in sent.get_content()
    assert f"https://lunch.example.org/staff/boarding/{evening.id}/" in sent.get_content()
    assert "Ada" not in sent.as_string()


def test_wardens_get_one_mail_of_a_list_that_nobody_opened_by_its_hour(cast, school, house, monkeypatch):
    school = school_again()
    school.public_address = "https://lunch.example.org"
    school.save()
    by = cast.user("teacher")
    User.objects.filter(pk=by.pk).update(email="warden@example.org")
    add_house(school, "Empty", check_name="Evening", by=by)
    monkeypatch.setattr("willing.boarding.evening.close_old_connections", lambda: None)
    with stopped_at(at(21, 29)):
        assert notify_of_untaken(school) == 0
    with stopped_at(at(21, 31)), post_office() as mails:
        new = NewServer("127.0.0.1", mails.port, "none", "school@example.org")
        set_mail_server(school, new, by=cast.user("administrator"))
        assert [alert_due_here() for _again in range(2)] == [1, 0]
        assert Job.objects.get().kind == UNTAKEN
        mail_of_untaken(house.id)
        (sent,) = mails.came
        found = tonights_list(house, by=by)
        mail_of_untaken(house.id)
        mail_of_untaken(uuid4())
        assert len(mails.came) == 1, "it was opened meanwhile"
        assert (notify_of_untaken(school), alert_due(school)) == (0, 1)
    assert "North: nobody has opened Evening of 21:00 yet. 3 boarders are on it." in sent.get_content()
    assert "https://lunch.example.org/staff/boarding/" in sent.get_content()
    assert "Ada" not in sent.as_string()
    assert found.alerted == 0
    assert facts_of("evening_list.missed") == [{"number": 1, "boarders": 3}]
    # The night after, and in the holidays.
    with stopped_at(at(21, 31, day=27)):
        School.objects.update(weekdays=[1])
        assert notify_of_untaken(school_again()) == 0, "no school for two days: they are at home"
        School.objects.update(weekdays=[7])
        assert notify_of_untaken(school_again()) == 1
    with stopped_at(at(12, 1, day=28)):
        mail_of_untaken(house.id)  # the night is over
