"""A roll call on phones in a real browser: the server killed, phones put together, twenty at once."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from tests.pages.console.site import check_sizes
from tests.support import held
from tests.support.browser import PHONE, Books
from tests.support.clips import write_codes
from tests.support.cutting import Cutting
from tests.support.figures import note_figure
from tests.support.meant import meant
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment

APP = "/staff/roll-call/app/"
PUPILS = 60
MERGED = 1500
EVERYTHING = "Everything is sent."
OpenApp = Callable[..., Page]
# A phone that got this page, and 1,500 ticks of twenty phones, before the server was gone: its codes as text.
CODES = """async ([folder, people, key, isWide]) => {
  const { keyOf, makeCodes, rosterOf } = await import(`${folder}codes.js`);
  const at = (seconds) => new Date(1790000000000 + seconds * 1000).toISOString();
  const device = (place) => `00000000-0000-4000-8000-${String(place).padStart(12, "0")}`;
  const tick = (id, place) => ({
    subject: id,
    state: place % 40 ? "safe" : "found",
    at: at((place * 7919) % 600),
    device: device(place % 20),
    by: 1 + (place % 20),
  });
  const ticks = people.map(({ id }, place) => tick(id, place));
  const call = { id: device(999), kind: "live", started_at: at(-30), user: 1 };
  const begun = performance.now();
  const how = { roster: await rosterOf(people), key: await keyOf(key) };
  const codes = await makeCodes({ call, ticks, isWide, ...how });
  return { codes, ticks, milliseconds: performance.now() - begun };
}"""
READ = """async ([folder, people, key, texts]) => {
  const { Collected, keyOf, readCode, rosterOf } = await import(`${folder}codes.js`);
  const how = { roster: await rosterOf(people), key: await keyOf(key) };
  const [collected, found, refused] = [new Collected(), new Map(), []];
  for (const text of texts) {
    try {
      const code = await readCode(text, how);
      collected.add(code);
      for (const tick of code.ticks) found.set(JSON.stringify(tick), tick);
    } catch (error) {
      refused.push(error.cause ?? String(error));
    }
  }
  const { missing, isWhole } = collected;
  return { missing, isWhole, ticks: [...found.values()], refused };
}"""
# What the page keeps of the list in its database, read as any script of the page could.
KEPT = """() => new Promise((resolve) => {
  const request = indexedDB.open("willing-roll-call");
  request.onsuccess = () => {
    const all = request.result.transaction("held").objectStore("held").getAll();
    all.onsuccess = () => { request.result.close(); resolve(JSON.stringify(all.result)); };
  };
})"""
# A black and white picture of a code's text, as one string of 0 and 1 for each row.
DRAWN = """async ([folder, texts]) => {
  const { encodeQR } = await import("/static/ui/parts/qr/index.js");
  const how = { ecc: "low", encoding: "alphanumeric", border: 4 };
  const said = (row) => row.map((one) => (one ? "1" : "0")).join("");
  return texts.map((text) => encodeQR(text, "raw", how).map(said));
}"""

# What another phone shows, which had begun a roll call of its own a minute ago and ticked everyone of these.
TOLD = """async ([folder, people, key, user]) => {
  const { keyOf, makeCodes, rosterOf } = await import(`${folder}codes.js`);
  const at = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
  const device = crypto.randomUUID();
  const state = ({ expected }) => (expected ? "safe" : "found");
  const tick = (one) => ({ subject: one.id, state: state(one), at: at(30), device, by: user });
  const call = { id: crypto.randomUUID(), kind: "live", started_at: at(60), user };
  const how = { roster: await rosterOf(people), key: await keyOf(key) };
  return makeCodes({ call, ticks: people.map(tick), isWide: true, ...how });
}"""
# The camera of this page sees this code from now on, drawn as above.
SEEN = """(rows) => {
  const [canvas, square] = [document.createElement("canvas"), 4];
  canvas.width = canvas.height = rows.length * square;
  const context = canvas.getContext("2d");
  const whole = [0, 0, canvas.width, canvas.height];
  context.fillStyle = "#fff";
  context.fillRect(...whole);
  context.fillStyle = "#000";
  for (const [high, row] of rows.entries())
    for (const [across, one] of [...row].entries())
      if (one === "1") context.fillRect(across * square, high * square, square, square);
  const drawing = CanvasRenderingContext2D.prototype;
  window.look ??= drawing.getImageData;
  const picture = window.look.apply(context, whole);
  drawing.getImageData = () => picture;
}"""


def seeded(
    tmp_path_factory: pytest.TempPathFactory, pupils: int, wardens: int
) -> tuple[Path, dict[str, Any]]:
    home = tmp_path_factory.mktemp("roll-call") / "home"
    give_tables(home)
    command = [sys.executable, "-m", "tests.journeys.seed_roll_call", str(pupils), str(wardens)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return home, json.loads(done.stdout)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small school with two points and three wardens."""
    return seeded(tmp_path_factory, PUPILS, 3)


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
    """What lies between the phones and the server."""
    cutting = Cutting(server.port)
    yield cutting
    cutting.close()


@pytest.fixture
def open_app(line: Cutting, known: dict[str, Any]) -> Iterator[OpenApp]:
    """Open the app on a phone of its own, signed in as a warden."""
    browsers = held.browsers()
    errors: list[str] = []

    def open_(
        who: str = "warden1",
        *,
        clip: Path | None = None,
        cameras: int = 0,
        language: str = "en-GB",
        without: str = "",
    ) -> Page:
        size = {"width": PHONE[0], "height": PHONE[1]}
        # Where a worker of the page answers for the network, no request can be stopped here.
        workers = "block" if without else "allow"
        how = {"viewport": size, "locale": language, "service_workers": workers}
        context = browsers.open(clip, allowed=True, cameras=cameras, **how)
        sign_in(context, line.address, known, who)
        page = context.new_page()
        if without:
            page.route(without, lambda route: route.abort())
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: note_policy(errors, message))
        page.goto(line.address + APP)
        expect(app(page)).to_have_attribute("data-ready", "")
        if not without:
            expect(app(page)).to_have_attribute("data-kept", "")
        return page

    yield open_
    browsers.end_test()
    assert errors == []


def note_policy(errors: list[str], message: ConsoleMessage) -> None:
    if "Content Security" in message.text:
        errors.append(message.text)


def sign_in(context: BrowserContext, address: str, known: dict[str, Any], who: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": known["sessions"][who], "url": address}])


def app(page: Page) -> Any:
    return page.locator("[data-warden-app]")


def row(page: Page, name: str) -> Any:
    return page.locator("[data-rows] > li", has_text=name)


def tick(page: Page, name: str) -> None:
    row(page, name).locator("[data-tick]").click()
    expect(row(page, name).locator("[data-tick]")).to_have_attribute("aria-pressed", "true")


def start(page: Page, kind: str = "drill") -> None:
    """Start a roll call in two presses."""
    page.locator(f"[data-start-{kind}]").click()
    page.locator("[data-confirm-yes]").click()
    expect(page.locator("[data-call]")).to_have_class(re.compile(kind))


def end(page: Page) -> None:
    """End it in two presses."""
    page.locator("[data-ask-end]").click()
    page.locator("[data-confirm-yes]").click()


def read_codes(page: Page) -> None:
    """Let a phone read another's codes, in two presses."""
    page.locator("[data-merge] > summary").click()
    page.locator("[data-read-codes]").click()


def ticks(books: Books) -> list[tuple[Any, ...]]:
    """Return every tick that the server has: whose, which state, by whom."""
    return books.rows(
        "SELECT p.given_name, t.state, u.username FROM rollcall_tick t JOIN rollcall_listed l "
        "ON l.id = t.listed_id JOIN people_person p ON p.id = l.person_id JOIN accounts_user u "
        "ON u.id = t.user_id ORDER BY t.number"
    )


def arrived(books: Books, count: int, seconds: float = 30) -> list[tuple[Any, ...]]:
    """Wait until the server has so many ticks."""
    until = time.monotonic() + seconds
    while len(found := ticks(books)) < count and time.monotonic() < until:
        time.sleep(0.1)
    assert len(found) == count, found
    return found


def first_to_see(books: Books, name: str) -> str:
    """Return which warden is named for a person: of the earliest second, and in it of the first device."""
    rows = books.rows(
        "SELECT u.display_name, p.given_name FROM rollcall_tick t JOIN rollcall_listed l "
        "ON l.id = t.listed_id JOIN people_person p ON p.id = l.person_id JOIN accounts_user u "
        "ON u.id = t.user_id ORDER BY t.device_at, t.device"
    )
    return str(next(warden for warden, person in rows if person == name))


def test_a_start_shows_on_the_other_phones_and_two_wardens_who_tick_one_person_are_one_result(
    open_app: OpenApp, books: Books, line: Cutting
) -> None:
    first, second = open_app("warden1"), open_app("warden2")
    expect(first.locator("[data-rows] > li")).to_have_count(PUPILS + 4)  # the staff are on it too
    expect(row(first, "Pupil 0001").locator("[data-medical]")).to_have_text("needs an adrenaline pen")
    check_sizes(first, "before")
    first.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    first.locator("[data-start-drill]").click()
    begun = time.perf_counter()
    first.locator("[data-confirm-yes]").click()
    expect(second.locator("[data-call-kind]")).to_have_text("DRILL")
    note_figure("a start, on another phone", time.perf_counter() - begun, "s")
    line.is_away = True  # neither knows of the other's tick when they press
    tick(first, "Pupil 0001")
    tick(second, "Pupil 0001")
    line.is_away = False
    arrived(books, 2)
    seen_by = re.compile(rf"^Here, \d\d:\d\d, {first_to_see(books, 'Pupil 0001')}$")
    for page in (first, second):
        expect(page.locator("[data-call-count]")).to_contain_text("1 of")
        expect(page.locator("[data-status]")).to_have_text(EVERYTHING)
        expect(row(page, "Pupil 0001").locator("[data-state]")).to_have_text(seen_by)
    states = [row(page, "Pupil 0001").locator("[data-state]").inner_text() for page in (first, second)]
    assert states[0] == states[1]
    # A tick that was wrong is answered by another, on whichever phone.
    row(second, "Pupil 0001").locator("[data-back]").click()
    expect(row(first, "Pupil 0001").locator("[data-state]")).to_contain_text("Not here after all")
    tick(first, "Pupil 0002")
    first.locator("[data-undo]").click()
    expect(row(second, "Pupil 0002").locator("[data-state]")).to_contain_text("Not here after all")
    assert [one[1] for one in arrived(books, 5)] == ["safe", "safe", "missing", "safe", "missing"]
    first.locator("[data-search]").fill("0007")
    expect(first.locator("[data-rows] > li")).to_have_count(1)
    first.locator("[data-search]").fill("oak 0007 00")
    expect(first.locator("[data-rows] > li")).to_have_count(1)
    check_sizes(second, "running")
    second.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    end(second)
    expect(first.locator("[data-call-begun]")).to_contain_text("Over since")
    expect(row(first, "Pupil 0007").locator("[data-tick]")).to_be_disabled()


def test_a_drill_goes_on_with_the_server_killed_and_the_network_cut_and_every_tick_arrives_once(
    open_app: OpenApp, books: Books, server: Server, line: Cutting
) -> None:
    first, second = open_app("warden1"), open_app("warden2")
    start(first)
    expect(second.locator("[data-call-kind]")).to_have_text("DRILL")
    assert server.process is not None
    server.process.kill()
    server.process.wait(timeout=10)
    line.is_away = True
    for page in (first, second):
        page.context.set_offline(True)
        expect(page.locator("[data-status]")).to_contain_text("can't be reached", timeout=20_000)
    for at in range(1, 6):
        tick(first, f"Pupil {at:04}")
        tick(second, f"Pupil {at + 4:04}")
    begun = time.perf_counter()
    second.reload()  # the phone was restarted: the page, the list and the ticks are there
    expect(app(second)).to_have_attribute("data-shown", "")
    expect(row(second, "Pupil 0009").locator("[data-tick]")).to_have_attribute("aria-pressed", "true")
    note_figure(f"{PUPILS} names opened without a server", time.perf_counter() - begun, "s")
    expect(second.locator("[data-call-kind]")).to_have_text("DRILL")
    expect(second.locator("[data-status]")).to_contain_text("5 ticks not sent yet")
    check_sizes(second, "away")
    second.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    server.start()
    line.is_away = False
    for page in (first, second):
        page.context.set_offline(False)
    found = arrived(books, 10)
    assert len(set(found)) == 10
    for page in (first, second):
        expect(page.locator("[data-status]")).to_have_text(EVERYTHING, timeout=30_000)
        expect(page.locator("[data-call-count]")).to_contain_text("9 of")


def test_a_roll_call_that_begins_without_the_server_is_told_once_it_is_there(
    open_app: OpenApp, books: Books, line: Cutting
) -> None:
    page = open_app()
    line.is_away = True
    expect(page.locator("[data-status]")).to_contain_text("can't be reached", timeout=40_000)
    start(page, "live")
    expect(page.locator("[data-call-kind]")).to_have_text("EMERGENCY")
    expect(page.locator("[data-status]")).to_contain_text("The start is not sent yet.")
    tick(page, "Pupil 0003")
    expect(page.locator("[data-status]")).to_contain_text("1 tick not sent yet")
    line.is_away = False
    assert arrived(books, 1) == [("Pupil 0003", "safe", "warden1")]
    assert books.rows("SELECT kind, ended_at FROM rollcall_rollcall") == [("live", None)]
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING)
    line.is_away = True
    end(page)
    expect(page.locator("[data-status]")).to_contain_text("The end is not sent yet", timeout=40_000)
    line.is_away = False
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING, timeout=40_000)
    other = open_app("cook")
    expect(other.locator("[data-not-warden]")).to_be_visible()
    expect(other.locator("[data-list]")).to_be_hidden()
    assert "Oak" not in meant(other.content())


def test_a_name_is_looked_for_from_anywhere_in_the_list_and_no_press_loses_the_focus(
    open_app: OpenApp, line: Cutting
) -> None:
    page = open_app()
    line.is_away = True  # nobody waits for the server to go on
    start(page)
    expect(page.locator("[data-call-kind]")).to_be_focused(timeout=1000)
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    search = page.locator("[data-search]")
    expect(search).to_be_in_viewport(ratio=1)
    search.fill("pupil")
    expect(row(page, "Pupil 0001")).to_be_in_viewport(ratio=1)
    tick(page, "Pupil 0001")
    page.locator("[data-undo]").focus()
    page.keyboard.press("Enter")
    expect(row(page, "Pupil 0001").locator("[data-tick]")).to_be_focused()
    page.evaluate("window.scrollTo(0, 0)")
    end(page)
    expect(page.locator("[data-start-drill]")).to_be_focused(timeout=1000)


def test_ticking_down_the_page_of_a_roll_call_stays_where_it_was_pressed(open_app: OpenApp) -> None:
    page = open_app()
    start(page)
    page.goto(f"{page.url.split('/staff/')[0]}/staff/roll-call/")
    page.get_by_role("link", name="Who is not there yet").click()
    place = page.locator(".roll-lines > li", has_text="Pupil 0040")
    place.get_by_role("button", name="Is there").click()
    said = page.locator(".roll-lines > li > #notices")
    expect(said).to_contain_text("Ticked.")
    expect(said).to_be_focused()
    expect(said).to_be_in_viewport(ratio=1)
    expect(page.locator(".roll-lines > li:has(#notices)")).to_contain_text("Pupil 0041")
    check_sizes(page, "ticked on the server's page")


def test_names_go_at_sign_out_and_at_the_days_end_but_not_while_people_are_looked_for(
    open_app: OpenApp, line: Cutting, known: dict[str, Any]
) -> None:
    page = open_app()
    start(page, "test")
    page.context.clear_cookies()
    expect(page.locator("[data-signed-out]")).to_be_visible(timeout=40_000)
    tick(page, "Pupil 0004")
    sign_in(page.context, line.address, known, "warden1")
    page.reload()
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING, timeout=20_000)
    end(page)
    expect(page.locator("[data-status]")).to_have_text(EVERYTHING)
    page.locator("summary", has_text="On this phone").click()
    assert "Pupil 0004" in page.content()
    page.locator("[data-sign-out]").click()
    expect(page.locator("[data-signed-out]")).to_be_visible()
    expect(page.locator("[data-list]")).to_be_hidden()
    assert "Pupil 0004" not in page.content(), "nor is a name in what the page only hides"
    page.reload()
    expect(page).to_have_url(re.compile("/sign-in/"))
    assert page.evaluate(KEPT) == "[]"


def test_the_list_is_asked_for_anew_after_five_minutes_while_the_page_is_open(open_app: OpenApp) -> None:
    page = open_app()
    page.clock.install()
    # News of another test's phone would bring a list, too.
    page.route("**/staff/roll-call/wait/**", lambda _held: None)
    page.reload()
    expect(app(page)).to_have_attribute("data-ready", "")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/roll-call/list/" in one.url else None)
    page.clock.fast_forward("04:40")
    expect(page.locator("[data-age]")).to_contain_text("4 minutes")
    assert asked == []
    page.clock.fast_forward("00:30")
    expect(page.locator("[data-age]")).to_contain_text("0 minutes")
    assert len(asked) == 1


def people(count: int) -> list[dict[str, str]]:
    """Return so many people by ids of their own, as a list names them."""
    made = [f"{at * 2654435761 % 2**32:08x}-0000-4000-8000-{at:012x}" for at in range(count)]
    return [{"id": one, "kind": "pupil"} for one in made]


FOLDER = "/static/console/warden_app/"
KEY = "5a" * 32


def test_1500_ticks_fit_into_six_codes_and_every_bad_code_is_refused_by_its_cause(open_app: OpenApp) -> None:
    page = open_app()
    everyone = people(MERGED)
    made = page.evaluate(CODES, [FOLDER, everyone, KEY, False])
    codes, sent = made["codes"], made["ticks"]
    note_figure("codes for 1,500 ticks", len(codes), "")
    note_figure("characters of a code", max(map(len, codes)), "")
    assert len(codes) <= 6

    def read(texts: list[str], **changed: Any) -> Any:
        how = {"people": everyone, "key": KEY, **changed}
        return page.evaluate(READ, [FOLDER, how["people"], how["key"], texts])

    # In any order, some of them twice.
    found = read([*reversed(codes), *codes])
    assert (found["isWhole"], found["missing"], found["refused"]) == (True, [], [])
    second = [{**one, "at": one["at"].replace(".000Z", "Z")} for one in sent]
    assert sorted(map(str, found["ticks"])) == sorted(
        str({key: one[key] for key in ("subject", "state", "at", "device", "by")}) for one in second
    )
    # One of them is missing: the others count all the same, and it is said which.
    partly = read([*codes[:2], *codes[3:]])
    assert (partly["missing"], len(partly["ticks"])) == ([3], MERGED - MERGED // len(codes))
    damaged = codes[0][:-9] + ("A" if codes[0][-9] != "A" else "B") + codes[0][-8:]
    foreign = ["https://school.example/c#1.ABC", "", "WRC1:", "WRC1:AB CD?", "WRC1:ÿ", "WRC1:" + ":::" * 300]
    assert set(read(foreign)["refused"]) == {"foreign"}
    assert read([damaged, codes[0].replace("WRC1", "WRC2")])["refused"] == ["unproven", "newer"]
    assert set(read(codes, key="5b" * 32)["refused"]) == {"unproven"}, "another school's, or another day's"
    # A list with one person more: refused, unless the codes name each person by id.
    assert set(read(codes, people=[*everyone, *people(MERGED + 1)[-1:]])["refused"]) == {"roster"}
    wide = page.evaluate(CODES, [FOLDER, everyone, KEY, True])
    anyone = read(wide["codes"], people=everyone[:700])
    assert (anyone["isWhole"], len(anyone["ticks"])) == (True, MERGED)


def test_a_phone_reads_another_phones_1500_ticks_with_its_camera_and_then_shows_codes_itself(
    open_app: OpenApp, tmp_path: Path, books: Books
) -> None:
    maker = open_app("warden2")
    listed = maker.evaluate("(url) => fetch(url).then((one) => one.json())", "/staff/roll-call/list/")
    strangers = MERGED - len(listed["people"])
    everyone = [*listed["people"], *people(strangers)]
    # The reader's list has the same roster: what it asks for is answered with it.
    made = maker.evaluate(CODES, [FOLDER, everyone, listed["merge_key"], False])
    assert len(made["codes"]) <= 6
    drawn = maker.evaluate(DRAWN, [FOLDER, made["codes"]])
    clip = write_codes(tmp_path / "codes.mjpeg", drawn)
    phone = open_app("warden1", clip=clip)
    more = [{**listed["people"][0], **one, "name": f"Guest {at}"} for at, one in enumerate(people(strangers))]

    def answer(route: Any) -> None:
        content = route.fetch().json()
        route.fulfill(json={**content, "people": [*content["people"], *more]})

    phone.route("**/roll-call/list/**", answer)
    phone.reload()
    expect(app(phone)).to_have_attribute("data-ready", "")
    start(phone, "live")
    phone.context.set_offline(True)
    phone.unroute("**/roll-call/list/**")  # it answers without a network, too
    begun = time.perf_counter()
    read_codes(phone)
    expect(phone.locator("[data-read-state]")).to_have_text(
        f"All {len(made['codes'])} codes of the other phone are read.", timeout=60_000
    )
    seconds = time.perf_counter() - begun
    expect(phone.locator("[data-call-missing]")).to_have_text(
        "Everyone who is expected is here.", timeout=20_000
    )
    expect(phone.locator("[data-reading]")).to_be_hidden()
    assert phone.locator("video").evaluate("(one) => one.srcObject") is None, "the camera is off"
    note_figure("1,500 ticks read by another phone's camera", seconds, "s")
    # And back: this phone shows what it knows now.
    phone.locator("[data-reader] [data-close-merge]").click()
    phone.locator("[data-show-codes]").click()
    expect(phone.locator("[data-code-number]")).to_contain_text(f"of {len(made['codes'])}")
    phone.locator("[data-pause-codes]").click()
    check_sizes(phone, "codes")


def test_the_list_and_its_alarm_work_where_the_part_for_codes_does_not_come(
    open_app: OpenApp, line: Cutting
) -> None:
    phone = open_app("warden1", without="**/parts/qr/**")
    start(open_app("warden2"))
    expect(phone.locator("[data-call-kind]")).to_have_text("DRILL")
    tick(phone, "Pupil 0001")
    expect(phone.locator("[data-status]")).to_have_text(EVERYTHING)
    line.is_away = True
    read_codes(phone)
    expect(phone.locator("[data-said]")).to_contain_text("did not come")
    expect(phone.locator("[data-reader]")).to_be_hidden()
    line.is_away = False
    phone.unroute_all()
    expect(phone.locator("[data-status]")).to_have_text(EVERYTHING, timeout=20_000)
    phone.locator("[data-read-codes]").click()
    expect(phone.locator("[data-reader]")).to_be_visible()


def test_nobody_ticked_is_lost_when_the_server_answers_between_two_codes_of_an_earlier_call(
    open_app: OpenApp, books: Books
) -> None:
    """Three began apart, of one kind: the phone's own, the one in the codes, and the one on the server."""
    other = open_app("warden2")
    listed = other.evaluate("(url) => fetch(url).then((one) => one.json())", "/staff/roll-call/list/")
    ticked = [one for one in listed["people"] if not one["name"].startswith("Pupil 0001")]
    codes = other.evaluate(TOLD, [FOLDER, ticked, listed["merge_key"], listed["user"]["id"]])
    first, *rest = other.evaluate(DRAWN, [FOLDER, codes])
    assert rest, "one code alone has no order"
    phone = open_app("warden1", cameras=1)
    phone.context.set_offline(True)
    start(phone, "live")
    phone.evaluate(SEEN, first)
    read_codes(phone)
    expect(phone.locator("[data-read-state]")).to_contain_text(f"1 of {len(codes)}")
    start(other, "live")
    phone.context.set_offline(False)
    expect(phone.locator("[data-status]")).to_have_text(EVERYTHING, timeout=20_000)
    tick(phone, "Pupil 0001")
    expect(phone.locator("[data-status]")).to_have_text(EVERYTHING, timeout=20_000)
    expect(phone.locator("video")).to_have_js_property("paused", False)
    phone.locator("[data-merge] > summary").click()
    expect(phone.locator("video")).to_have_js_property("srcObject", None)  # folded away, it is off
    early = len(ticks(books))
    assert 1 < early < PUPILS, "those of the first code, and the warden's own"
    phone.context.set_offline(True)
    phone.evaluate(SEEN, first)
    read_codes(phone)
    expect(phone.locator("[data-read-state]")).to_contain_text(f"1 of {len(codes)}")
    for number, rows in enumerate(rest, start=2):
        phone.evaluate(SEEN, rows)
        said = "All" if number == len(codes) else str(number)
        expect(phone.locator("[data-read-state]")).to_contain_text(re.compile(f"^{said} "))
    expect(phone.locator("[data-call-missing]")).to_have_text("Everyone who is expected is here.")
    expect(row(phone, "Pupil 0001").locator("[data-tick]")).to_have_attribute("aria-pressed", "true")
    phone.context.set_offline(False)
    arrived(books, PUPILS)
    assert books.rows("SELECT COUNT(*) FROM rollcall_rollcall") == [(1,)]
    for page in (phone, other):
        expect(page.locator("[data-call-missing]")).to_have_text("Everyone who is expected is here.")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A school of 1,500 with twenty wardens."""
    return seeded(tmp_path_factory, MERGED, PHONES)


PHONES, EACH, TICKS_A_MINUTE = 20, 10, 200
# In which of the ten rounds the server is killed and the network cut, and in which both are back.
CUT, BACK = 3, 8


@pytest.mark.whole
def test_twenty_phones_tick_200_a_minute_of_1500_through_a_killed_server_and_a_cut_network(
    large: tuple[Path, dict[str, Any]],
) -> None:
    home, known = large
    server = held.server(home)
    browsers = held.browsers()
    size = {"width": PHONE[0], "height": PHONE[1]}
    phones = []
    for at in range(1, PHONES + 1):
        context = browsers.open(None, allowed=True, viewport=size, locale="en-GB")
        sign_in(context, server.address, known, f"warden{at}")
        phones.append(context.new_page())
        phones[-1].goto(server.address + APP)
        expect(app(phones[-1])).to_have_attribute("data-ready", "", timeout=60_000)
        phones[-1].evaluate(WATCH_START)
    phones[0].locator("[data-start-live]").click()
    pressed = phones[0].evaluate("Date.now()")
    phones[0].locator("[data-confirm-yes]").click()
    for phone in phones:
        expect(phone.locator("[data-call-kind]")).to_have_text("EMERGENCY", timeout=60_000)
    shown = sorted(phone.evaluate("window.__begun") - pressed for phone in phones)
    note_figure("a start, on the eleventh of 20 phones", shown[10] / 1000, "s")
    note_figure("a start, on the last of 20 phones", shown[-1] / 1000, "s")
    begun, books = time.perf_counter(), Books(server.home)
    # Each phone ticks ten of its own, in turn, two hundred a minute in all; then all tick the same person.
    for round_ in range(EACH):
        if round_ == CUT:
            kill_and_cut(server, phones)
        if round_ == BACK:
            assert len(ticks(books)) <= CUT * PHONES, "none arrived meanwhile"
            open_again(phones[0])
            server.start()
            for phone in phones:
                phone.context.set_offline(False)
        for at, phone in enumerate(phones):
            press(phone, f"Pupil {1 + round_ * PHONES + at:04}")
            due = begun + (round_ * PHONES + at + 1) * 60 / TICKS_A_MINUTE
            phone.wait_for_timeout(max(0.0, due - time.perf_counter()) * 1000)
    seconds = time.perf_counter() - begun
    arrived(books, EACH * PHONES, 60)
    late = time.perf_counter() - begun - seconds
    note_figure(f"seconds for {EACH * PHONES} ticks of 20 phones", seconds, "s")
    note_figure("the last of them in the database, after the last press", late, "s")
    for phone in phones:
        press(phone, "Pupil 1500")
    # Whoever has heard of another's tick by then is told so and makes none; the others' are all there.
    for phone in phones:
        expect(phone.locator("[data-call-count]")).to_contain_text("201 of", timeout=60_000)
        expect(phone.locator("[data-status]")).to_have_text(EVERYTHING, timeout=60_000)
    found = ticks(books)
    assert len({one[0] for one in found}) == EACH * PHONES + 1
    assert len(set(found)) == len(found), "none came twice"
    assert EACH * PHONES < len(found) <= EACH * PHONES + PHONES
    browsers.end_test()


def kill_and_cut(server: Server, phones: list[Page]) -> None:
    """Let the server die, and every phone be without a network."""
    assert server.process is not None
    server.process.kill()
    server.process.wait(timeout=10)
    for phone in phones:
        phone.context.set_offline(True)


# An old phone, as far as a browser can be slowed down like one.
SLOWER = {
    1: "1,500 names opened without a server",
    4: "the same, on a processor four times slower",
}


def open_again(phone: Page) -> None:
    """Restart a phone that has neither: the names, the roll call and its ticks are there."""
    expect(app(phone)).to_have_attribute("data-kept", "", timeout=60_000)
    waiting = phone.locator("[data-status]").inner_text().split(" ticks not sent yet")[0]
    assert int(waiting) >= BACK - CUT  # and what was pressed just before the cut
    throttle = phone.context.new_cdp_session(phone)
    for slower, name in SLOWER.items():
        throttle.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        begun = time.perf_counter()
        phone.reload()
        expect(app(phone)).to_have_attribute("data-shown", "")
        expect(phone.locator("[data-call-kind]")).to_have_text("EMERGENCY")
        note_figure(name, time.perf_counter() - begun, "s")
    throttle.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect(phone.locator("[data-status]")).to_contain_text(f"{waiting} ticks not sent yet")


WATCH_START = """() => {
  const call = document.querySelector("[data-call]");
  const note = () => { if (!call.hidden) window.__begun ??= Date.now(); };
  new MutationObserver(note).observe(call, { attributes: true });
}"""


def press(page: Page, name: str) -> None:
    """Find a person among 1,500 and tick them."""
    page.locator("[data-search]").fill(name)
    row(page, name).locator("[data-tick]").click()
