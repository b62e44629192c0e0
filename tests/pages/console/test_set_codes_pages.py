"""The office sets a code for many in two presses, reads before what it changes, and undoes it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from tests.attendance.conftest import at, register, school  # noqa: F401  # fixtures
from tests.support.clocks import stopped_at
from tests.support.log import facts_of

from willing.attendance import set_code_marks
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.models import CurrentMark, Mark, Register, RegisterGroup
from willing.jobs.actions import run_due
from willing.pages.console import set_codes as pages
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.models import Person

HOME, SET = "/staff/registers/codes/", "/staff/registers/codes/set/"
DAY = at(8).date()


@pytest.fixture
def office(register: Register, browser: Any) -> Any:  # noqa: F811  # this morning's register is open
    """Return the office's browser at nine."""
    with stopped_at(at(9)):
        yield browser("office")


def held() -> dict[str, str]:
    return dict(CurrentMark.objects.filter(number=1).values_list("person__given_name", "symbol"))


def sent(page: str) -> dict[str, list[str]]:
    """Return what the hidden fields of the page carry on."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page):
        found.setdefault(name, []).append(unescape(value))
    return found


def test_a_bus_that_did_not_run_is_two_presses_and_an_undo(cast: Any, office: Any) -> None:
    ada, bo = cast.person("Ada"), cast.person("Bo")
    answer = office.post("/staff/registers/groups/add/", {"name": "Bus 4", "is_list": "on"})
    office.post(answer["Location"], {"member": [ada.pk, bo.pk]})
    assert "Bus 4" in office.get("/staff/registers/settings/").content.decode()
    assert "Bus 4" not in office.get("/staff/registers/").content.decode(), "no register is taken of a list"
    record_marks(Register.objects.get(), [NewMark(bo.id, "/")], by=cast.user("office"))
    bus = RegisterGroup.objects.get(name="Bus 4")
    page = office.get(SET).content.decode()
    (key,) = sent(page)["key"]
    typed = {
        "key": key,
        "symbol": "Y1",
        "whom": [f"group-{bus.id}"],
        "first_day": DAY,
        "last_day": DAY,
        "numbers": "1",
        "reason": "Bus 4 did not run",
    }
    seen = office.post(SET, typed).content.decode()
    assert "1 mark" in seen
    assert "4A: 1" in seen
    assert "Marked otherwise" in seen
    assert bo.full_name in seen
    assert held() == {"Bo": "/"}, "nothing is recorded before the second press"
    again = office.post(SET, {**sent(seen), "change": "1"}).content.decode()
    assert 'value="Bus 4 did not run"' in again
    for _press in range(2):
        done = office.post(SET, {**sent(seen), "confirm": "1"}, follow=True).content.decode()
    assert held() == {"Ada": "Y1", "Bo": "/"}
    assert Mark.objects.filter(source="group").count() == 1, "pressed twice, it is set once"
    (url,) = set(re.findall(rf"{HOME}[0-9a-f-]+/undo/", done))
    assert "Undone." in office.post(url, follow=True).content.decode()
    assert held() == {"Bo": "/"}
    assert "undone already" in office.post(url, follow=True).content.decode()


def test_a_whole_school_shows_how_far_it_is_and_is_undone_with_one_press(
    cast: Any, office: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(set_code_marks, "BATCH", 1)
    (key,) = sent(office.get(SET).content.decode())["key"]
    typed = {"key": key, "symbol": "Y4", "whom": "everyone", "first_day": DAY, "last_day": DAY}
    answer = office.post(SET, {**typed, "reason": "Snow", "confirm": "1"})
    at_work = answer["Location"]
    part = {"stays": True, "waits": False, "done": 0, "total": 6, "rows": "0 of 6 marks"}
    assert part.items() <= office.get(f"{at_work}?part=1").json().items()
    assert "You may leave this page" in office.get(at_work).content.decode()
    assert "Being recorded: 0 of 6 marks" in office.get(HOME).content.decode()
    run_due()
    assert office.get(f"{at_work}?part=1").json()["stays"] is False
    assert "Set. 6 marks recorded." in office.get(at_work, follow=True).content.decode()
    assert office.post(f"{at_work}undo/")["Location"] == at_work
    assert "Being undone: 0 of 6 marks" in office.get(HOME).content.decode()
    run_due()
    assert "Undone. What was there before holds again." in office.get(at_work, follow=True).content.decode()
    assert held() == {}
    gone = office.get(f"{HOME}{uuid4()}/", follow=True).content.decode()
    assert "undone already" in gone


def test_only_names_that_the_preview_shows_count_as_seen(cast: Any, office: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(pages, "LISTED_MAX", 1)
    names = [NewMark(cast.person(one).id, "/") for one in ("Ada", "Bo", "Wes")]
    record_marks(Register.objects.get(), names, by=cast.user("office"))
    (key,) = sent(office.get(SET).content.decode())["key"]
    typed = {"key": key, "symbol": "Y4", "whom": "everyone", "first_day": DAY, "last_day": DAY}
    before = len(facts_of("record.viewed"))
    page = office.post(SET, {**typed, "reason": "Snow"}).content.decode()
    assert "and 2 more" in page
    assert len(facts_of("record.viewed")) == before + 1


def test_what_is_missing_is_said_beside_its_field(cast: Any, office: Any) -> None:
    form = {"key": sent(office.get(SET).content.decode())["key"][0], "first_day": DAY, "last_day": DAY}
    answer = office.post(SET, {**form, "symbol": "Y4", "reason": "Snow"})
    assert (answer.status_code, "Choose for whom" in answer.content.decode()) == (422, True)
    answer = office.post(SET, {**form, "symbol": "Y4", "whom": "everyone"})
    assert "Please write down why" in answer.content.decode()
    assert not Mark.objects.exists()


def test_a_day_off_and_a_new_pupil_are_proposed_and_the_form_is_filled_in(cast: Any, office: Any) -> None:
    ada = cast.person("Ada")
    Person.objects.update(joined_at=at(8) - timedelta(days=90))
    Person.objects.filter(pk=ada.pk).update(joined_at=at(8))
    record_marks(Register.objects.get(), [NewMark(cast.person("Bo").id, "/")], by=cast.user("office"))
    add_entry(cast.school, CalendarSpan("closed", DAY, DAY, "Snow"))
    page = unescape(office.get(HOME).content.decode())
    assert "1 mark says otherwise" in page
    (closing,) = re.findall(rf'href="({SET}\?symbol=%23[^"]+)"', page)
    form = office.get(closing).content.decode()
    assert re.search(r'value="#" selected', form)
    assert re.search(r'value="everyone"[^>]* checked', form)
    assert 'value="Snow"' in form
    (new,) = re.findall(rf'href="({SET}\?symbol=Z[^"]+)"', page)
    assert re.search(rf'value="person-{ada.id}"[^>]* checked', office.get(new).content.decode())


def test_a_pupils_timetable_is_set_from_their_page_and_its_days_are_recorded(
    cast: Any, office: Any, browser: Any
) -> None:
    ada = cast.person("Ada")
    page = office.get(f"/staff/registers/pupils/{ada.id}/").content.decode()
    assert f"{SET}?person={ada.id}" in page
    form = {
        "key": sent(office.get(f"{SET}?person={ada.id}").content.decode())["key"][0],
        "symbol": "D",
        "whom": f"person-{ada.id}",
        "first_day": DAY + timedelta(days=1),
        "last_day": DAY + timedelta(days=90),
        "weekdays": "5",
        "reason": "Shared with the hospital's school",
    }
    assert "on 13 days" in office.post(SET, form).content.decode()
    listed = office.post(SET, {**form, "confirm": "1"}, follow=True).content.decode()
    assert "Record the days" not in listed
    with stopped_at(at(14) + timedelta(days=1)):
        office = browser("office")
        (url,) = set(re.findall(rf"{HOME}[0-9a-f-]+/record/", office.get(HOME).content.decode()))
        assert "2 marks recorded" in office.post(url, follow=True).content.decode()
