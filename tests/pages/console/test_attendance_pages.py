"""The office's lists of attendance, weeks, what families wrote, and what an authority gets."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from tests.attendance.conftest import ENGLAND, at
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance.family_notes import NewNote, write_note
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import FamilyNote, RollReturn
from willing.attendance.queries import find_current, groups_of
from willing.attendance.registers import close_register, open_register
from willing.attendance.set_up import add_class_groups, set_attendance
from willing.people.calendar import set_week
from willing.people.models import Person, School, YearGroup

DAY = at(8).date()
PAGES = ("lists/", "patterns/", "weeks/", "notes/", "returns/")


@pytest.fixture
def noon() -> Any:
    """Noon on a school day in London."""
    School.objects.update(time_zone="Europe/London")
    Person.objects.update(joined_at=at(8, day=1))
    with stopped_at(at(12)):
        yield


@pytest.fixture
def closed(cast: Any, noon: Any) -> Any:
    """This morning's register of 4A, closed: Ada without a reason, Bo ill, Wes late."""
    by = cast.user("office")
    group = YearGroup.objects.create(school=cast.school, name="4A")
    names = ("Ada", "Bo", "Wes")
    Person.objects.filter(pk__in=[cast.person(one).pk for one in names]).update(year_group=group)
    cast.school.refresh_from_db()
    set_week(cast.school, dict.fromkeys(range(1, 6), ()))
    cast.school.refresh_from_db()
    set_attendance(cast.school, ENGLAND, by=by)
    add_class_groups(cast.school, by=by)
    own = next(one for one in groups_of(cast.school) if one.title == "4A")
    register = open_register(cast.school, own.id, DAY, 1, by=by)
    with stopped_at(at(9)):
        marks = [NewMark(cast.person("Bo").id, "I"), NewMark(cast.person("Wes").id, "L", 10)]
        record_marks(register, marks, by=by)
    close_register(register, by=by)
    return own


def test_before_registers_are_set_up_each_page_says_so(cast: Any, noon: Any, browser: Any) -> None:
    for path in PAGES:
        assert (
            "No registers are taken yet."
            in browser("office").get(f"/staff/registers/{path}").content.decode()
        )


def test_the_lists_name_what_is_due_and_lead_to_the_register(cast: Any, closed: Any, browser: Any) -> None:
    client = browser("office")
    text = client.get("/staff/registers/lists/").content.decode()
    assert cast.person("Ada").full_name in text
    assert "due " in text
    assert "Nobody." in text
    assert client.get("/staff/registers/lists/?page=1").status_code == 200
    assert "What families wrote about marks" in client.get("/staff/registers/").content.decode()
    pupil = client.get(f"/staff/registers/pupils/{cast.person('Wes').id}/").content.decode()
    assert "10 minutes late" in pupil
    assert "100.0" in pupil


def test_a_week_is_read_by_its_iso_number_and_taken_as_a_file(cast: Any, closed: Any, browser: Any) -> None:
    client = browser("office")
    text = client.get(f"/staff/registers/weeks/?group={closed.id}&week=2026-W48").content.decode()
    assert "4A, 2026-W48" in text
    assert "?group=" in text
    assert "2026-W47" in text
    assert "Reason not yet known" in text or "Reason for absence not yet" in text
    wrong = client.get(f"/staff/registers/weeks/?group={closed.id}&week=2025-W53").content.decode()
    assert "There is no such week" in wrong
    files = f"/staff/registers/weeks/{closed.id}/file."
    file = client.get(f"{files}xlsx?week=2026-W48")
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert rows[0][0] == "Pupil"
    assert {row[0]: row[-3:] for row in rows[1:]}[cast.person("Bo").full_name] == (0, 1, 0)
    listed = client.get(f"{files}csv?week=2026-W48").content.decode("utf-8-sig")
    assert cast.person("Wes").full_name in listed
    assert client.get(f"{files}exe").status_code == 404
    assert [one["list"] for one in facts_of("attendance.list_made")] == ["week", "week"]


def test_patterns_are_of_one_class_by_name(cast: Any, closed: Any, browser: Any) -> None:
    client = browser("office")
    text = client.get("/staff/registers/patterns/?class=4A").content.decode()
    assert cast.person("Bo").full_name in text
    assert cast.person("Wes").full_name not in text
    assert "There are no scores" in text
    assert "Nobody in this class" in client.get("/staff/registers/patterns/?class=7A").content.decode()
    file = client.get("/staff/registers/patterns/file.csv").content.decode("utf-8-sig")
    assert len(file.splitlines()) == 3
    assert facts_of("attendance.list_made")[-1]["rows"] == 2


def test_a_request_is_answered_with_a_correction(cast: Any, closed: Any, browser: Any) -> None:
    client, ada = browser("office"), cast.person("Ada")
    asked = write_note(ada, NewNote("correction", DAY, "Dentist at nine", 1, cast.guardian("Gus")))
    assert "1 message of a family about a mark" in client.get("/").content.decode()
    assert "Dentist at nine" in client.get("/staff/registers/notes/").content.decode()
    path = f"/staff/registers/notes/{asked.id}/"
    seen = find_current(ada.id, DAY, 1).mark.number
    assert f'name="seen" value="{seen}"' in client.get(path).content.decode()
    stale = client.post(path, {"seen": "0", "symbol": "M", "text": "Seen the letter"})
    assert (stale.status_code, "was changed meanwhile" in stale.content.decode()) == (422, True)
    assert client.post(path, {"seen": seen, "symbol": "M", "text": "Seen the letter"}).status_code == 302
    assert find_current(ada.id, DAY, 1).symbol == "M"
    assert "Seen the letter" in client.get(path).content.decode()
    assert "Answered lately" in client.get("/staff/registers/notes/").content.decode()
    assert client.get(f"/staff/registers/notes/{ada.id}/").status_code == 404


def test_the_days_file_is_signed_and_returns_are_ticked_off(cast: Any, closed: Any, browser: Any) -> None:
    client = browser("office")
    Person.objects.filter(pk=cast.person("Ada").pk).update(joined_at=at(8, day=24))
    file = client.post("/staff/registers/returns/day/", {"day": "2026-11-26"})
    bundle = zipfile.ZipFile(io.BytesIO(file.content))
    assert bundle.namelist() == ["attendance-2026-11-26.csv", "attendance-2026-11-26.csv.signed"]
    for day in ("2026-11-25", "then"):
        assert client.post("/staff/registers/returns/day/", {"day": day}).status_code == 302
    text = client.get("/staff/registers/returns/").content.decode()
    assert "No marks were made on that day" in text
    assert "new since" in text
    listed = client.get("/staff/registers/returns/file.csv").content.decode("utf-8-sig")
    assert "2026-11-29" in listed
    form = {"person": str(cast.person("Ada").id), "kind": "new", "day": "2026-11-24"}
    for sent in (form, {**form, "day": "2026-11-23"}, {**form, "person": "x"}):
        client.post("/staff/registers/returns/sent/", sent)
    assert RollReturn.objects.count() == 1


def test_lists_are_for_the_office_and_weeks_for_teachers_too(cast: Any, closed: Any, browser: Any) -> None:
    for path in PAGES:
        assert browser("canteen").get(f"/staff/registers/{path}").status_code == 403
    assert not FamilyNote.objects.exists()
