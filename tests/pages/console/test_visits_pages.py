"""The pages of visitors: announced by staff, received, given a badge and signed out at the desk."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at

from willing.people.models import Person, School
from willing.visits.actions import NewVisit, VisitorSignIn, announce_visit, sign_in
from willing.visits.models import StaffDay, Visit
from willing.visits.queries import find_badge

VISITS = "/staff/visits/"
NINE = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def this_morning(cast: Any) -> Any:
    """Nine on a Thursday in London."""
    School.objects.update(time_zone="Europe/London")
    with stopped_at(NINE):
        yield


def text(client: Any, where: str = VISITS) -> str:
    return str(client.get(where).content.decode())


def typed(host: Any, **values: str) -> dict[str, str]:
    said = {"key": str(uuid4()), "name": "Vi Guest", "kind": "contractor", "organisation": "Pipes Ltd"}
    return {**said, "host": str(host.pk), "purpose": "boiler", "day": "2026-11-26", **values}


def press(client: Any, visit: Visit, what: str, **values: str) -> str:
    answer = client.post(f"{VISITS}{visit.id}/{what}/", values, follow=True)
    return str(answer.content.decode())


def test_a_visitor_goes_from_the_announcement_to_out_at_the_desk(cast: Any, browser: Any) -> None:
    teacher, desk = browser("teacher"), browser("office")
    assert "You expect nobody." in text(teacher)
    assert "On the site" not in text(teacher)
    assert "No visitor is announced for today." in text(desk)
    answer = teacher.post(f"{VISITS}announce/", typed(cast.user("teacher")), follow=True)
    assert "Announced. The desk expects Vi Guest." in answer.content.decode()
    assert "Vi Guest" in text(teacher)
    visit = Visit.objects.get()
    page = text(desk)
    assert "Pipes Ltd" in page
    assert 'value="1"' in page, "the lowest badge that nobody wears"
    assert "in digits" in press(desk, visit, "in", badge_number="x")
    assert "is signed in." in press(desk, visit, "in", is_inducted="on", badge_number="1")
    assert "was shown what to do in a fire" in text(desk)
    assert "has been signed in already" in press(desk, visit, "in")
    assert "Undone for Vi Guest." in press(desk, visit, "undo")
    press(desk, visit, "in", badge_number="2")
    assert "was not shown what to do in a fire" in text(desk)
    assert "is signed out." in press(desk, visit, "out")
    assert "Left today" in text(desk)


def test_who_was_not_announced_is_signed_in_with_one_form(cast: Any, browser: Any) -> None:
    desk, where = browser("office"), f"{VISITS}receive/"
    assert 'value="1"' in text(desk, where)
    form = typed(cast.user("teacher"), is_inducted="on", badge_number="1")
    wrong = desk.post(where, {**form, "name": " ", "badge_number": "x"})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"name", "badge_number"})
    assert "is signed in." in desk.post(where, form, follow=True).content.decode()
    desk.post(where, form)
    assert (Visit.objects.count(), Visit.objects.get().badge_number) == (1, 1)
    taken = desk.post(where, {**form, "key": str(uuid4())})
    assert (taken.status_code, set(taken.context["form"].errors)) == (422, {"badge_number"})


def test_a_visitor_named_as_a_pupil_is_asked_about_on_the_form(cast: Any, browser: Any) -> None:
    teacher, ada = browser("teacher"), cast.person("Ada")
    form, where = typed(cast.user("teacher"), name=ada.full_name), f"{VISITS}announce/"
    asked = teacher.post(where, form)
    assert asked.status_code == 422
    assert "a pupil is never a visitor" in asked.content.decode()
    assert re.search(
        r'<input[^>]*type="checkbox"[^>]*name="is_namesake"|name="is_namesake"', asked.content.decode()
    )
    teacher.post(where, {**form, "is_namesake": "on"})
    assert Visit.objects.get().is_namesake
    assert "has a pupil's name" in text(browser("office"))


def test_a_badge_is_shown_once_and_passes_the_gate(
    cast: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, printed = browser("office"), []

    def print_badge(_visit: Visit, code: str) -> bytes:
        printed.append(code)
        return b"%PDF-"

    monkeypatch.setattr("willing.pages.console.visits.print_badge", print_badge)
    visit = announce_visit(cast.school, NewVisit("Vi Guest", cast.user("teacher")), by=cast.user("teacher"))
    assert "has not been signed in" in press(desk, visit, "badge")
    sign_in(cast.school, visit.id, VisitorSignIn(is_inducted=True), by=cast.user("office"))
    answer = desk.post(f"{VISITS}{visit.id}/badge/")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "application/pdf",
        "no-store",
    )
    (code,) = printed
    assert find_badge(cast.school, code) == visit
    assert code not in text(desk)
    assert "Print a new badge" in text(desk)


def test_the_visitor_reads_all_that_is_kept_and_takes_it_along(cast: Any, browser: Any) -> None:
    desk = browser("office")
    visit = announce_visit(cast.school, NewVisit("Vi Guest", cast.user("teacher")), by=cast.user("teacher"))
    sign_in(cast.school, visit.id, VisitorSignIn(is_inducted=True, badge_number=3), by=cast.user("office"))
    assert "This is all that is kept of the visit." in text(desk, f"{VISITS}{visit.id}/")
    answer = desk.get(f"{VISITS}{visit.id}.json")
    found = json.loads(answer.content)
    assert (found["name"], found["badge_number"], answer.headers["Cache-Control"]) == (
        "Vi Guest",
        3,
        "no-store",
    )
    # Whatever is added to a visit is told of; which school it is, and its number, they know.
    said = {"school": "", "id": "", "in_by": "signed_in_by", "out_by": "signed_out_by"}
    said |= {"is_inducted": "was_shown_what_to_do_in_a_fire", "badge_digest": "badge_was_printed"}
    said |= {"is_closed": "closed_without_signing_out", "is_namesake": "has_a_pupils_name"}
    wanted = {said.get(one.name, one.name) for one in Visit._meta.get_fields() if one.concrete} - {""}
    assert wanted == set(found)
    assert "For our visitors" in text(desk, f"{VISITS}notice/")


def test_who_never_signed_out_is_shown_and_closed_by_a_person(cast: Any, browser: Any) -> None:
    visit = announce_visit(cast.school, NewVisit("Vi Guest", cast.user("teacher")), by=cast.user("teacher"))
    sign_in(cast.school, visit.id, VisitorSignIn(is_inducted=True), by=cast.user("office"))
    assert "The day is not over" in press(browser("office"), visit, "close")
    with stopped_at(NINE + timedelta(days=1)):
        desk = browser("office")
        assert "Never signed out" in text(desk)
        assert "1 visitor of an earlier day was never signed out" in text(desk, "/")
        assert "is closed, with your name." in press(desk, visit, "close")
        assert "Never signed out" not in text(desk)


def test_only_the_host_and_the_desk_cancel_a_visit(cast: Any, browser: Any) -> None:
    host = cast.user("teacher")
    visit, other = (announce_visit(cast.school, NewVisit(name, host), by=host) for name in ("Vi", "Al"))
    assert "Only the host" in press(browser("cashier"), visit, "cancel")
    assert "is cancelled." in press(browser("teacher"), visit, "cancel")
    assert "is cancelled." in press(browser("office"), other, "cancel")


def test_staff_say_that_they_are_in_and_the_desk_notes_the_others(cast: Any, browser: Any) -> None:
    cook = Person.objects.create(school=cast.school, kind="staff", given_name="Cy", till_number=9901)
    cashier, desk = browser("cashier"), browser("office")
    cashier.post(f"{VISITS}me/", {"in": "yes"})
    assert "You are on the list for a roll call." in text(cashier)
    where = f"{VISITS}staff/"
    assert "says so by their own sign-in" in text(desk, where)
    desk.post(f"{where}{cook.id}/", {"in": "yes"})
    assert "Has left" in text(desk, where)
    desk.post(f"{where}{cook.id}/", {"in": "no"})
    cashier.post(f"{VISITS}me/", {"in": "no"})
    assert "Nobody has signed in today." in text(desk, where)
    assert (
        "no such member of staff"
        in desk.post(f"{where}{cast.person('Ada').id}/", follow=True).content.decode()
    )
    assert not StaffDay.objects.filter(is_in=True).exists()


def test_a_host_of_many_is_told_that_not_all_are_shown(
    cast: Any, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.visits.queries.COMING_SHOWN", 2)
    host, client = cast.user("teacher"), browser("teacher")
    for count in (1, 2, 3):
        announce_visit(cast.school, NewVisit(f"Vi Guest {count}", host), by=host)
        assert ("The next 2 of 3" in text(client)) is (count == 3)
    assert text(client).count(">Cancel the visit<") == 2


def test_with_many_visitors_the_desk_searches_and_finds_everything_else_above_them(
    cast: Any, browser: Any
) -> None:
    desk, host = browser("office"), cast.user("teacher")
    names = [f"Vi Guest{'abcdefghijklmnopqrstuvwxyz'[number]}" for number in range(25)]
    new = [NewVisit(one, host, organisation="Pipes Ltd") for one in names]
    visits = [announce_visit(cast.school, one, by=host) for one in new]
    page = text(desk)
    assert "The first 20 of 25 are shown" in page
    assert page.count(">Sign them in<") == 20
    assert page.index("/staff/visits/staff/") < page.index("Expected today"), "not below a list that grows"
    assert page.index("/staff/visits/notice/") < page.index("Expected today")
    assert text(desk, f"{VISITS}?all=1").count(">Sign them in<") == 25
    assert text(desk, f"{VISITS}?q=pipes&all=1").count(">Sign them in<") == 25
    found = text(desk, f"{VISITS}?q=GUESTY")
    assert found.count(">Sign them in<") == 1
    # Signed in, they stand alone on the page that comes, with their badge to be printed.
    after = press(desk, visits[24], "in", badge_number="7", q="GUESTY")
    assert "is signed in." in after
    assert after.count(">Print a badge<") == 1
    assert ">Sign them in<" not in after
    # A badge is given back: its number is enough. The last who came is the first on the site.
    sign_in(cast.school, visits[0].id, VisitorSignIn(True, 8), by=cast.user("office"))
    assert text(desk, f"{VISITS}?q=7").count(">Sign them out<") == 1
    assert "Nobody was found." in text(desk, f"{VISITS}?q=zzz")
    with stopped_at(NINE + timedelta(minutes=1)):
        sign_in(cast.school, visits[1].id, VisitorSignIn(True, 9), by=cast.user("office"))
    assert re.findall(r"Sign them out<[^>]+> (Vi \w+)", text(desk))[0] == names[1]
