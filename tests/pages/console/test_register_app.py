"""The register as an app, without a browser: what it keeps, what it is sent, what it brings."""

import json
import posixpath
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client, RequestFactory
from tests.attendance.conftest import at
from tests.pages.console.test_registers_pages import FORM, held, morning  # noqa: F401  (a fixture)
from tests.support.clocks import stopped_at

from willing.attendance.models import Mark, Register
from willing.attendance.queries import groups_of
from willing.attendance.set_up import set_teachers
from willing.audit.models import Entry
from willing.core.sealed_messages import seal_message
from willing.credentials.cards import issue_card
from willing.credentials.sealed_scans import scan_key, sealed_for
from willing.leave.rules import WantedLeave
from willing.leave.trips import NewTrip, plan_trip
from willing.pages.console.helpers import read_message
from willing.pages.console.register_app import FILES
from willing.people.models import School

APP = "/staff/registers/app/"


@pytest.fixture
def teacher(cast: Any, morning: Any, browser: Any) -> Client:  # noqa: F811
    """The teacher of 7A, at ten to nine."""
    browser("office").post("/staff/registers/settings/", FORM)
    set_teachers(cast.school, groups_of(cast.school)[0].id, [cast.user("teacher")], by=cast.user("office"))
    client: Client = browser("teacher")
    return client


def today(client: Client, query: str = "?names=1") -> Any:
    return client.get(f"{APP}today/{query}").json()


def bring(client: Client, data: Any, *marks: dict[str, Any], **changed: Any) -> Any:
    """Send marks for the morning's register as the app does."""
    register = data["registers"][0]
    sent = {"user": data["user"]["id"], "group": register["group"], "day": data["day"], "number": 1}
    body = {**sent, "marks": list(marks), **changed}
    return client.post(f"{APP}marks/", json.dumps(body), content_type="application/json")


def mark(person: Any, symbol: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "person": str(person.id), "symbol": symbol, **more}


def sealed(code: str, mark_id: str) -> str:
    content = json.dumps({"code": code, "keys": ""}).encode()
    return seal_message(scan_key().public, content, sealed_for(UUID(mark_id))).hex()


def test_a_teacher_gets_the_registers_of_their_own_groups_and_of_those_they_ask_for(
    cast: Any, teacher: Client, browser: Any
) -> None:
    data = today(teacher)
    assert [(one["title"], one["name"]) for one in data["registers"]] == [
        ("7A", "Morning"),
        ("7A", "Afternoon"),
    ]
    names = set(data["registers"][0]["names"].values())
    assert cast.person("Ada").full_name in names
    assert set(data["registers"][0]) == {
        "group", "number", "title", "name", "opens", "closes", "present", "slot", "names", "closed", "lines"
    }, "no photograph, no birth date, no contact, no code of a card"  # fmt: skip
    assert today(browser("office"))["registers"] == []
    group = data["registers"][0]["group"]
    assert len(today(browser("office"), f"?names=1&group={group}&group=x")["registers"]) == 2


def test_the_log_holds_when_names_went_to_a_device_and_not_each_time_it_asks(
    cast: Any, teacher: Client
) -> None:
    def views() -> int:
        return Entry.objects.filter(event="record.viewed").count()

    before = views()
    data = today(teacher)
    seen = views() - before
    assert seen == len(data["registers"][0]["lines"]) > 0
    again = today(teacher, "")
    assert [one["names"] for one in again["registers"]] == [None, None]
    assert views() - before == seen


def test_marks_are_recorded_once_and_each_says_what_became_of_it(cast: Any, teacher: Client) -> None:
    data, ada, bo = today(teacher), cast.person("Ada"), cast.person("Bo")
    marks = [mark(ada, "/"), mark(bo, "H"), mark(cast.person("Wes"), "I", at="2026-11-26T08:49:00+00:00")]
    first = bring(teacher, data, *marks).json()
    assert [one["merge"] or one["code"] for one in first["done"]] == [
        "current",
        "mark_code_unknown",
        "current",
    ]
    assert "does not have that code" in first["done"][1]["message"]
    again = bring(teacher, data, *marks).json()
    assert [one["merge"] or one["code"] for one in again["done"]] == ["same", "mark_code_unknown", "same"]
    lines = {one["person"]: one["symbol"] for one in again["register"]["lines"]}
    assert (lines[str(ada.id)], lines[str(bo.id)]) == ("/", "")
    assert Mark.objects.count() == 2


def test_a_scanned_card_comes_sealed_for_its_mark_and_marks_its_owner(cast: Any, teacher: Client) -> None:
    data, ada = today(teacher), cast.person("Ada")
    assert data["seal"] == scan_key().public.hex()
    code = issue_card(ada)
    first, other, third = (str(uuid4()) for _ in range(3))
    scans = [
        {"id": first, "sealed": sealed(code, first), "symbol": ""},
        {"id": other, "sealed": sealed(code, first), "symbol": ""},  # sealed for another mark
        {"id": third, "sealed": "00ff", "symbol": ""},
    ]
    done = bring(teacher, data, *scans).json()["done"]
    assert [one["merge"] or one["code"] for one in done] == ["current", "scan_unknown", "scan_unknown"]
    assert done[0]["person"] == str(ada.id)
    assert held() == {"Ada": "/"}
    share = f"https://school.example/c#1.{code}.{'0' * 26}"
    last = str(uuid4())
    kept = bring(teacher, data, {"id": last, "sealed": sealed(share, last), "symbol": ""}).json()["done"]
    assert [one["code"] for one in kept] == ["scan_unknown"], "a card's share is no code, and goes nowhere"


def test_marks_of_a_colleague_and_of_a_day_off_are_refused_by_name(cast: Any, teacher: Client) -> None:
    data, ada = today(teacher), cast.person("Ada")
    of_another = bring(teacher, data, mark(ada, "/"), user=cast.user("office").pk)
    assert (of_another.status_code, of_another.json()["code"]) == (409, "marks_of_another_person")
    for day in ("0001-01-01", "1066-10-14", "9999-12-31"):
        long_ago = bring(teacher, data, mark(ada, "/"), day=day)
        assert (long_ago.status_code, long_ago.json()["code"]) == (409, "no_register_that_day"), day
    School.objects.update(weekdays="123")
    off = bring(teacher, data, mark(ada, "/"))
    assert (off.status_code, off.json()["code"]) == (409, "no_register_that_day")
    assert not Mark.objects.exists()
    assert not Register.objects.exists()


def test_what_is_no_message_changes_nothing(cast: Any, teacher: Client) -> None:
    data, ada = today(teacher), cast.person("Ada")
    for changed in (
        {"marks": None},
        {"marks": "//"},
        {"marks": {"a": 1}},
        {"marks": [mark(ada, "/")] * 201},
        {"marks": [mark(ada, "/", at="2026-11-26T08:49:00")]},
        {"marks": [mark(ada, "/", at="0001-01-01T00:00:00+14:00")]},
        {"marks": [mark(ada, "/", seen=float("inf"))]},
        {"marks": [{"id": "x"}]},
        {"marks": [{"id": str(uuid4()), "sealed": 5}]},
        {"group": "x"},
        {"number": 10**30},
        {"number": -1},
        {"user": "x"},
        {"day": "2026-13-01"},
    ):
        answer = bring(teacher, data, **{"marks": [], **changed})
        assert (answer.status_code, answer.json()) == (400, {"code": "message_not_valid"}), changed
    for body in (b"", b"[]", b"{", b"1"):
        assert teacher.post(f"{APP}marks/", body, content_type="application/json").status_code == 400
    assert not Mark.objects.exists()


@pytest.mark.parametrize("escaped", ["\\ud800", "\\u0000"])
def test_what_says_that_it_is_a_form_is_not_read_as_a_message(
    teacher: Client, cast: Any, escaped: str
) -> None:
    """Half of a character hides in a form's field as an escape that is none, and is one in the JSON."""
    data = today(teacher)
    sent = {
        "user": data["user"]["id"],
        "group": data["registers"][0]["group"],
        "day": data["day"],
        "number": 1,
    }
    body = json.dumps({**sent, "marks": [mark(cast.person("Ada"), "/", reason="a&b=X")]}).replace(
        "X", escaped
    )
    for media_type in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
        answer = teacher.post(f"{APP}marks/", body, content_type=media_type)
        assert answer.status_code == 400, media_type
    assert not Mark.objects.exists()


def test_lists_in_lists_without_end_are_no_message(teacher: Client, rf: RequestFactory) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000):
        for media_type in ("application/x-www-form-urlencoded", "application/json"):
            answer = teacher.post(f"{APP}marks/", body, content_type=media_type)
            assert answer.status_code == 400, media_type
        # What passes the middleware by a few levels is deeper in the stack where the page reads it.
        with pytest.raises(ValueError, match="without end"):
            read_message(rf.post("/", body, content_type="application/json"))  # type: ignore[arg-type]


def test_it_takes_a_token_a_second_factor_and_the_role(cast: Any, teacher: Client, browser: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = teacher.cookies
    assert bring(strict, today(teacher), mark(cast.person("Ada"), "/")).status_code == 403
    assert browser("cashier").get(f"{APP}today/").status_code == 403
    assert Client().get(f"{APP}today/").status_code == 302
    # What the app asks by itself keeps no session alive.
    with stopped_at(at(9, 15)):
        assert teacher.get(f"{APP}today/", headers={"X-Quiet": "1"}).status_code == 200
    with stopped_at(at(9, 25)):
        assert teacher.get(f"{APP}today/", headers={"X-Quiet": "1"}).status_code == 302


def test_the_page_names_no_pupil_and_everything_that_it_loads_is_kept(cast: Any, teacher: Client) -> None:
    answer = teacher.get(APP)
    page = answer.content.decode()
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "camera=()" in answer.headers["Permissions-Policy"], "a camera marks nobody"
    assert not [one for one in ("Ada", "Bo", "Carl", "Nia", "Wes") if re.search(rf"\b{one}\b", page)]
    kept = {static(name) for name in FILES}
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert loaded <= kept, loaded - kept
    scripts = [name for name in FILES if name.endswith(".js") and not name.startswith("django_htmx")]
    for name in scripts:
        text = Path(str(finders.find(name))).read_text("utf-8")
        imported = {posixpath.normpath(f"{name}/../{one}") for one in re.findall(r'from "([^"]+)"', text)}
        assert imported <= set(FILES), name
    worker = teacher.get(f"{APP}worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert json.loads(re.findall(r"self.KEPT = (.+);", worker.content.decode())[0])["page"] == APP
    manifest = teacher.get(f"{APP}manifest.json").json()
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (APP, APP, "standalone")


def test_where_no_registers_are_set_up_the_app_has_none(cast: Any, browser: Any) -> None:
    assert today(browser("teacher"))["registers"] == []
    assert "The office sets them up." in browser("teacher").get(APP).content.decode()


def test_one_press_for_all_present_does_not_mean_who_is_known_to_be_away(cast: Any, teacher: Client) -> None:
    ada, by, day = cast.person("Ada"), cast.user("teacher"), at(8).date()
    trip = NewTrip("Museum", "visit", WantedLeave(day, day), [ada.id], [by])
    plan_trip(cast.school, trip, by=cast.user("office"))
    lines = {one["person"]: one for one in today(teacher)["registers"][0]["lines"]}
    assert lines[str(ada.id)]["planned"] == {"symbol": "V", "explained": True}
    assert lines[str(cast.person("Bo").id)]["planned"] is None
    assert "Museum" not in json.dumps(today(teacher)), "a code is kept, and nothing of why"
