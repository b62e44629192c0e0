"""A lane's camera in a real browser: the face after the press, the code on card or badge, and dark else."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.journeys.conftest import Seeded
from tests.journeys.test_card_shares import Recorder, files_with
from tests.pages.console.site import check_sizes
from tests.support.browser import DESKTOP, WATCH, Books, Browsers
from tests.support.clips import frame, one_person, text_frame, write_clip
from tests.support.server import ROOT, Server, environment

from willing.credentials.shares import PrintedCard, card_text

pytestmark = pytest.mark.face
PASSAGES = """SELECT way, person_id, visit_id IS NOT NULL, waited_tenths IS NULL
FROM gate_passage ORDER BY received_at"""
ADDRESS = "https://school.example/c"
WAYS = "Way in"
BY_CAMERA = "Show your card to the camera"
OFFLINE = "The school's computer does not answer."
# Whether the camera was dark at each new screen.
WATCH_SCREENS = """new MutationObserver((changes) => {
  const isNew = changes.some(({ addedNodes }) => [...addedNodes].some((one) => one.id === "screen"));
  if (isNew) window.__camera.liveAtSwap.push(window.__camera.live());
}).observe(document, { childList: true, subtree: true });"""
SCREEN = "#screen"


class Lane:
    """A tablet that is a lane, which nobody is signed in at."""

    def __init__(self, page: Page, made: dict[str, Any], server: Server, school: dict[str, Any]) -> None:
        self.page, self.made, self.server = page, made, server
        self.cast: dict[str, dict[str, Any]] = school["cast"]
        self.books = Books(server.home)
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if "Content Security Policy" in message.text or "Permissions policy" in message.text:
            self.errors.append(message.text)

    def button(self, name: str) -> Any:
        """Return a button or a link of the lane."""
        return self.page.locator(SCREEN).get_by_role("button", name=name, exact=True)

    def scan(self, code: str) -> None:
        """Let a reader type."""
        self.page.wait_for_timeout(150)
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def stage(self, name: str) -> None:
        """Wait for a screen."""
        expect(self.page.locator(SCREEN)).to_have_attribute("data-stage", name)

    def greets(self, name: str) -> None:
        """Wait until somebody is let in."""
        expect(self.page.get_by_role("heading", name=f"Welcome, {name}", exact=True)).to_be_visible()

    def says(self, words: str) -> None:
        """Wait for a notice."""
        expect(self.page.locator(f"{SCREEN} .notice")).to_contain_text(words)

    def home(self) -> None:
        """Wait until the first screen is there by itself."""
        expect(self.page.get_by_role("heading", name=WAYS)).to_be_visible()

    def camera(self) -> dict[str, Any]:
        """Return what was done with the camera so far."""
        script = "({touched, asked, liveAtSwap, live}) => ({touched, asked, liveAtSwap, live: live()})"
        return dict(self.page.evaluate(f"({script})(window.__camera)"))

    def expect_camera_off(self, asked: int) -> None:
        """Check that it was asked for so often, and is off and was at each new screen."""
        seen = self.camera()
        assert (seen["asked"], seen["live"]) == (asked, 0), seen
        assert set(seen["liveAtSwap"]) <= {0}, seen
        assert self.page.evaluate("[...document.querySelectorAll('video')].every((one) => !one.srcObject)")

    def passages(self) -> list[tuple[str, str | None]]:
        """Return who has gone through by which way; each with how long they waited."""
        rows = self.books.rows(PASSAGES)
        assert not any(is_missing for *_, is_missing in rows), rows
        return [(way, "visitor" if is_visit else person) for way, person, is_visit, _ in rows]


OpenLane = Callable[..., Lane]
ClipOf = Callable[[dict[str, Any]], Path]


@pytest.fixture
def open_lane(
    browsers: Browsers, server: Server, school: dict[str, Any], seeded: Seeded
) -> Iterator[OpenLane]:
    """Pair a lane whose camera plays a clip, and leave nobody signed in there."""
    opened = []

    def open_(clip_of: ClipOf | None, mode: str = "verify", *, allowed: bool = True) -> Lane:
        command = [sys.executable, "-m", "tests.journeys.gate_faces", mode]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(server.home), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        made = json.loads(done.stdout)
        clip = clip_of(made) if clip_of else None
        viewport = {"width": DESKTOP[0], "height": DESKTOP[1]}
        context = browsers.open(clip, allowed=allowed, viewport=viewport, locale="en-GB")
        context.add_init_script(path=WATCH)
        context.add_init_script(WATCH_SCREENS)
        session = {"name": "sessionid", "value": school["pairing_session"], "url": server.address}
        context.add_cookies([session])  # type: ignore[list-item]
        page = context.new_page()
        lane = Lane(page, made, server, school)
        opened.append(lane)
        page.goto(f"{server.address}/gate/pair/?code={lane.made['pairing_code']}")
        page.get_by_role("button", name="Pair").click()
        lane.home()
        expect(page.locator("html")).to_have_class(re.compile("has-script"))
        return lane

    yield open_
    browsers.end_test()
    for lane in opened:
        assert lane.errors == []


def test_after_the_press_and_the_card_the_face_opens_and_a_strangers_face_leaves_the_card(
    open_lane: OpenLane, tmp_path: Path
) -> None:
    lane = open_lane(lambda _: one_person(tmp_path / "a.mjpeg", "person_a_2"))
    ana, sister = lane.cast["agrees"], lane.cast["sister"]
    lane.page.wait_for_timeout(300)
    assert lane.camera()["touched"] == 0, "nobody so much as looked whether there is a camera"
    lane.button("Use my face").click()
    lane.stage("face_card")
    assert lane.camera()["touched"] == 0, "the card comes first"
    check_sizes(lane.page, "the card before the face")
    lane.scan("WRONGCARD123")
    expect(lane.page.locator(f"{SCREEN} .notice")).to_be_visible()
    lane.scan(ana["card"])
    lane.greets("Ana")
    lane.expect_camera_off(1)
    assert lane.passages() == [("face", ana["id"])]
    lane.home()
    # A card whose owner has no face here: it is enough, and no camera runs.
    lane.button("Use my face").click()
    lane.stage("face_card")
    lane.scan(sister["card"])
    lane.greets("Mei")
    lane.expect_camera_off(1)
    assert lane.passages()[1:] == [("card", sister["id"])]


def test_who_is_not_recognised_goes_through_by_their_card_and_the_next_card_ends_the_look(
    open_lane: OpenLane, tmp_path: Path
) -> None:
    lane = open_lane(lambda _: one_person(tmp_path / "b.mjpeg", "impostor_1"))
    ana, chen = lane.cast["agrees"], lane.cast["pays_by_card"]
    lane.button("Use my face").click()
    lane.stage("face_card")
    lane.scan(ana["card"])
    lane.greets("Ana")
    lane.expect_camera_off(1)
    assert lane.passages() == [("card", ana["id"])]
    assert lane.books.rows("SELECT count(*) FROM biometrics_facesession WHERE state = 'matched'") == [(0,)]
    lane.home()
    # The next pupil holds a card to the reader while the camera looks: it stops, and both go through.
    lane.page.route("**/frame/", lambda route: route.fulfill(json={"state": "looking", "hint": "Closer"}))
    lane.button("Use my face").click()
    lane.stage("face_card")
    lane.scan(ana["card"])
    expect(lane.page.locator("[data-hint]")).to_have_text("Closer")
    check_sizes(lane.page, "looking at the camera")
    lane.scan(chen["card"])
    lane.greets("Chen")
    lane.expect_camera_off(2)
    assert lane.passages()[1:] == [("card", ana["id"]), ("card", chen["id"])]


def test_where_the_school_searches_one_press_is_enough_and_a_stranger_is_offered_every_way(
    open_lane: OpenLane, tmp_path: Path
) -> None:
    lane = open_lane(lambda _: one_person(tmp_path / "b.mjpeg", "impostor_1"), "identify")
    chen = lane.cast["pays_by_card"]
    assert lane.camera()["touched"] == 0
    lane.button("Use my face").click()
    lane.says("The camera could not be sure.")
    lane.expect_camera_off(1)
    assert lane.passages() == []
    lane.scan(chen["card"])
    lane.greets("Chen")
    assert lane.passages() == [("card", chen["id"])]


def test_a_face_that_only_the_card_opens_passes_with_the_card_that_the_camera_read(
    open_lane: OpenLane, school: dict[str, Any], tmp_path: Path
) -> None:
    hana = school["cast"]["agrees_only"]

    def clip_of(made: dict[str, Any]) -> Path:
        card = text_frame(card_text(ADDRESS, PrintedCard(hana["card"], bytes.fromhex(made["share"]))))
        faces = [frame("obama2", height=480 - 5 * step, light=1 - 0.01 * step) for step in range(8)]
        pictures = [card] * 20 + faces * 10
        return write_clip(tmp_path / "c.mjpeg", pictures, frames=len(pictures))

    lane = open_lane(clip_of)
    recorder = Recorder(lane.page.context)
    share = bytes.fromhex(lane.made["share"])
    lane.button("Use my face").click()
    lane.stage("face_card")
    lane.button(BY_CAMERA).click()
    lane.greets("Hana")
    lane.expect_camera_off(2)
    assert lane.passages() == [("face", hana["id"])]
    assert recorder.find(share) == [], "no more than its code has left the page"
    assert files_with(lane.server.home, share) == []
    lane.home()
    # Typed, the card opens no face, and is enough: no camera runs for nothing.
    lane.button("Use my face").click()
    lane.stage("face_card")  # the first screen has such a field, too
    lane.page.get_by_label("Or enter the code on it").fill(hana["card"])
    lane.page.keyboard.press("Enter")
    expect(lane.page.locator(SCREEN)).to_have_attribute("data-stage", "passed")
    lane.expect_camera_off(2)


def test_the_camera_reads_a_visitors_badge_after_the_press_and_nothing_that_is_none(
    open_lane: OpenLane, tmp_path: Path
) -> None:
    def clip_of(made: dict[str, Any]) -> Path:
        pictures = [text_frame("https://elsewhere.example/menu")] * 30 + [text_frame(made["badge"])] * 30
        return write_clip(tmp_path / "d.mjpeg", pictures, frames=len(pictures))

    lane = open_lane(clip_of)
    assert lane.camera()["touched"] == 0
    lane.button(BY_CAMERA).click()
    expect(lane.page.locator("[data-code-hint]")).to_have_text(
        re.compile("Hold the code on your card up|not the code of a card")
    )
    lane.page.keyboard.press("Escape")
    expect(lane.button("Use my face")).to_be_visible()
    lane.expect_camera_off(1)
    lane.button(BY_CAMERA).click()
    expect(lane.page.get_by_text("Please wear your badge where it is seen.")).to_be_visible()
    lane.expect_camera_off(2)
    assert lane.passages() == [("card", "visitor")]
    assert lane.books.rows("SELECT count(*) FROM credentials_failedattempt") == [(0,)]


def test_a_blocked_camera_says_so_and_leaves_every_other_way(open_lane: OpenLane, tmp_path: Path) -> None:
    lane = open_lane(lambda _: one_person(tmp_path / "a.mjpeg", "person_a_2"), allowed=False)
    ana = lane.cast["agrees"]
    lane.button(BY_CAMERA).click()
    lane.says("The camera is blocked in this browser.")
    check_sizes(lane.page, "a blocked camera")
    lane.button("Use my face").click()
    lane.stage("face_card")
    lane.scan(ana["card"])
    lane.greets("Ana")
    assert lane.passages() == [("card", ana["id"])]


def test_an_answer_that_is_lost_costs_nobody_their_passage_and_leaves_no_name_on_the_screen(
    open_lane: OpenLane,
) -> None:
    lane = open_lane(None)
    chen, sister = lane.cast["pays_by_card"], lane.cast["sister"]

    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.extend(re.findall(r'name="press"\s+([0-9a-f-]{36})', route.request.post_data or ""))
        route.fetch()
        route.abort()

    lane.page.route("**/gate/card/", lose, times=2)
    for _ in range(2):  # the same person tries again, and is written down once
        lane.scan(chen["card"])
        expect(lane.page.get_by_text(OFFLINE)).to_be_visible()
        expect(lane.page.locator(SCREEN)).not_to_have_attribute("aria-busy", "true")
    assert len(sent) == 2
    assert len(set(sent)) == 1
    lane.scan(sister["card"])
    lane.greets("Mei")
    assert lane.passages() == [("card", chen["id"]), ("card", sister["id"])]
    lane.page.context.set_offline(True)
    expect(lane.page.get_by_text(OFFLINE)).to_be_visible()
    expect(lane.page.locator(SCREEN)).to_be_hidden()
    expect(lane.page.locator("#announcer")).to_be_empty()
    lane.page.context.set_offline(False)
    lane.home()
    expect(lane.page.get_by_text(OFFLINE)).to_be_hidden()
