"""A family reads marks in words, writes a note, asks for a correction; others' words stay theirs."""

from typing import Any

import pytest
from django.test import Client
from tests.attendance.conftest import ENGLAND, at
from tests.support.clocks import stopped_at
from tests.support.signing import sign_in

from willing.attendance.family_notes import NewNote, NoteAnswer, answer_note, write_note
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import FamilyNote
from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.set_up import add_class_groups, set_attendance
from willing.people.guardians import add_guardian
from willing.people.models import Person, School

DAY = at(8).date()


def family(cast: Any) -> Client:
    """Return a browser in which Ada's guardian is signed in."""
    return sign_in(Client(), cast.user("guardian"))


@pytest.fixture
def noon() -> Any:
    """Noon on a school day in London."""
    School.objects.update(time_zone="Europe/London")
    Person.objects.update(joined_at=at(8, day=1))
    with stopped_at(at(12)):
        yield


@pytest.fixture
def marked(cast: Any, noon: Any) -> str:
    """Ada came eleven minutes late this morning; return the address of her marks."""
    by, ada = cast.user("office"), cast.person("Ada")
    cast.school.refresh_from_db()
    set_attendance(cast.school, ENGLAND, by=by)
    add_class_groups(cast.school, by=by)
    own = next(one for one in groups_of(cast.school) if one.year_group == ada.year_group)
    register = open_register(cast.school, own.id, DAY, 1, by=by)
    record_marks(register, [NewMark(ada.id, "L", 11)], by=by)
    return f"/family/child/{ada.id}/marks/"


def test_a_school_without_registers_says_so(cast: Any, noon: Any) -> None:
    child = f"/family/child/{cast.person('Ada').id}/"
    client = family(cast)
    assert "takes no registers" in client.get(f"{child}marks/").content.decode()
    assert client.get(f"{child}marks/write/").status_code == 404
    assert f"{child}marks/" not in client.get(child).content.decode()


def test_a_guardian_reads_marks_in_words_week_by_week(cast: Any, marked: str) -> None:
    client = family(cast)
    assert marked in client.get(f"/family/child/{cast.person('Ada').id}/").content.decode()
    text = client.get(marked).content.decode()
    assert "Late, before the register closed" in text
    assert "11 minutes late" in text
    assert "1 session attended." in text
    earlier = client.get(f"{marked}?week=2026-W47").content.decode()
    assert "No marks in this week." in earlier
    assert "2026-W48" in earlier
    for week in ("2026-W52", "nonsense", "9999-W60"):
        assert "11 minutes late" in client.get(f"{marked}?week={week}").content.decode(), "no later than now"


def test_a_guardian_asks_for_a_correction_and_reads_the_answer(cast: Any, marked: str) -> None:
    client = family(cast)
    ask = f"{marked}write/?day=2026-11-26&number=1"
    assert "Ask for a correction" in client.get(ask).content.decode()
    assert client.post(ask, {"said": " "}).status_code == 422
    assert client.post(ask, {"said": "The bus was late"}).status_code == 302
    note = FamilyNote.objects.get()
    assert (note.kind, note.number, note.guardian) == ("correction", 1, cast.guardian("Gus"))
    assert "has not answered yet" in client.get(marked).content.decode()
    answer_note(note.id, NoteAnswer(cast.user("office"), "It stays late", "", 1))
    assert "It stays late" in client.get(marked).content.decode()


def test_a_note_is_about_a_day_and_a_mark_that_is_not_there_cannot_be_named(cast: Any, marked: str) -> None:
    client = family(cast)
    for query in ("", "?day=2026-11-26&number=2", "?day=x&number=1", "?day=2026-11-26&number=99999"):
        assert "Write a note about a day" in client.get(f"{marked}write/{query}").content.decode()
    assert client.post(f"{marked}write/", {"day": "2026-12-24", "said": "Away"}).status_code == 422
    assert client.post(f"{marked}write/", {"day": "2026-11-25", "said": "Away"}).status_code == 302
    assert FamilyNote.objects.get().kind == "note"


def test_another_guardian_sees_the_marks_and_not_the_words(cast: Any, marked: str) -> None:
    ada = cast.person("Ada")
    gil = add_guardian(ada, "Gil")
    write_note(ada, NewNote("note", DAY, "Gil writes", guardian=gil))
    write_note(ada, NewNote("note", DAY, "Ada writes"))
    text = family(cast).get(marked).content.decode()
    assert "11 minutes late" in text
    assert "writes" not in text
    other = f"/family/child/{cast.person('Bo').id}/marks/"
    assert family(cast).get(other).status_code in (403, 409)
