"""The register as an app in a real browser: cut at each message, on two devices, signed out, left alone."""

import json
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from tests.journeys.test_card_shares import ADDRESS, Recorder
from tests.pages.console.site import check_sizes
from tests.support import held
from tests.support.browser import PHONE, Books
from tests.support.cutting import Cutting
from tests.support.keyboard import press as press_key
from tests.support.keyboard import tab_to
from tests.support.migrated import give_tables
from tests.support.presses import COUNT_PRESSES, note
from tests.support.server import ROOT, Server, environment

from willing.credentials.shares import PrintedCard, card_text

APP = "/staff/registers/app/"
HOLD_MS = 6000
EVERYTHING = "Everything is sent."
# What the page keeps in its database, read as any script of the page could.
KEPT = """() => new Promise((resolve) => {
  const request = indexedDB.open("willing-registers");
  request.onsuccess = () => {
    const read = request.result.transaction(["held", "queue"]);
    const [names, marks] = [read.objectStore("held").getAll(), read.objectStore("queue").getAll()];
    read.oncomplete = () => {
      request.result.close();
      resolve({names: JSON.stringify(names.result), marks: JSON.stringify(marks.result)});
    };
  };
})"""
PRESS_TWICE = """(name) => {
  const rows = [...document.querySelectorAll("[data-lines] > li")];
  const row = rows.find((one) => one.textContent.includes(name));
  return [0, 2].map((place) => {
    row.querySelectorAll(".codes input")[place].click();
    return document.querySelector("[data-status]").textContent.split(".")[0];
  });
}"""
COUNT_KEYS = """() => {
  window.__keys = 0;
  window.addEventListener("keydown", () => { window.__keys += 1; }, true);
}"""
OpenApp = Callable[..., Page]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A school whose register is open now."""
    home = tmp_path_factory.mktemp("registers") / "home"
    give_tables(home)
    command = [sys.executable, "-m", "tests.journeys.seed_registers"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return home, json.loads(done.stdout)


@pytest.fixture
def known(template: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """What the journeys know of the school."""
    return template[1]


@pytest.fixture
def server(template: tuple[Path, dict[str, Any]]) -> Server:
    """The school's server, in which nothing has happened yet."""
    return held.server(template[0])


@pytest.fixture
def books(server: Server) -> Books:
    """The database, read from outside."""
    return Books(server.home)


@pytest.fixture
def line(server: Server) -> Iterator[Cutting]:
    """What lies between the browsers and the server."""
    cutting = Cutting(server.port)
    yield cutting
    cutting.close()


@pytest.fixture
def open_app(line: Cutting, known: dict[str, Any]) -> Iterator[OpenApp]:
    """Open the app on a device of its own, signed in as a teacher, with a clock that the test can move."""
    browsers = held.browsers()
    errors: list[str] = []

    def open_(who: str = "rosa", **how: Any) -> Page:
        size = how.get("size", PHONE)
        context = browsers.open(
            None, allowed=False, viewport={"width": size[0], "height": size[1]}, locale="en-GB"
        )
        sign_in(context, line, known, who)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: note_policy(errors, message))
        page.clock.install()
        page.goto(line.address + APP + how.get("hash", ""))
        ready(page)
        return page

    yield open_
    browsers.end_test()
    assert errors == []


def note_policy(errors: list[str], message: ConsoleMessage) -> None:
    if "Content Security" in message.text:
        errors.append(message.text)


def sign_in(context: BrowserContext, line: Cutting, known: dict[str, Any], who: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": known["sessions"][who], "url": line.address}])


def ready(page: Page) -> None:
    expect(page.locator("[data-register-app]")).to_have_attribute("data-ready", "")
    expect(page.locator("[data-register-app]")).to_have_attribute("data-kept", "")


def take(page: Page, known: dict[str, Any], title: str = "4A") -> None:
    """Open a class's register of this morning."""
    page.evaluate("(hash) => { location.hash = hash; }", f"{known['groups'][title]}/1")
    expect(page.get_by_role("heading", name=f"{title}, Morning")).to_be_visible()


def press(page: Page, name: str, label: str) -> None:
    row = page.locator("[data-lines] > li", has_text=name)
    row.locator(".codes label", has_text=label).click()
    expect(row.locator(".codes label", has_text=label).locator("input")).to_be_checked()


def sent(page: Page, milliseconds: int = HOLD_MS) -> None:
    """Let the time pass in which a mark can be undone, and every wait after a failure."""
    for _ in range(60):
        page.clock.run_for(milliseconds)
        page.wait_for_timeout(250)
        if page.locator("[data-status]").inner_text() == EVERYTHING:
            return
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING)


def marks(books: Books) -> list[tuple[Any, ...]]:
    """Return every mark ever made: whose, which code, by whom, whether disputed."""
    return books.rows(
        "SELECT p.given_name, m.symbol, u.username, m.is_disputed FROM attendance_mark m "
        "JOIN people_person p ON p.id = m.person_id LEFT JOIN accounts_user u ON u.id = m.user_id "
        "ORDER BY p.given_name, m.number"
    )


def arrive(page: Page, books: Books, expected: list[tuple[Any, ...]]) -> None:
    """Wait until the server has these marks."""
    for _ in range(100):
        if marks(books) == expected:
            return
        page.wait_for_timeout(100)
    assert marks(books) == expected


def test_from_the_press_on_no_mark_is_called_sent_before_the_server_has_it(
    open_app: OpenApp, books: Books, known: dict[str, Any]
) -> None:
    page = open_app()
    take(page, known, "4B")
    # Read in the same moment as the press, before the device has kept anything; and the second takes the
    # first's place before that is kept.
    said = page.evaluate(PRESS_TWICE, "Ada")
    assert said == ["1 mark not sent yet", "1 mark not sent yet"]
    sent(page)
    arrive(page, books, [("Ada", "N", "rosa", 0)])


def test_a_class_of_thirty_takes_four_presses_and_the_seconds_of_a_phone(
    open_app: OpenApp, books: Books, known: dict[str, Any]
) -> None:
    page = open_app()
    page.evaluate(COUNT_PRESSES)
    begun = time.perf_counter()
    page.get_by_role("link", name="Take the register 4A, Morning").click()
    press(page, "Pupil 07", "Absent")
    press(page, "Pupil 12", "Illness")
    page.get_by_role("button", name="Present: all 28 who are not marked").click()
    expect(page.locator("[data-counted]")).to_have_text("Here: 28. Away: 2. Not marked: 0.")
    expect(page.locator("[data-status]")).to_contain_text("30 marks not sent yet")
    expect(page.locator("[data-undo-text]")).to_have_text("Present: 28 pupils")
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING, timeout=20_000)
    seconds, presses = time.perf_counter() - begun, page.evaluate("window.__presses")
    print(f"\na register of 30: {presses} presses, {seconds:.1f} s, 5 of them to undo")  # noqa: T201
    note("take a register of 30 with two exceptions, on a phone", presses, seconds=seconds)
    assert presses == 4
    assert [one[1] for one in marks(books)].count("/") == 28
    assert len(marks(books)) == 30


def test_a_class_of_thirty_is_taken_in_the_app_with_the_keyboard_alone(
    open_app: OpenApp, books: Books, known: dict[str, Any]
) -> None:
    page = open_app()
    page.evaluate(COUNT_PRESSES)
    page.evaluate(
        'window.addEventListener("keydown", () => { window.__keys = (window.__keys || 0) + 1; }, true)'
    )
    begun = time.perf_counter()
    press_key(page, "Take the register 4A, Morning")
    expect(page.get_by_role("heading", name="4A, Morning")).to_be_focused()
    press_key(page, "Present: all 30 who are not marked")
    expect(page.locator("[data-counted]")).to_have_text("Here: 30. Away: 0. Not marked: 0.")
    for name, arrows, symbol in (("Pupil 07", 2, "N"), ("Pupil 12", 3, "I")):
        tab_to(page, "Present", within=name)
        for _ in range(arrows):
            page.keyboard.press("ArrowRight")
        expect(page.locator("input:focus")).to_have_value(symbol)
    expect(page.locator("[data-counted]")).to_have_text("Here: 28. Away: 2. Not marked: 0.")
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING, timeout=60_000)
    seconds, keys = time.perf_counter() - begun, page.evaluate("window.__keys")
    note("take a register of 30 with two exceptions, on a phone, by keyboard alone", keys, seconds=seconds)
    held_now = {name: symbol for name, symbol, _who, _disputed in marks(books)}
    assert sorted(held_now.values()) == ["/"] * 28 + ["I", "N"]
    assert (held_now["Pupil 07"], held_now["Pupil 12"]) == ("N", "I")


def test_whatever_message_is_cut_every_mark_arrives_once(
    open_app: OpenApp, books: Books, server: Server, line: Cutting, known: dict[str, Any]
) -> None:
    page = open_app()
    take(page, known)
    cuts = [(part, where) for part in ("app/today", "app/marks") for where in ("request", "answer")]
    for number, cut in enumerate(cuts, 1):
        line.cuts.append(cut)  # type: ignore[arg-type]
        press(page, f"Pupil {number:02}", "Absent")
        expect(page.locator("[data-status]")).to_contain_text("1 mark not sent yet")
        sent(page)
        assert line.cuts == []
        assert len(marks(books)) == number, cut
    # Two registers are two messages: the second is cut, and the first does not come again.
    press(page, "Pupil 05", "Illness")
    take(page, known, "4B")
    press(page, "Ada", "Late")
    line.seen.clear()
    line.cuts.append((known["groups"]["4B"], "answer"))
    sent(page)
    posted = [one for one in line.seen if one.startswith("POST")]
    assert [next(title for title, group in known["groups"].items() if group in one) for one in posted] == [
        "4A",
        "4B",
    ]
    assert line.cuts == []
    assert len(marks(books)) == len(cuts) + 2
    # The server is killed, the page is opened anew without it, marked, and the server comes back.
    assert server.process is not None
    server.process.kill()
    server.process.wait(timeout=10)
    page.reload()
    ready(page)
    expect(page.locator("[data-status]")).to_have_text(
        "The school's server can't be reached. You can go on marking."
    )
    expect(page.locator("[data-lines]")).to_contain_text("Ada Elm")
    press(page, "Bo", "Absent")
    take(page, known)
    page.get_by_role("button", name="Present: all 25 who are not marked").click()
    expect(page.locator("[data-status]")).to_contain_text(
        "26 marks not sent yet. The school's server can't be reached"
    )
    check_sizes(page, "away")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-status]")).to_contain_text("1 mark not sent yet")
    page.get_by_role("button", name="Present: all 25 who are not marked").click()
    server.start()
    sent(page, 20_000)
    found = marks(books)
    assert len(found) == len({one[0] for one in found}) == 32
    assert [one[1] for one in found].count("/") == 25
    assert books.rows("SELECT count(DISTINCT person_id), count(*) FROM attendance_currentmark") == [(32, 32)]


def test_two_devices_merge_and_two_teachers_who_disagree_decide(
    open_app: OpenApp, books: Books, line: Cutting, known: dict[str, Any]
) -> None:
    rosa, sam = open_app("rosa"), open_app("sam")
    for one in (rosa, sam):
        take(one, known, "4B")
    line.is_away = True
    press(rosa, "Ada", "Present")
    press(sam, "Ada", "Absent")
    press(sam, "Bo", "Illness")
    # One after the other: whose mark comes first is the one that holds until a person decides.
    sam.context.set_offline(True)
    line.is_away = False
    sent(rosa)
    sam.context.set_offline(False)
    sent(sam)
    assert marks(books) == [("Ada", "/", "rosa", 0), ("Ada", "N", "sam", 1), ("Bo", "I", "sam", 0)]
    row = sam.locator("[data-lines] > li", has_text="Ada")
    expect(row.locator("[data-dispute]")).to_have_text(
        "Sam Reed marked: Reason not yet known. Choose what is right."
    )
    rosa.clock.run_for(21_000)
    ada = rosa.locator("[data-lines] > li", has_text="Ada")
    expect(ada.locator("[data-dispute]")).to_contain_text("Sam Reed marked")
    expect(rosa.locator("[data-counted]")).to_have_text("Here: 1. Away: 1. Not marked: 0.")
    press(sam, "Ada", "Late")
    sent(sam)
    expect(row.locator("[data-dispute]")).to_be_hidden()
    assert [one[1] for one in marks(books)] == ["/", "N", "L", "I"]


def test_a_card_that_is_scanned_without_connection_is_sealed_and_marks_its_owner(
    open_app: OpenApp, books: Books, line: Cutting, known: dict[str, Any]
) -> None:
    page = open_app()
    take(page, known)
    line.is_away = True
    page.clock.run_for(21_000)
    expect(page.locator("[data-status]")).to_contain_text("can't be reached")
    printed = PrintedCard(known["card"].replace("-", ""), secrets.token_bytes(16))
    recorder = Recorder(page.context)
    # What is sealed nobody can search; the server takes no card of which more than the code was sealed.
    page.keyboard.type(card_text(ADDRESS, printed))
    page.keyboard.press("Enter")
    expect(page.locator("[data-cards]")).to_have_text("1 card was read. Whose it is shows once it is sent.")
    page.keyboard.type("XXXXXXXXXXXX")
    page.keyboard.press("Enter")
    expect(page.locator("[data-cards]")).to_contain_text("2 cards were read.")
    kept = page.evaluate(KEPT)
    assert printed.code not in kept["marks"]
    line.is_away = False
    sent(page, 20_000)
    assert marks(books) == [("Pupil 01", "/", "rosa", 0)]
    assert recorder.find(printed.share) == []
    expect(page.locator("[data-refused-rows]")).to_contain_text("No live card of this school has the code")
    page.get_by_role("button", name="Discard this mark").click()
    expect(page.locator("[data-refused]")).to_be_hidden()


def test_what_is_refused_waits_for_the_teacher_with_its_cause(
    open_app: OpenApp, books: Books, server: Server, line: Cutting, known: dict[str, Any]
) -> None:
    page = open_app()
    take(page, known, "4B")
    press(page, "Ada", "Present")
    sent(page)
    line.is_away = True
    page.clock.run_for(31 * 60_000)  # the register closes at its time meanwhile
    press_label = page.locator("[data-lines] > li", has_text="Bo").locator(".codes label", has_text="Late")
    press_label.click()
    expect(page.locator("[data-said]")).to_have_text(
        "The register is closed. Write down why, then choose again."
    )
    expect(page.get_by_label("Why a mark is changed")).to_be_focused()
    page.keyboard.type("Bus", delay=120)
    press(page, "Bo", "Late")
    expect(page.locator("[data-status]")).to_contain_text("1 mark not sent yet")
    line.is_away = False
    sent(page, 20_000)
    assert books.rows("SELECT symbol, reason FROM attendance_mark WHERE reason <> ''") == [("U", "Bus")]


def test_names_go_when_the_sign_in_is_over_and_the_marks_wait_for_who_made_them(
    open_app: OpenApp, books: Books, line: Cutting, known: dict[str, Any]
) -> None:
    page = open_app()
    take(page, known, "4B")
    line.is_away = True
    press(page, "Ada", "Absent")
    page.clock.run_for(HOLD_MS)
    expect(page.locator("[data-status]")).to_contain_text("can't be reached")
    assert "Ada" in page.evaluate(KEPT)["names"]
    page.context.clear_cookies()  # the session expired, or was revoked, while nobody could say so
    line.is_away = False
    page.clock.run_for(20_000)
    expect(page.get_by_text("Nobody is signed in on this device any more")).to_be_visible()
    expect(page.locator("[data-status]")).to_have_text("1 mark not sent yet. Sign in to send it.")
    kept = page.evaluate(KEPT)
    assert (kept["names"], "Ada" in kept["marks"]) == ("[]", False)
    check_sizes(page, "signed out")
    sign_in(page.context, line, known, "sam")
    page.reload()
    ready(page)
    expect(page.get_by_text("Marks of Rosa Diaz wait on this device.")).to_be_visible()
    sent(page)
    assert marks(books) == [], "never under another name"
    page.context.clear_cookies()
    sign_in(page.context, line, known, "rosa")
    page.reload()
    ready(page)
    sent(page)
    assert marks(books) == [("Ada", "N", "rosa", 0)]
    expect(page.get_by_text("Marks of Rosa Diaz wait")).to_be_hidden()


def test_what_was_asked_before_a_sign_out_brings_no_name_back_after_it(
    open_app: OpenApp, line: Cutting, known: dict[str, Any], server: Server
) -> None:
    """The page asks every twenty seconds, and on a slow network the answer is on its way for as long."""
    page = open_app()
    take(page, known, "4B")
    page.evaluate("() => { location.hash = ''; }")
    arrives, kept = threading.Event(), len(line.seen)
    line.slow = ("app/today", arrives)
    page.clock.run_for(21_000)
    wait_until(lambda: line.slow is None)
    page.get_by_role("button", name="Sign out and erase").click()
    arrives.set()
    expect(page.get_by_text("Nobody is signed in on this device any more")).to_be_visible()
    wait_until(lambda: len(line.seen) > kept + 1)
    expect(page.locator("[data-said]")).to_have_text("Signed out. The names on this device are erased.")
    line.is_away = True
    assert page.evaluate(KEPT)["names"] == "[]"
    assert "Ada" not in page.content()


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def test_a_device_forgets_names_at_sign_out_after_the_day_and_at_the_sign_in_page(
    open_app: OpenApp, line: Cutting, known: dict[str, Any], server: Server
) -> None:
    page = open_app()
    take(page, known, "4B")
    page.evaluate("() => { location.hash = ''; }")
    assert "Ada" in page.evaluate(KEPT)["names"]
    assert "Ada" in page.content(), "of the register that was open before"
    line.is_away = True
    page.get_by_role("button", name="Sign out and erase").click()
    expect(page.locator("[data-said]")).to_have_text("Signed out. The names on this device are erased.")
    assert page.evaluate(KEPT) == {"names": "[]", "marks": "[]"}
    assert "Ada" not in page.content(), "nor is a name in what the page only hides"
    line.is_away = False
    page.reload()  # the session ends as soon as the server is there
    expect(page.get_by_text("Nobody is signed in on this device any more")).to_be_visible()
    assert page.goto(f"{line.address}/staff/registers/") is not None
    expect(page).to_have_url(re.compile("/sign-in/"))
    other = open_app("sam")
    line.is_away = True
    other.clock.run_for(24 * 3600 * 1000)
    expect(other.get_by_text("this device does not keep today's registers yet")).to_be_visible()
    assert other.evaluate(KEPT)["names"] == "[]"
    line.is_away = False
    other.reload()
    ready(other)
    assert "Ada" in other.evaluate(KEPT)["names"]
    other.context.clear_cookies()
    other.goto(f"{line.address}/sign-in/")
    for _ in range(50):
        if other.evaluate(KEPT)["names"] == "[]":
            break
        other.wait_for_timeout(100)
    assert other.evaluate(KEPT)["names"] == "[]"


def test_where_a_browser_keeps_no_page_it_says_so_and_works(
    server: Server, line: Cutting, books: Books, known: dict[str, Any]
) -> None:
    browsers = held.browsers()
    context = browsers.open(
        None, allowed=False, service_workers="block", viewport={"width": 390, "height": 844}
    )
    # As at http://192.0.2.7: no secure context, so no worker and no sealing.
    context.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    sign_in(context, line, known, "rosa")
    page = context.new_page()
    page.goto(line.address + APP)
    expect(page.locator("[data-register-app]")).to_have_attribute("data-ready", "")
    expect(page.get_by_text("At this address the browser keeps nothing")).to_be_visible()
    take(page, known, "4B")
    press(page, "Ada", "Illness")
    arrive(page, books, [("Ada", "I", "rosa", 0)])
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING)
    browsers.end_test()


def test_a_register_is_taken_with_the_keyboard_alone(
    line: Cutting, known: dict[str, Any], books: Books
) -> None:
    browsers = held.browsers()
    context = browsers.open(
        None, allowed=False, viewport={"width": PHONE[0], "height": PHONE[1]}, locale="en-GB"
    )
    sign_in(context, line, known, "rosa")
    page = context.new_page()
    page.goto(f"{line.address}/staff/registers/")
    press_key(page, "Take the register 4B, Morning")
    expect(page.get_by_role("heading", name="4B")).to_be_visible()
    press_key(page, "Present: all 2")
    expect(page.get_by_text("Here: 2. Away: 0. Not marked: 0.")).to_be_visible()
    page.wait_for_load_state()
    tab_to(page, "Present")  # Ada's, the first in the list
    page.keyboard.press("ArrowRight")  # late
    page.keyboard.press("ArrowRight")
    expect(page.locator("input:focus")).to_have_value("N")
    press_key(page, "Save")
    expect(page.get_by_text("Here: 1. Away: 1. Not marked: 0.")).to_be_visible()
    browsers.end_test()
    arrive(page, books, [("Ada", "/", "rosa", 0), ("Ada", "N", "rosa", 0), ("Bo", "/", "rosa", 0)])
