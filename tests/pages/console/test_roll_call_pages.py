"""The roll call on the staff pages and as phones ask for it."""

import asyncio
import csv
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.attendance.conftest import school as with_registers  # noqa: F401  # a fixture
from tests.rollcall.conftest import at, ten_oclock
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.papers import pages_of, words_of

from willing.accounts.queries import active_staff
from willing.accounts.staff import disable_user
from willing.attendance.marking import mark_everyone_present
from willing.attendance.queries import groups_of
from willing.attendance.registers import close_register, open_register
from willing.core.doorbell import DOORBELL, WAIT
from willing.core.errors import Refused
from willing.documents.roll_call_printing import print_sheets
from willing.gate.device_rules import DeviceSettings, Driver
from willing.gate.devices import NewDevice, NewWiring, set_device, wire_door
from willing.gate.door_models import DoorDevice, DoorWiring
from willing.gate.set_up import add_door
from willing.jobs.models import Job
from willing.jobs.registry import TryLater
from willing.ops.health_printers import sheets_print
from willing.pages.console.roll_call_list import SHARED_SECONDS
from willing.pages.console.roll_call_shown import LINES_A_PAGE
from willing.people.models import Person, YearGroup
from willing.people.persons import NewPerson, add_person
from willing.privacy.personal_data import personal_data_of
from willing.rollcall.calling import close_roll_call, start_roll_call
from willing.rollcall.models import (
    AssemblyPoint,
    LastSeen,
    MedicalWords,
    RollCall,
    Tick,
    Warden,
    WardenDevice,
)
from willing.rollcall.queries import current_list, settings_of
from willing.rollcall.retention import purge_lists
from willing.rollcall.set_up import NewPoint, name_warden, note_sheets, set_point, set_roll_call
from willing.rollcall.watch import SHEETS, enqueue_sheets_here, ring_here

ROLL = "/staff/roll-call/"


@pytest.fixture
def at_ten(cast: Any, with_registers: Any) -> Any:  # noqa: F811
    """Stop the clock at ten; 4A gathers in the yard, staff and visitors at the gate."""
    with ten_oclock(cast):
        yield


@pytest.fixture
def register(cast: Any, at_ten: Any) -> Any:
    """This morning's register of 4A, opened at ten to nine."""
    with stopped_at(at(8, 50)):
        group = groups_of(cast.school)[0]
        return open_register(cast.school, group.id, at(8).date(), 1, by=cast.user("office"))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def send(client: Client, name: str, **content: Any) -> Any:
    return client.post(f"{ROLL}{name}/", json.dumps(content), content_type="application/json")


def test_anyone_starts_a_roll_call_in_two_presses_and_only_wardens_read_names(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    client, office = browser("canteen"), browser("office")
    page = text_of(client.get(ROLL))
    assert 'href="/staff/roll-call/"' in text_of(client.get("/staff/menu/")), "the first press, on every page"
    assert "roll-live" in page
    assert client.post(f"{ROLL}start/", {"kind": "drill", "key": str(uuid4())}).status_code == 302
    shown = text_of(office.get(ROLL))
    assert "roll-drill" in shown
    assert "Drill" in shown
    assert "No roll call yet." in page
    assert "No roll call yet." not in shown
    assert "listed here once it is over" in shown
    running = RollCall.objects.get()
    assert client.get(f"{ROLL}{running.id}/").status_code == 200, "who started it"
    assert browser("cashier").get(f"{ROLL}{running.id}/").status_code == 409
    assert browser("cashier").get(ROLL).status_code == 200
    again = office.post(f"{ROLL}start/", {"kind": "live", "key": "x"}, follow=True)
    assert "Another roll call is running already" in text_of(again)
    assert "a drill, live, or a test" in text_of(client.post(f"{ROLL}start/", {"kind": "party"}, follow=True))
    counted = client.get(f"{ROLL}counts/")
    assert 'data-hx-trigger="every 3s"' in text_of(counted)
    assert cast.person("Ada").full_name not in text_of(counted) + shown
    office.post(f"{ROLL}{running.id}/close/")
    assert client.get(f"{ROLL}counts/").headers["HX-Refresh"] == "true"
    assert "is over already" not in text_of(office.post(f"{ROLL}{running.id}/close/", follow=True))
    assert "There is no such roll call" in text_of(office.post(f"{ROLL}{uuid4()}/close/", follow=True))


def test_people_are_ticked_on_the_page_and_a_mistake_is_taken_back(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    office, ada = browser("office"), cast.person("Ada")
    running = start_roll_call(cast.school, "live", by=cast.user("office"))
    where = f"{ROLL}{running.id}/"

    def press(state: str, subject: str = str(ada.id)) -> str:
        return text_of(office.post(f"{where}tick/", {"subject": subject, "state": state}, follow=True))

    with stopped_at(at(10, 6)):
        assert 'class="red"' in text_of(office.get(where))
        said = press("safe")
        assert "take it back under" in said
        assert "notice-title" not in said, "what a press did is headed by nothing that the page is about"
        assert "seen " in text_of(office.get(f"{where}?list=there"))
        press("missing")
        press("safe")
    assert list(Tick.objects.order_by("number").values_list("state", flat=True)) == [
        "safe",
        "missing",
        "safe",
    ]
    assert len(set(Tick.objects.values_list("device_at", flat=True))) == 3
    assert "Nobody at this school has this id" in press("safe", "x")
    assert "Nobody at this school has this id" in press("safe", str(uuid4()))
    assert (
        "There is no such roll call"
        in text_of(office.post(f"{ROLL}{uuid4()}/tick/", {"subject": str(ada.id), "state": "safe"}))
        or not Tick.objects.filter(number=4).exists()
    )


def test_a_long_list_comes_a_page_at_a_time_by_list_point_and_name(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    school, by, office = cast.school, cast.user("office"), browser("office")
    year = YearGroup.objects.get()
    Person.objects.bulk_create(
        Person(
            school=school, given_name=f"Pupil {place:03}", kind="pupil", till_number=900_000 + place,
            year_group=year if place % 3 == 1 else None,
        )
        for place in range(LINES_A_PAGE * 2)
    )  # fmt: skip
    running = start_roll_call(school, "drill", by=by)
    where = f"{ROLL}{running.id}/"

    def names(query: str = "") -> list[str]:
        return re.findall(
            r"<li[^>]*>\s*<span class=\"who\"><strong>([^<]*)", text_of(office.get(where + query))
        )

    first = text_of(office.get(where))
    assert len(names()) == LINES_A_PAGE
    assert "Page 1 of 3" in first
    pages = [names(f"?page={page}") for page in (1, 2, 3)]
    everyone = {one for page in pages for one in page}
    expected = RollCall.objects.get().listed.filter(is_expected=True).count()
    assert sum(map(len, pages)) == len(everyone) == expected
    assert names("?page=99") == pages[2]
    # A point's own lines, in the same order; the chip says how many there are.
    here = [f"Pupil {place:03}" for place in range(1, LINES_A_PAGE * 2, 3)]
    assert [one for one in names("?point=Yard") if one.startswith("Pupil")] == here
    assert not set(names("?point=&page=2")) & set(here), "those without one"
    assert names("?point=Moon") == pages[0]
    assert names("?list=moon") == pages[0]
    # A name is found wherever it stands, and a tick leads back to what was looked for.
    assert names("?q=pupil+007") == ["Pupil 007"]
    subject = Person.objects.get(given_name="Pupil 007").pk
    action = re.search(r'action="([^"]*tick/[^"]*)"', text_of(office.get(f"{where}?q=pupil+007")))
    assert action is not None
    back = office.post(unescape(action[1]), {"subject": subject, "state": "safe"}, follow=True)
    assert "q=pupil+007" in back.redirect_chain[-1][0]
    assert "As of" in text_of(office.get(where))
    assert "Not here after all" in text_of(back)
    assert names("?list=there") == ["Pupil 007"]
    assert "Pupil 007" not in names("?point=Yard")
    assert "Nobody found" in text_of(office.get(f"{where}?q=nobody+at+all"))
    away = names("?list=others")
    assert len(away) + expected == RollCall.objects.get().listed.count()


def test_the_glass_is_broken_with_a_reason_and_the_family_reads_it(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    office, ada = browser("office"), cast.person("Ada")
    running = start_roll_call(cast.school, "live", by=cast.user("office"))
    where = f"{ROLL}{running.id}/last-seen/{ada.id}/"
    assert "Why do you have to know?" in text_of(office.get(where))
    assert not LastSeen.objects.exists()
    refused = office.post(where, {"reason": " "})
    assert (refused.status_code, "write down why" in text_of(refused)) == (422, True)
    assert "Nothing of today is known" in text_of(office.post(where, {"reason": "not at the yard"}))
    assert browser("cashier").post(where, {"reason": "curious"}).status_code == 409
    found = personal_data_of(Person.objects.get(pk=ada.pk))
    (opened,) = found["roll_calls"][0]["last_seen"]
    assert opened["reason"] == "not at the yard"
    family = text_of(browser("guardian").get(f"/family/child/{ada.pk}/data/"))
    assert "not at the yard" in family, "and reads it on the child's own page"
    assert "roll_call.last_seen_opened" in json.dumps(found["log"])


def test_points_and_wardens_are_set_up_from_nothing(cast: Any, at_ten: Any, browser: Any) -> None:
    AssemblyPoint.objects.all().delete()
    client = browser("administrator")
    page = f"{ROLL}settings/"
    assert "No assembly point yet." in text_of(client.get(page))
    assert client.post(f"{page}points/", {"name": ""}).status_code == 422
    assert client.post(f"{page}points/", {"name": "Yard", "is_for_staff": "on"}).status_code == 302
    point = AssemblyPoint.objects.get()
    assert "staff" in text_of(client.get(page))
    again = client.post(f"{page}points/", {"name": "Yard"})
    assert "no other assembly point has" in text_of(again)
    assert client.post(f"{page}points/{point.id}/", {"name": "Field"}).status_code == 302
    assert "Field" in text_of(client.get(f"{page}points/{point.id}/"))
    teacher = cast.user("teacher")
    client.post(f"{page}wardens/", {"user": teacher.pk, "point": str(point.id)})
    assert Warden.objects.get().point == point
    for wrong in ({"user": "x"}, {"user": 10**30}, {"user": 0}, {"user": teacher.pk, "point": "x"}):
        client.post(f"{page}wardens/", wrong)
    assert Warden.objects.count() == 1
    client.post(f"{page}wardens/", {"user": teacher.pk, "answer": "remove"})
    assert not Warden.objects.exists()
    assert "All of the staff who sign in are wardens." not in text_of(client.get(page))
    for user in active_staff(cast.school):
        client.post(f"{page}wardens/", {"user": user.pk})
    everyone = text_of(client.get(page))
    assert "All of the staff who sign in are wardens." in everyone
    assert 'id="warden-user"' not in everyone, "nobody is left to choose"
    client.post(f"{page}points/{point.id}/remove/")
    assert "not in use" in text_of(client.post(f"{page}points/{point.id}/remove/", follow=True))
    assert client.post(page, {"red_after_minutes": 3, "print_queue": "office-2"}).status_code == 302
    assert settings_of(cast.school).red_after_minutes == 3
    assert "lpstat" in text_of(client.post(page, {"red_after_minutes": 3, "print_queue": "-o x;"}))
    assert client.post(page, {"red_after_minutes": 0}).status_code == 422


def test_a_school_whose_one_warden_was_disabled_reads_that_no_phone_holds_the_list(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    office, lacks = browser("office"), "No warden is named yet"
    name_warden(cast.school, cast.user("teacher").pk, by=cast.user("office"))
    assert lacks not in text_of(office.get(ROLL))
    disable_user(cast.school, cast.user("teacher").pk, by=cast.user("administrator"))
    assert lacks in text_of(office.get(ROLL))


def test_words_for_helpers_are_written_with_what_allows_them(cast: Any, at_ten: Any, browser: Any) -> None:
    office, where = browser("office"), f"/staff/people/{cast.person('Ada').pk}/medical-words/"
    assert "needs an adrenaline pen" in text_of(office.get(where))
    refused = office.post(where, {"text": "asthma"})
    assert (refused.status_code, "choose what allows" in text_of(refused)) == (422, True)
    assert office.post(where, {"text": "asthma", "basis": "consent"}).status_code == 302
    assert "Written by" in text_of(office.get(where))
    assert MedicalWords.objects.get().text == "asthma"
    assert personal_data_of(cast.person("Ada"))["medical_words"]["said"] == "asthma"


def kinds_said(office: Client, running: RollCall) -> set[str]:
    """Return of which kind the PDF and the CSV of a roll call say that it was; each of them one."""
    where = f"{ROLL}{running.id}/report"
    (_headings, *rows) = csv.reader(text_of(office.get(f"{where}.csv")).splitlines())
    (head, *_rest) = pages_of(office.get(f"{where}.pdf").content)
    on_paper = re.findall("DRILL|LIVE|TEST", head.split("\n", 1)[0] if "\n" in head else head)
    assert len(on_paper) == 1, head
    return {*on_paper, *(row[0] for row in rows)}


def test_each_page_of_a_report_says_of_which_kind_of_roll_call_it_is(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    with transaction.atomic():
        for at_ in range(60):
            add_person(cast.school, NewPerson(f"Pupil {at_:02}", "Oak", year="4A"))
    running = start_roll_call(cast.school, "drill", by=cast.user("office"))
    pages = pages_of(browser("office").get(f"{ROLL}{running.id}/report.pdf").content)
    assert len(pages) > 1
    assert all("DRILL" in one for one in pages), "a page alone is not taken for one of an emergency"


def test_who_prepares_reads_which_classes_gather_nowhere(cast: Any, at_ten: Any, browser: Any) -> None:
    office = browser("office")
    YearGroup.objects.create(school=cast.school, name="4Z")
    assert re.search("Without an assembly point: [^<]*4Z", text_of(office.get(ROLL)))
    AssemblyPoint.objects.all().delete()
    page = text_of(office.get(ROLL))
    assert "There is no assembly point yet" in page
    assert "Without an assembly point" not in page


def test_the_report_is_a_pdf_and_a_csv_and_says_of_which_kind_it_is(
    cast: Any, at_ten: Any, browser: Any
) -> None:
    office, user = browser("office"), cast.user("office")
    bo = cast.person("Bo")
    bo.family_name, bo.given_name = "", "=1+1"
    bo.save()
    for kind in ("test", "live", "drill"):
        running = start_roll_call(cast.school, kind, by=user)
        close_roll_call(cast.school, running.id, by=user)
        assert kinds_said(office, running) == {kind.upper()}
    table = text_of(office.get(f"{ROLL}{running.id}/report.csv"))
    assert "Marked" not in table
    assert ",=1+1" not in table
    assert "Yard" in table
    assert office.get(f"{ROLL}{running.id}/report.exe").status_code == 404
    assert office.get(f"{ROLL}sheets.pdf").content.startswith(b"%PDF")
    assert office.get(f"{ROLL}handing-over.pdf").content.startswith(b"%PDF")
    while purge_lists(at(12), 1000):
        pass
    page = text_of(office.get(f"{ROLL}{running.id}/"))
    assert "has been deleted" in page
    assert cast.person("Ada").full_name not in page
    assert "Ada" not in text_of(office.get(f"{ROLL}{running.id}/report.csv"))
    assert kinds_said(office, running) == {"DRILL"}, "also once its names are deleted"
    assert len(facts_of("roll_call.report_made")) == 10


@pytest.fixture
def warden(cast: Any, at_ten: Any, browser: Any) -> Client:
    """A teacher who is a warden."""
    name_warden(cast.school, cast.user("teacher").pk, by=cast.user("office"))
    client: Client = browser("teacher")
    return client


def test_a_phone_gets_the_list_learns_of_a_start_and_brings_ticks(cast: Any, warden: Client) -> None:
    phone, ada, teacher = str(uuid4()), cast.person("Ada"), cast.user("teacher")
    data = warden.get(f"{ROLL}list/?device={phone}&opened=1").json()
    person = next(one for one in data["people"] if one["id"] == str(ada.id))
    assert set(person) == {
        "id", "kind", "name", "form", "point", "medical", "expected", "why", "reason"
    }, "no photograph, no birth date, no contact"  # fmt: skip
    assert (person["why"], person["form"], person["expected"]) == ("unmarked", "4A", True)
    assert data["people"] == sorted(data["people"], key=lambda one: one["id"].replace("-", ""))
    assert len(data["merge_key"]) == 64
    assert WardenDevice.objects.get().user == teacher
    held = warden.get(f"{ROLL}wait/?version={data['version']}")
    assert (held.status_code, held.headers[WAIT].split()[0]) == (204, str(cast.school.pk))
    rung = DOORBELL.count(str(cast.school.pk))
    key = str(uuid4())
    started = send(warden, "begin", id=key, kind="live", at=at(9, 59).isoformat()).json()
    assert started["running"]["id"] == key
    assert DOORBELL.count(str(cast.school.pk)) == rung + 1, "who waits is woken at once"
    news = warden.get(f"{ROLL}wait/?version={data['version']}").json()
    assert news == {"version": started["version"], "running": started["running"]}, "shown without asking more"
    other = send(warden, "begin", id=str(uuid4()), kind="drill").json()
    assert other["running"]["id"] == key
    tick = {"subject": str(ada.id), "state": "safe", "at": at(10).isoformat(), "by": teacher.pk}
    body = {"roll_call": key, "device": phone, "user": teacher.pk, "opened": [at(9, 58).isoformat()]}
    for _again in range(2):
        brought = send(
            warden,
            "ticks",
            ticks=[{**tick, "device": phone}, {**tick, "state": "x", "device": phone}],
            **body,
        ).json()
        assert [one["code"] for one in brought["done"]] == ["", "tick_not_valid"]
        assert [one["number"] for one in brought["ticks"]] == [1]
    assert warden.get(f"{ROLL}state/?since=1").json()["ticks"] == []
    assert warden.get(f"{ROLL}state/").json()["ticks"][0]["who"] == teacher.get_short_name()
    assert warden.get(f"{ROLL}list/").json()["ticks"][0]["subject"] == str(ada.id)
    ended = send(warden, "end", id=key).json()
    assert ended["running"]["ended_at"]
    assert facts_of("roll_call.list_opened")[-1]["times"] == 1


def test_phones_that_ask_at_once_get_one_list_that_is_built_once(
    cast: Any, warden: Client, browser: Any, register: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    built, clock = [], [0.0]

    def counted(school: Any) -> Any:
        built.append(school)
        clock[0] += 30  # a busy computer: it is shared all the same
        return current_list(school)

    monkeypatch.setattr("willing.pages.console.roll_call_list.monotonic", lambda: clock[0])
    monkeypatch.setattr("willing.pages.console.roll_call_list.current_list", counted)
    office = browser("office")
    lists = [client.get(f"{ROLL}list/").json() for client in (warden, office, warden)]
    assert len(built) == 1
    assert len({json.dumps(one["people"]) for one in lists}) == 1
    assert {one["user"]["id"] for one in lists} == {cast.user("teacher").pk, cast.user("office").pk}
    assert len({one["csrf"] for one in lists}) == len(lists), "what is a phone's own is never another's"
    chinese = office.get(f"{ROLL}list/", headers={"accept-language": "zh-hans"}).json()
    assert chinese["points"][-1]["name"] == "未分配集合点"
    assert len(built) == 2
    # Whatever changes the version counts at once: here, a register that closes.
    with stopped_at(at(9)):
        mark_everyone_present(register, by=cast.user("office"))
    close_register(register, by=cast.user("office"))
    closed = warden.get(f"{ROLL}list/").json()
    assert "present" in {one["why"] for one in closed["people"]}
    assert closed["version"] != lists[0]["version"]
    # And what does not, after a second.
    name_warden(cast.school, cast.user("canteen").pk, by=cast.user("office"))
    point = AssemblyPoint.objects.get(name="Yard")
    set_point(cast.school, NewPoint("Field"), by=cast.user("office"), point_id=point.id)
    assert "Field" not in {one["name"] for one in warden.get(f"{ROLL}list/").json()["points"]}
    clock[0] += SHARED_SECONDS + 0.1
    assert "Field" in {one["name"] for one in warden.get(f"{ROLL}list/").json()["points"]}


def test_a_list_is_given_once_its_opening_is_recorded_in_one_transaction(
    cast: Any, warden: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(facts_of("roll_call.list_opened"))
    with CaptureQueriesContext(connection) as asked:
        assert warden.get(f"{ROLL}list/?device={uuid4()}&opened=1").status_code == 200
    assert sum(one["sql"] == "COMMIT" for one in asked) == 1
    assert len(facts_of("roll_call.list_opened")) == before + 1
    with CaptureQueriesContext(connection) as asked:
        warden.get(f"{ROLL}list/")
    assert not any(one["sql"].startswith(("BEGIN", "INSERT", "UPDATE")) for one in asked), "nothing to write"

    def fails(*_arguments: Any, **_facts: Any) -> None:
        raise RuntimeError("the log can not be written")

    monkeypatch.setattr("willing.rollcall.devices.record", fails)
    warden.raise_request_exception = False
    refused = warden.get(f"{ROLL}list/?device={uuid4()}&opened=1")
    assert refused.status_code == 500
    assert cast.person("Ada").given_name not in text_of(refused)
    assert WardenDevice.objects.count() == 1, "nor is it noted that a phone has it"


def test_what_a_phone_can_not_have_meant_is_refused_by_name(cast: Any, warden: Client, browser: Any) -> None:
    running = start_roll_call(cast.school, "live", by=cast.user("office"))
    teacher, phone = cast.user("teacher").pk, str(uuid4())
    body = {"roll_call": str(running.id), "device": phone, "user": teacher, "ticks": []}
    naive = {"subject": str(uuid4()), "state": "safe", "at": "2026-11-26T10:00:00", "by": 1, "device": phone}
    wrongs: tuple[dict[str, Any], ...] = (
        {"roll_call": "x"}, {"user": "x"}, {"since": -1}, {"since": 10**20}, {"ticks": 3}, {"ticks": [naive]},
        {"ticks": [1]}, {"opened": ["x"]}, {"opened": 5}, {"ticks": [{}] * 501}, {"device": None},
    )  # fmt: skip
    for wrong in wrongs:
        assert send(warden, "ticks", **{**body, **wrong}).status_code == 400, wrong
    assert warden.post(f"{ROLL}ticks/", "[", content_type="application/json").status_code == 400
    for name in ("ticks", "begin", "end"):  # what says that it is a form is looked through as one
        answer = warden.post(
            f"{ROLL}{name}/", "[" * 100_000, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == 400, name
    assert send(warden, "ticks", **{**body, "user": 10**6}).json()["code"] == "ticks_of_another_person"
    unknown = send(warden, "ticks", **{**body, "roll_call": str(uuid4())})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "roll_call_unknown")
    assert send(warden, "begin", id="x", kind="live").status_code == 400
    assert send(warden, "begin", id=str(uuid4()), kind="party").json()["code"] == "roll_call_kind_unknown"
    assert send(warden, "begin", id=str(uuid4()), kind="live", at="soon").status_code == 400
    assert send(warden, "end", id=7).status_code == 400
    assert send(warden, "end", id=str(uuid4())).json()["code"] == "roll_call_unknown"
    assert warden.get(f"{ROLL}state/?since=x").status_code == 400
    cashier = browser("cashier")
    for refused in (cashier.get(f"{ROLL}list/"), cashier.get(f"{ROLL}state/")):
        assert (refused.status_code, refused.json()["code"]) == (409, "roll_call_not_warden")
    assert send(cashier, "ticks", **{**body, "user": cast.user("cashier").pk}).status_code == 409
    assert cashier.get(f"{ROLL}wait/").status_code == 200


def test_sheets_go_to_the_printer_a_minute_after_registers_close(
    cast: Any,
    at_ten: Any,
    register: Any,
    browser: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    school, by = cast.school, cast.user("administrator")
    set_roll_call(school, 5, by=by, print_queue="office-2")
    with stopped_at(at(9)):
        mark_everyone_present(register, by=by)
    assert enqueue_sheets_here() == 0, "no register is closed yet"
    closed = at(9, 58)
    with stopped_at(closed):
        close_register(register, by=by)
        set_roll_call(school, 5, by=by)
    assert enqueue_sheets_here() == 0, "no queue is set"
    with pytest.raises(Refused) as refused:
        set_roll_call(school, 5, by=by, print_queue="office 2; rm")
    assert refused.value.code == "print_queue_not_valid"
    set_roll_call(school, 5, by=by, print_queue="office-2")
    with stopped_at(at(9, 58, 59)):
        assert enqueue_sheets_here() == 0, "the next class closes its register in this minute"
    assert enqueue_sheets_here() == 1
    assert Job.objects.get().kind == SHEETS
    lp = tmp_path / "lp"
    lp.write_text('#!/bin/sh\necho "$@" > "$(dirname "$0")/asked"\ncat > "$(dirname "$0")/sent"\n')
    lp.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    print_sheets(school.pk)
    assert (tmp_path / "asked").read_text() == "-d office-2 -\n"
    words = words_of((tmp_path / "sent").read_bytes())
    assert "Yard · 4A" in words
    assert "?" not in words, "the box to be ticked is drawn, as hardly a typeface has one"
    start_roll_call(school, "drill", by=by)
    print_sheets(school.pk)
    (head, *_rest) = pages_of((tmp_path / "sent").read_bytes())
    assert head.startswith("DRILL"), "it looks like one on paper too"
    assert settings_of(school).printed_for == closed
    assert enqueue_sheets_here() == 0, "once for each close"
    lp.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(TryLater):
        print_sheets(school.pk)
    assert settings_of(school).print_fault == "lp_refused"
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(TryLater):
        print_sheets(school.pk)
    assert settings_of(school).print_fault == "lp_missing"
    (condition,) = sheets_print(school)
    assert (condition.code, condition.is_ok) == ("roll_call_sheets", False)
    assert "(the command lp). Print them by hand" in condition.detail
    assert str(condition.label) in text_of(browser("administrator").get("/staff/health/"))
    note_sheets(school, closed)
    set_roll_call(school, 5, by=by)
    print_sheets(school.pk)
    assert settings_of(school).print_fault == ""
    assert not list(sheets_print(school))


def test_an_alarm_contact_proposes_a_start_and_starts_nothing(cast: Any, at_ten: Any, browser: Any) -> None:
    client, by, school = browser("canteen"), cast.user("office"), cast.school
    assert "alarm contact" not in text_of(client.get(ROLL))
    door = add_door(school, "Main gate", by=by)
    settings = DeviceSettings(Driver.SHELLY, "192.168.7.30")
    device = set_device(school, NewDevice(settings), by=by)
    wire_door(door, NewWiring(device, 0, 5, alarm_input=1), by=by)
    DoorWiring.objects.update(is_alarm=True, alarm_since=at(9, 57))
    page = text_of(client.get(ROLL))
    assert "The alarm contact at Main gate has reported an alarm since 26 Nov 2026, 09:57." in page
    assert "roll-live" in page, "the second press is beside it"
    assert not RollCall.objects.exists()
    shown = client.get(f"{ROLL}counts/?idle=")
    assert "a broken wire reports the same" in text_of(shown)
    known = re.search(r"\?idle=([^\"]*)", text_of(shown))
    assert known is not None
    assert client.get(f"{ROLL}counts/?idle={known[1]}").status_code == 204, "nothing is read out twice"
    DoorDevice.objects.update(fault="no_answer")
    assert "does not answer now" in text_of(client.get(f"{ROLL}counts/?idle={known[1]}"))
    start_roll_call(school, "live", by=by)
    assert client.get(f"{ROLL}counts/?idle={known[1]}").headers["HX-Refresh"] == "true"
    assert "alarm contact" not in text_of(client.get(ROLL))


def test_who_waits_is_woken_by_a_registers_close_and_by_what_another_process_wrote(
    cast: Any,
    at_ten: Any,
    register: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school, by, loop = cast.school, cast.user("office"), asyncio.new_event_loop()
    key = str(school.pk)
    monkeypatch.setattr("willing.rollcall.watch.close_old_connections", lambda: None)
    monkeypatch.setattr("willing.rollcall.watch._seen", {})
    with stopped_at(at(9)):
        mark_everyone_present(register, by=by)
    running = start_roll_call(school, "drill", by=by)

    async def begin() -> "asyncio.Future[None]":
        return DOORBELL.begin(key, DOORBELL.count(key))

    def is_woken_by(deed: Callable[[], object]) -> bool:
        future = loop.run_until_complete(begin())
        ring_here()
        assert DOORBELL.waiting(key) == 1, "there is no news yet"
        deed()
        ring_here()
        is_woken = DOORBELL.waiting(key) == 0
        DOORBELL.stop_waiting(key, future)
        return is_woken

    ring_here()  # nobody waits
    # At its first look a process does not know what was written since the page's own.
    loop.run_until_complete(begin())
    ring_here()
    assert DOORBELL.waiting(key) == 0
    assert is_woken_by(lambda: close_register(register, by=by))
    # A tick that this process did not hear of: another one wrote it.
    assert is_woken_by(lambda: RollCall.objects.filter(pk=running.pk).update(ticks_received=1))
    assert not is_woken_by(lambda: None)
    loop.close()
