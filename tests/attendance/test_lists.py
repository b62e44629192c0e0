"""Lists count sessions that people marked; families write and staff answer; files are signed."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.attendance.conftest import at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.signing import sign_in

from willing.attendance import family_notes
from willing.attendance.family_notes import NewNote, NoteAnswer, answer_note, purge_notes, write_note
from willing.attendance.list_rules import Week
from willing.attendance.lists import (
    long_absences,
    not_taken,
    over_threshold,
    patterns,
    school_days,
    unexplained,
)
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import CurrentMark, FamilyNote, Mark, RollReturn
from willing.attendance.note_queries import notes_of, open_notes
from willing.attendance.queries import find_current, groups_of, history, registers_on
from willing.attendance.records import group_week, person_record
from willing.attendance.registers import close_register, open_register
from willing.attendance.return_queries import returns_due
from willing.attendance.returns import make_day_file, purge_returns, record_return
from willing.attendance.rules import DayValue
from willing.attendance.set_up import NewSettings, NewTime, add_group, set_attendance, set_members
from willing.attendance.untaken import untaken_on
from willing.audit.signing import own_key
from willing.audit.verify.signed_note import open_note
from willing.consent.retention import kinds
from willing.core.errors import Refused
from willing.documents.processing_record import processing_record
from willing.leave.rules import WantedLeave
from willing.leave.trips import NewTrip, plan_trip, set_pupils
from willing.mail.models import Mail
from willing.people.calendar import add_entry, set_week
from willing.people.calendar_rules import CalendarSpan
from willing.people.guardians import add_guardian
from willing.people.models import Person
from willing.people.persons import mark_left

DAY = at(8).date()
TODAY = date(2026, 11, 26)


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


@pytest.fixture
def weekdays(school):
    """School from Monday to Friday; half-term in the last week of October."""
    set_week(school, dict.fromkeys(range(1, 6), ()))
    add_entry(school, CalendarSpan("closed", date(2026, 10, 26), date(2026, 10, 30), "Half-term"))
    school.refresh_from_db()
    Person.objects.update(joined_at=at(8, day=1).replace(month=8))
    return school


def take(cast, school, day, number, **marks):
    """Take a register: who is named has that code, everyone else is present; it is closed afterwards."""
    hour = 8 if number == 1 else 13
    moment = at(hour, 55, day=1).replace(month=day.month, day=day.day)
    present = "/" if number == 1 else "\\"
    with stopped_at(moment):
        register = open_register(school, groups_of(school)[0].id, day, number, by=cast.user("office"))
        new = [NewMark(cast.person(one).id, marks.get(one, present)) for one in ("Ada", "Bo", "Wes")]
        done = record_marks(register, new, by=cast.user("office"))
        assert not [one.refused for one in done if one.refused]
    with stopped_at(moment + timedelta(minutes=40)):
        close_register(register, by=cast.user("office"))
    return register


def test_a_reason_that_is_missing_is_listed_with_the_day_by_which_it_is_due(cast, weekdays):
    take(cast, weekdays, date(2026, 10, 22), 1, Bo="N")
    take(cast, weekdays, TODAY, 1, Wes="N")
    with stopped_at(at(12)):
        number, found = unexplained(weekdays, school_days(weekdays))
        assert number == 2
        assert [(one.name.name, one.due, one.late > 0) for one in found] == [
            (cast.person("Bo").full_name, date(2026, 11, 5), True),
            (cast.person("Wes").full_name, date(2026, 12, 3), False),
        ]
        assert unexplained(weekdays, school_days(weekdays), start=1)[1] == found[1:]
        mark_left([cast.person("Bo").id])
        assert unexplained(weekdays, school_days(weekdays))[1][0].name.has_left


def test_ten_unauthorised_sessions_in_ten_school_weeks_are_listed_and_nothing_is_sent(cast, weekdays):
    for day in (9, 10, 11, 12, 13):
        for number in (1, 2):
            code = "O" if (day, number) != (13, 2) else "N"
            take(cast, weekdays, date(2026, 11, day), number, Bo=code, Ada="I")
    with stopped_at(at(12)):
        first, found = over_threshold(weekdays, school_days(weekdays))
        (one,) = found
        assert (first, one.sessions, one.unexplained) == (date(2026, 9, 14), 10, 1), "N counts, and is said"
        take(cast, weekdays, date(2026, 9, 14), 1, Bo="G")
        take(cast, weekdays, date(2026, 9, 11), 1, Wes="G")
        (one,) = over_threshold(weekdays, school_days(weekdays))[1]
        assert (one.name.name, one.sessions, one.unexplained) == (cast.person("Bo").full_name, 11, 1)
    assert not Mail.objects.exists()


def test_absent_ten_school_days_in_a_row_is_listed_across_holidays(cast, weekdays):
    away = [date(2026, 10, one) for one in range(19, 24)] + [date(2026, 11, one) for one in range(2, 7)]
    for day in away:
        for number in (1, 2):
            take(cast, weekdays, day, number, Bo="I", Wes="L" if day == away[4] else "I")
    with stopped_at(at(12, day=6)):
        assert [(one.person_id, one.sessions) for one in long_absences(weekdays)] == [
            (cast.person("Bo").id, 10)
        ]


def test_patterns_are_counts_by_class_and_name(cast, weekdays):
    take(cast, weekdays, date(2026, 10, 23), 2, Bo="O", Wes="I")
    take(cast, weekdays, date(2026, 11, 2), 1, Bo="N")
    take(cast, weekdays, date(2026, 11, 20), 1, Bo="L")
    with stopped_at(at(12)):
        bo, wes = patterns(weekdays, date(2026, 9, 1), TODAY)
        assert patterns(weekdays, date(2026, 9, 1), TODAY, group="4A") == [bo, wes]
        assert patterns(weekdays, date(2026, 9, 1), TODAY, group="other") == []
    assert (bo.pattern.total, bo.pattern.by_weekday, bo.pattern.by_number) == (2, {5: 1, 1: 1}, {2: 1, 1: 1})
    assert bo.pattern.beside_holidays == 2
    assert wes.pattern.total == 1


def test_a_week_shows_who_was_in_it_and_counts_a_pupil_on_two_rolls_once(cast, weekdays):
    by, bo = cast.user("office"), cast.person("Bo")
    take(cast, weekdays, TODAY, 1, Bo="I")
    with stopped_at(at(8, 56)):
        choir = add_group(weekdays, "Choir", by=by)
        set_members(weekdays, choir.id, [bo], by=by)
        register = open_register(weekdays, choir.id, TODAY, 1, by=by)
        assert [one.refused.code for one in record_marks(register, [NewMark(bo.id, "/")], by=by)] == [
            "mark_not_in_register"
        ]
        found = group_week(choir, Week.of(TODAY))
        assert [(one.person, one.rate.authorised, one.rate.attended) for one in found.rows] == [(bo, 1, 0)]
        in_class = group_week(groups_of(weekdays)[0], Week.of(TODAY))
    assert (len(in_class.days), len(in_class.columns)) == (5, 10)
    assert (in_class.rate.attended, in_class.rate.authorised) == (2, 1)
    bo_row = next(one for one in in_class.rows if one.person == bo)
    assert [one.symbol if one else "" for one in bo_row.cells] == [""] * 6 + ["I", "", "", ""]


def test_a_pupil_who_changes_class_or_leaves_stays_in_the_weeks_that_they_were_marked_in(cast, weekdays):
    take(cast, weekdays, TODAY, 1, Bo="I")
    Person.objects.filter(pk=cast.person("Bo").pk).update(year_group=None)
    with stopped_at(at(15)):
        mark_left([cast.person("Wes").id])
        names = {one.person.given_name for one in group_week(groups_of(weekdays)[0], Week.of(TODAY)).rows}
        assert names == {"Ada", "Bo", "Wes"}
        after = group_week(groups_of(weekdays)[0], Week(2026, 49))
    assert {one.person.given_name for one in after.rows} == {"Ada"}


def test_a_day_of_lessons_is_whole_half_or_none_by_its_minutes(cast, school):
    by, ada = cast.user("office"), cast.person("Ada")
    lessons = tuple(NewTime(f"Period {one}", at(8 + one).time(), 50) for one in range(6))
    set_attendance(school, NewSettings("us_minutes", 10, lessons, 300, 150), by=by)
    with stopped_at(at(16)):
        for number in range(1, 7):
            register = open_register(school, groups_of(school)[0].id, TODAY, number, by=by)
            record_marks(register, [NewMark(ada.id, "P" if number < 4 else "A")], by=by)
        found = person_record(cast.person("Ada"), TODAY, TODAY)
    assert found.values == {DayValue.FULL: 0, DayValue.HALF: 1, DayValue.NONE: 0}
    assert len(found.held) == 6


def test_a_family_asks_and_staff_answer_with_a_correction_that_says_why(cast, weekdays, monkeypatch):
    register = take(cast, weekdays, TODAY, 1, Ada="N")
    ada, gus, by = cast.person("Ada"), cast.guardian("Gus"), cast.user("office")
    sent = []
    monkeypatch.setattr(family_notes, "write_to", lambda *args: sent.append(args))
    with stopped_at(at(12)):
        new = NewNote("correction", TODAY, " She was at the dentist ", 1, gus)
        asked = write_note(ada, new)
        assert write_note(ada, new) == asked, "sent twice it is one"
        assert open_notes(weekdays) == [asked]
        assert unexplained(weekdays, school_days(weekdays))[1][0].notes == 1
        mark = find_current(ada.id, TODAY, 1).mark
        answered = answer_note(asked.id, NoteAnswer(by, "The letter is here", "M", mark.number))
    assert (answered.outcome, answered.seen_symbol) == ("corrected", "N")
    last = history(register, ada)[-1]
    assert (last.symbol, last.reason, last.source, last.user) == ("M", "The letter is here", "correction", by)
    assert sent == [([gus], "answer", ada)]
    assert open_notes(weekdays) == []
    assert "dentist" not in json.dumps(
        facts_of("register_note.received") + facts_of("register_note.answered")
    )


def test_a_correction_of_a_mark_that_changed_meanwhile_is_looked_at_again(cast, weekdays):
    register = take(cast, weekdays, TODAY, 1, Ada="N")
    ada, by = cast.person("Ada"), cast.user("office")
    with stopped_at(at(12)):
        asked = write_note(ada, NewNote("correction", TODAY, "I was here", 1))
        seen = find_current(ada.id, TODAY, 1).mark.number
        record_marks(register, [NewMark(ada.id, "I", reason="Mother telephoned", seen=seen)], by=by)
        stale = NoteAnswer(by, "Yes", "/", seen)
        assert code_of(lambda: answer_note(asked.id, stale)) == "register_note_mark_changed"
        assert not FamilyNote.objects.get().outcome
        same = NoteAnswer(by, "Yes", "I", seen + 1)
        assert code_of(lambda: answer_note(asked.id, same)) == "correction_changes_nothing"
        unknown = NoteAnswer(by, "Yes", "ZZ", seen + 1)
        assert code_of(lambda: answer_note(asked.id, unknown)) == "mark_code_unknown"
        assert code_of(lambda: answer_note(asked.id, NoteAnswer(by))) == "register_note_without_words"
        assert answer_note(asked.id, NoteAnswer(by, "It stays: see the call", "", seen + 1)).outcome == "kept"
        again = NoteAnswer(by, "Once more", "", seen + 1)
        assert code_of(lambda: answer_note(asked.id, again)) == "register_note_answered"
    assert Mark.objects.filter(person=ada).count() == 2
    assert not Mail.objects.exists(), "the pupil asked, no guardian"


def test_a_note_says_something_about_a_day_and_is_only_read(cast, weekdays):
    ada, by = cast.person("Ada"), cast.user("office")
    with stopped_at(at(12)):
        note = write_note(ada, NewNote("note", TODAY, "She may come late"))
        assert code_of(lambda: answer_note(note.id, NoteAnswer(by, "x", "I"))) == "correction_of_nothing"
        assert answer_note(note.id, NoteAnswer(by)).outcome == "read"


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewNote("note", TODAY, "  "), "register_note_without_words"),
        (NewNote("note", TODAY + timedelta(days=1), "x"), "register_note_day_not_valid"),
        (NewNote("correction", TODAY, "x", 1), "correction_of_nothing"),
        (NewNote("correction", TODAY, "x"), "correction_of_nothing"),
    ],
)
def test_what_a_family_cannot_write_is_refused_by_name(cast, weekdays, new, code):
    with stopped_at(at(12)):
        assert code_of(lambda: write_note(cast.person("Ada"), new)) == code


def test_twenty_of_one_writer_may_wait(cast, weekdays):
    with stopped_at(at(12)):
        for number in range(20):
            write_note(cast.person("Ada"), NewNote("note", TODAY, f"Note {number}"))
        more = NewNote("note", TODAY, "One more")
        assert code_of(lambda: write_note(cast.person("Ada"), more)) == "too_many_register_notes"
        write_note(cast.person("Ada"), NewNote("note", TODAY, "Hers", guardian=cast.guardian("Gus")))


def test_two_guardians_see_the_same_marks_and_not_each_others_messages(cast, weekdays):
    take(cast, weekdays, TODAY, 1, Ada="I")
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    gil = add_guardian(ada, "Gil")
    with stopped_at(at(12)):
        write_note(ada, NewNote("note", TODAY, "Gus writes", guardian=gus))
        write_note(ada, NewNote("note", TODAY, "Gil writes", guardian=gil))
        write_note(ada, NewNote("note", TODAY, "Ada writes"))
        stranger = NewNote("note", TODAY, "x", guardian=add_guardian(cast.person("Bo"), "Bea"))
        assert code_of(lambda: write_note(ada, stranger)) == "not_a_guardian"
    assert [one.said for one in notes_of(ada, guardian=gus)] == ["Gus writes"]
    assert [one.said for one in notes_of(ada, guardian=gil)] == ["Gil writes"]
    assert [one.said for one in notes_of(ada)] == ["Ada writes"]
    assert len(notes_of(ada, is_staff=True)) == 3


def test_the_file_of_a_day_is_signed_and_no_spreadsheet_runs_it(cast, weekdays):
    take(cast, weekdays, TODAY, 1, Ada="I")
    Person.objects.filter(pk=cast.person("Bo").pk).update(given_name="Bo", family_name="=1+1")
    with stopped_at(at(16)):
        made = make_day_file(weekdays, TODAY, by=cast.user("office"))
    rows = list(csv.DictReader(io.StringIO(made.content.decode())))
    assert (made.rows, len(rows)) == (3, 3)
    assert {(one["given_name"], one["code"], one["counts_as"]) for one in rows} >= {
        ("Ada", "I", "authorised")
    }
    assert "'=1+1" in {one["family_name"] for one in rows}
    signed = open_note(made.note, [own_key()])
    (facts,) = facts_of("attendance.day_file_made")
    assert f"sha256 {facts['sha256']}\n" in signed
    assert f"day {TODAY}\nrows 3\n" in signed
    with stopped_at(at(16)):
        deed = lambda: make_day_file(weekdays, TODAY - timedelta(days=1), by=cast.user("office"))  # noqa: E731
        assert code_of(deed) == "no_marks_that_day"


def test_new_pupils_and_those_who_left_are_listed_until_they_were_named(cast, weekdays):
    ada, by = cast.person("Ada"), cast.user("office")
    Person.objects.filter(pk=ada.pk).update(joined_at=at(8, day=20))
    with stopped_at(at(12)):
        mark_left([cast.person("Bo").id])
        found = {(one.person.given_name, one.kind): one for one in returns_due(weekdays)}
        assert (found["Ada", "new"].due, found["Ada", "new"].is_late) == (date(2026, 11, 25), True)
        assert (found["Bo", "deleted"].due, found["Bo", "deleted"].is_late) == (TODAY, False)
        record_return(ada, "new", date(2026, 11, 20), by=by)
        record_return(ada, "new", date(2026, 11, 20), by=by)
        assert len(facts_of("roll_return.recorded")) == 1
        assert code_of(lambda: record_return(ada, "deleted", TODAY, by=by)) == "roll_return_not_valid"
        assert next(one for one in returns_due(weekdays) if one.sent).person == ada


def test_notes_are_deleted_after_their_year_and_returns_with_the_registers(cast, weekdays):
    ada = cast.person("Ada")
    with stopped_at(at(12)):
        write_note(ada, NewNote("note", TODAY, "x"))
        record_return(ada, "new", ada.joined_at.date(), by=cast.user("office"))
        assert (purge_notes(at(11), 10), purge_returns(at(11), 10)) == (0, 0)
        assert (purge_notes(at(13), 10), purge_returns(at(13), 10)) == (1, 1)
    assert not FamilyNote.objects.exists()
    assert not RollReturn.objects.exists()
    assert not CurrentMark.objects.exists()


def test_attendance_rests_on_a_public_task_and_the_record_and_the_family_s_notice_say_so(cast, school):
    said = " ".join(text for one in processing_record(school).sections for text in one.paragraphs)
    assert "no consent is asked for it" in said
    assert "the office hands the school's authority the registers of a day" in said
    family = sign_in(Client(), cast.user("guardian"))
    page = reverse("portal:register-notice")
    assert page in family.get(f"/family/child/{cast.person('Ada').id}/marks/").content.decode()
    assert "so nobody is asked for consent" in family.get(page).content.decode()
    kind = next(one for one in kinds() if one.key == "register_marks")
    assert kind.days == 6 * 365 + 2, "six years, leap days too"
    assert "6(1)(c)" in kind.in_language("en").legal_basis


def test_registers_that_no_one_took_are_listed_for_ten_school_days_the_latest_first(cast, weekdays):
    by, group = cast.user("office"), groups_of(weekdays)[0]
    take(cast, weekdays, date(2026, 11, 25), 1)
    with stopped_at(at(13, 5, day=24)):
        opened = open_register(weekdays, group.id, date(2026, 11, 24), 2, by=by)  # looked at, and left
        record_marks(
            open_register(weekdays, group.id, date(2026, 11, 24), 1, by=by),
            [NewMark(cast.person("Ada").id, "I")],
            by=by,
        )
    add_entry(weekdays, CalendarSpan("closed", date(2026, 11, 16), date(2026, 11, 17), "Heating"))
    with stopped_at(at(12)):
        found = not_taken(weekdays, school_days(weekdays))
        listed = [(day.day, [one.time.number for one in due]) for day, due in found]
        both = [(one, [1, 2]) for one in (23, 20, 19, 18, 13, 12, 11, 10)]
        assert listed == [(25, [2]), (24, [2]), *both]
        assert found[1][1][0].register == opened
        assert not_taken(weekdays, []) == []
        for first, last in ((date(2026, 9, 1), date(2026, 11, 20)), (date(2026, 11, 23), date(2026, 12, 18))):
            add_entry(weekdays, CalendarSpan("term", first, last, "Term"))
        in_term = not_taken(weekdays, school_days(weekdays))
        assert [day.day for day, _due in in_term] == [25, 24, 23], "the term before is over"


def test_nobody_is_reminded_of_a_register_whose_pupils_are_all_known_to_be_away(cast, weekdays):
    by, class_ = cast.user("office"), ("Ada", "Bo", "Wes")
    day = WantedLeave(TODAY, TODAY, until_time=at(12).time())
    choir = add_group(weekdays, "Choir", by=by)
    with stopped_at(at(8, 55)):
        set_members(weekdays, choir.id, [cast.person("Bo")], by=by)
        empty = add_group(weekdays, "Chess", by=by)
        persons = [cast.person(one).id for one in class_]
        assert len(untaken_on(weekdays, TODAY)) == 3
        trip = plan_trip(weekdays, NewTrip("Museum", "visit", day, persons[:2], (by,)), by=by)
        assert [one.group for one in untaken_on(weekdays, TODAY)] == [groups_of(weekdays)[0], empty]
        set_pupils(weekdays, trip.id, persons, by=by)
        assert [one.group for one in untaken_on(weekdays, TODAY)] == [empty]
        assert len(registers_on(weekdays, TODAY)) == 6, "each is there to be taken"
    with stopped_at(at(13, 5)):
        names = [(one.group, one.time.number) for one in untaken_on(weekdays, TODAY)]
        assert (groups_of(weekdays)[0], 2) in names, "they are back in the afternoon"
        assert (groups_of(weekdays)[0], 1) not in names
