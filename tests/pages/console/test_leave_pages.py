"""The pages of leave and trips: what waits, entered for a family, the desk, trips, settings."""

import re
from datetime import time
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from tests.leave.conftest import at
from tests.pages.console.test_registers_pages import FORM
from tests.support.clocks import stopped_at
from tests.support.leaves import a_leave, a_trip, an_agreed_leave, another

from willing.attendance.models import CurrentMark
from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.set_up import set_teachers
from willing.leave.models import Leave, Trip, TripPupil
from willing.leave.queries import settings_of
from willing.pages.console.leave_forms import TripForm
from willing.people.models import Person, School

LEAVE = "/staff/leave/"


@pytest.fixture(autouse=True)
def this_morning(cast: Any) -> Any:
    """Nine on a Thursday with school."""
    School.objects.update(time_zone="Europe/London", weekdays="12345")
    Person.objects.update(joined_at=at(8, day=1))
    with stopped_at(at(9)):
        yield


def text(client: Any, where: str = LEAVE) -> str:
    return str(client.get(where).content.decode())


def entry(cast: Any, **values: str) -> dict[str, str]:
    day = {"first_day": "2026-11-26", "last_day": "2026-11-26", "from_time": "10:00", "until_time": "12:00"}
    guardian = str(cast.guardian("Gus").id)
    return {"key": str(uuid4()), "kind": "other", **day, "guardian": guardian, "reached": "called", **values}


def test_leave_goes_from_the_call_to_the_desk_and_back(cast: Any, browser: Any) -> None:
    teacher, office, ada = browser("teacher"), browser("office"), cast.person("Ada")
    assert "No leave waits." in text(teacher)
    assert f"/leave/enter/{ada.id}/" in text(teacher, f"{LEAVE}?q=Ada")
    where = f"{LEAVE}enter/{ada.id}/"
    wrong = teacher.post(where, entry(cast, reached=" "))
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"reached"})
    assert "A colleague has to agree" in teacher.post(where, entry(cast), follow=True).content.decode()
    leave = Leave.objects.get()
    assert "You have acted on it." in text(teacher)
    again = teacher.post(f"{LEAVE}{leave.id}/agree/", follow=True).content.decode()
    assert "no pupil goes on one word alone" in again
    assert "Gus: yes" in text(office)
    assert "you have agreed." in office.post(f"{LEAVE}{leave.id}/agree/", follow=True).content.decode()
    desk = text(office, f"{LEAVE}desk/")
    assert "Let them go" in desk
    early = office.post(f"{LEAVE}{leave.id}/out/", follow=True).content.decode()
    assert "half an hour before" in early
    with stopped_at(at(9, 55)):
        office = browser("office")
        assert "is signed out." in office.post(f"{LEAVE}{leave.id}/out/", follow=True).content.decode()
        assert "Undone" in office.post(f"{LEAVE}{leave.id}/undo/", follow=True).content.decode()
        office.post(f"{LEAVE}{leave.id}/out/")
    with stopped_at(at(12, 20)):
        office = browser("office")
        assert "Should be back" in text(office, f"{LEAVE}desk/")
        assert "1 pupil should be back from leave" in text(office, "/")
        assert "is back." in office.post(f"{LEAVE}{leave.id}/back/", follow=True).content.decode()
        assert "Back today" in text(office, f"{LEAVE}desk/")


def test_who_is_off_sick_all_day_is_not_among_those_who_may_go(cast: Any, browser: Any) -> None:
    ill = entry(cast, kind="illness", from_time="", until_time="")
    browser("teacher").post(f"{LEAVE}enter/{cast.person('Ada').id}/", ill)
    desk = text(browser("office"), f"{LEAVE}desk/")
    assert "Nobody is expected to go." in desk
    assert desk.index("Off sick all day") < desk.index("Ada Agrees")
    # From ten on: the pupil is at school until then.
    goes = entry(cast, kind="illness", guardian=str(cast.guardian("Gwen").id))
    browser("teacher").post(f"{LEAVE}enter/{cast.person('Nia').id}/", goes)
    assert Leave.objects.filter(state="agreed").count() == 2
    desk = text(browser("office"), f"{LEAVE}desk/")
    assert desk.index("May go today") < desk.index("Nia Nay") < desk.index("Off sick all day")


def test_an_agreed_leave_beyond_those_shown_is_found_by_the_pupils_name(
    cast: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.leave.queries.COMING_SHOWN", 1)
    teacher = browser("teacher")
    for name, guardian in (("Ada", "Gus"), ("Nia", "Gwen")):
        said = entry(cast, kind="illness", guardian=str(cast.guardian(guardian).id))
        teacher.post(f"{LEAVE}enter/{cast.person(name).id}/", said)
    assert "The first 1 of 2 are shown" in text(teacher)
    for name, other in (("Ada", "Nia"), ("Nia", "Ada")):
        page = text(teacher, f"{LEAVE}?q={name}")
        listed = page[page.index("Agreed, today and later") :]
        assert "Change this leave" in listed
        assert name in listed
        assert other not in listed
        # What is done there leads back to the same search, and says for whom.
        action = re.search(r'action="([^"]*/withdraw/[^"]*)"', listed)
        assert action is not None
        back = teacher.post(unescape(action[1]), follow=True)
        assert back.redirect_chain[-1][0] == f"{LEAVE}?q={name}"
        assert re.search(rf"{name} \w+: the leave is withdrawn", back.content.decode())
    assert "No leave is agreed for whom you searched." in text(teacher, f"{LEAVE}?q=Carl")


def test_only_who_may_opens_them(cast: Any, browser: Any) -> None:
    for role in ("cashier", "canteen", "dpo", "administrator"):
        assert browser(role).get(LEAVE).status_code == 403
        assert browser(role).get(f"{LEAVE}desk/").status_code == 403
        assert browser(role).get("/staff/leave/trips/").status_code == 403
    assert browser("teacher").get(f"{LEAVE}desk/").status_code == 403
    assert browser("teacher").get(f"{LEAVE}settings/").status_code == 403


def test_a_teacher_finds_their_own_class_first_and_refuses_with_a_reason(cast: Any, browser: Any) -> None:
    browser("office").post("/staff/registers/settings/", FORM)
    client, school = browser("teacher"), cast.school
    group = next(one for one in groups_of(school) if one.year_group_id == cast.person("Ada").year_group_id)
    set_teachers(school, group.id, [cast.user("teacher")], by=cast.user("office"))
    leave = a_leave(cast.person("Ada"), cast.user("guardian"), reason="Grandmother's birthday")
    page = text(client)
    assert "your class" in page
    assert "Grandmother&#x27;s birthday" in page
    nothing = client.post(f"{LEAVE}{leave.id}/refuse/", {"reason": ""}, follow=True).content.decode()
    assert "Please write down why" in nothing
    client.post(f"{LEAVE}{leave.id}/refuse/", {"reason": "An examination"})
    assert Leave.objects.get().refusal == "An examination"
    gone = client.post(f"{LEAVE}{leave.id}/withdraw/", follow=True).content.decode()
    assert "not waiting for an answer" in gone


def test_several_illnesses_are_confirmed_with_one_press(cast: Any, browser: Any) -> None:
    client = browser("teacher")
    a_leave(cast.person("Ada"), cast.user("guardian"), kind="illness")
    waiting = a_leave(cast.person("Ada"), cast.user("guardian"), kind="other", day=at(9, day=27).date())
    page = client.post(f"{LEAVE}illnesses/", follow=True).content.decode()
    assert "Illnesses confirmed: 1." in page
    assert Leave.objects.get(kind="illness").state == "agreed"
    assert Leave.objects.get(pk=waiting.pk).state == "confirmed"


def test_staff_record_what_a_guardian_says(cast: Any, browser: Any) -> None:
    client, ada = browser("teacher"), cast.person("Ada")
    leave = a_leave(ada, cast.user("guardian"))
    Leave.objects.filter(pk=leave.pk).update(state="asked")
    leave.answers.all().delete()
    assert "The pupil asked." in text(client)
    word = {"guardian": str(cast.guardian("Gus").id), "answer": "yes", "reached": "came to the gate"}
    assert client.post(f"{LEAVE}{leave.id}/word/", {**word, "guardian": "x"}).status_code == 302
    assert "recorded, with" in client.post(f"{LEAVE}{leave.id}/word/", word, follow=True).content.decode()
    assert Leave.objects.get().state == "confirmed"


def test_a_teacher_plans_a_trip_changes_who_goes_and_cancels_it(cast: Any, browser: Any) -> None:
    client, ada, bo = browser("teacher"), cast.person("Ada"), cast.person("Bo")
    assert "No trip is planned." in text(client, "/staff/leave/trips/")
    values = {
        "key": str(uuid4()),
        "name": "Museum",
        "kind": "visit",
        "first_day": "2026-11-26",
        "last_day": "2026-11-26",
        "groups": f"class-{ada.year_group_id}",
        "leaders": str(cast.user("teacher").pk),
    }
    wrong = client.post("/staff/leave/trips/plan/", {**values, "groups": ""})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"groups"})
    assert "Planned." in client.post("/staff/leave/trips/plan/", values, follow=True).content.decode()
    trip = Trip.objects.get()
    where = f"/staff/leave/trips/{trip.id}/"
    assert "5 pupils go" in text(client, where)
    assert "1 pupil goes." in client.post(where, {"pupil": [str(bo.id), "x"]}, follow=True).content.decode()
    assert TripPupil.objects.get(trip=trip, removed_at=None).person == bo
    assert "supervises" in client.post(where, {}, follow=True).content.decode()
    assert 'name="pupil"' in text(client, f"{where}?q=Ada")
    assert "Museum" in text(client, "/staff/leave/trips/")
    for sent in ({"until_time": "14:30"}, {"last_day": "2026-11-25", "until_time": "14:30"}):
        wrong = client.post(f"{where}end/", sent)
        assert (wrong.status_code, set(wrong.context["end_form"].errors)) == (422, {"last_day"})
        assert 'value="14:30"' in wrong.content.decode(), "what was typed is still there"
    moved = client.post(f"{where}end/", {"last_day": "2026-11-26", "until_time": "14:30"}, follow=True)
    assert "Registers and kitchen know it." in moved.content.decode()
    assert "has left." in client.post(f"{where}departed/", follow=True).content.decode()
    left = text(client, where)
    assert "Due back:" in left
    assert f"{where}cancel/" not in left
    assert "has left already" in client.post(f"{where}departed/", follow=True).content.decode()
    assert "Museum" in text(browser("office"), f"{LEAVE}desk/")
    assert "is expected at school" in client.post(f"{where}returned/", follow=True).content.decode()
    for _ in range(2):
        assert "Undone for Museum." in client.post(f"{where}undo/", follow=True).content.decode()
    assert "Cancelled." in client.post(f"{where}cancel/", follow=True).content.decode()
    assert "stays as it is" in client.post(f"{where}cancel/", follow=True).content.decode()


def test_a_school_without_a_class_reads_where_to_add_one_before_it_plans_a_trip(cast: Any) -> None:
    groups = [("year-1", "7A")]
    helps = [str(TripForm(staff=[], groups=one).fields["groups"].help_text) for one in ([], groups)]
    assert ["There is no class yet." in one for one in helps] == [True, False]


def test_the_office_sets_how_the_school_agrees(cast: Any, browser: Any) -> None:
    client = browser("administrator")
    assert client.post(f"{LEAVE}settings/", {"staff_needed": "3"}).status_code == 422
    client.post(f"{LEAVE}settings/", {"staff_needed": "2", "report_back_by": "08:30"})
    held = settings_of(cast.school)
    assert (held.staff_needed, held.report_back_by) == (2, time(8, 30))


def test_where_pupils_report_back_who_did_not_is_overdue_at_the_desk(cast: Any, browser: Any) -> None:
    browser("administrator").post(f"{LEAVE}settings/", {"staff_needed": "1", "report_back_by": "08:30"})
    leave = an_agreed_leave(cast.person("Ada"), cast.user("guardian"), by=cast.user("office"))
    with stopped_at(at(8, 40, day=27)):
        assert "Should be back" not in text(browser("office"), f"{LEAVE}desk/")
    with stopped_at(at(8, 46, day=27)):
        assert "Should be back" in text(browser("office"), f"{LEAVE}desk/")
        browser("office").post(f"{LEAVE}{leave.id}/back/")
        assert "Should be back" not in text(browser("office"), f"{LEAVE}desk/")


def test_a_register_shows_who_is_known_to_be_away_and_save_records_it(cast: Any, browser: Any) -> None:
    client, ada = browser("teacher"), cast.person("Ada")
    browser("office").post("/staff/registers/settings/", FORM)
    group = next(one for one in groups_of(cast.school) if one.year_group_id == ada.year_group_id)
    an_agreed_leave(ada, cast.user("guardian"), by=cast.user("office"))
    a_trip(cast.school, [cast.person("Bo").id], by=cast.user("teacher"))
    register = open_register(cast.school, group.id, at(9).date(), 1, by=cast.user("teacher"))
    page = text(client, f"/staff/registers/{register.id}/")
    assert "2 absences are known beforehand." in page
    assert "Present: all 3 who are not marked" in page
    assert not CurrentMark.objects.exists()
    client.post(f"/staff/registers/{register.id}/everyone/")
    page = text(client, f"/staff/registers/{register.id}/")
    hidden = dict(re.findall(r'name="((?:seen|mark)-[^"]+)" value="([^"]*)"', page))
    chosen = dict(
        re.findall(r'<select[^>]*name="(other-[^"]+)">.*?<option value="([^"]+)" selected>', page, re.DOTALL)
    )
    client.post(f"/staff/registers/{register.id}/", {**hidden, **chosen})
    marks = dict(CurrentMark.objects.values_list("person__given_name", "symbol"))
    assert (marks["Ada"], marks["Bo"], marks["Wes"]) == ("M", "V", "/")


def test_another_teacher_agrees_to_what_a_teacher_entered(cast: Any, browser: Any) -> None:
    another(cast.school, "teacher", "Tom")
    browser("teacher").post(f"{LEAVE}enter/{cast.person('Ada').id}/", entry(cast, kind="illness"))
    assert Leave.objects.get().state == "agreed"
