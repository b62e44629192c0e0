"""A card at the enrolment desk, read by the desk's own camera: what it seals, and what ends the camera."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.test_card_and_face import begin_with_photographs, forms_of, print_card_of
from tests.journeys.test_card_shares import Recorder, files_with
from tests.journeys.test_reader import sign_in
from tests.pages.console.site import check_sizes
from tests.support.browser import Books, Till
from tests.support.clips import frame, text_frame, write_clip

from willing.credentials.shares import read_card_text

pytestmark = pytest.mark.face
BY_CAMERA = "Read the QR code by camera"
SHOWN = "[data-code-panel] video"


def open_desk(open_till: OpenTill, clip: Path, *, allowed: bool = True) -> Till:
    """Open Hana's enrolment in a browser whose camera plays a clip; nothing has asked for it."""
    desk = open_till(clip, allowed=allowed, paired=False)
    sign_in(desk, "office_session")
    desk.page.goto(f"{desk.server.address}/staff/enrol/?q={desk.cast['agrees_only']['given_name']}")
    desk.page.get_by_role("button", name="Start").click()
    expect(desk.page.get_by_role("button", name=BY_CAMERA)).to_be_visible()
    desk.expect_camera_untouched()
    return desk


def start_reading(page: Page) -> None:
    """Let the camera look for a card, and wait until it does."""
    page.get_by_role("button", name=BY_CAMERA).click()
    expect(page.locator(SHOWN)).to_have_js_property("readyState", 4)
    expect(page.locator("[data-code-hint]")).to_have_text("That is not the QR code of a card.")


def test_a_card_that_the_desks_camera_reads_seals_its_owners_face_and_its_share_goes_nowhere(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    office = open_till(paired=False)
    hana = office.cast["agrees_only"]
    sign_in(office, "office_session")
    square = print_card_of(office, hana)
    printed = read_card_text(square)
    assert printed is not None
    faces = [frame("obama", height=480 - 5 * step, light=1 - 0.01 * step) for step in range(8)]
    pictures = [text_frame(square)] * 30 + faces * 20
    desk = open_desk(open_till, write_clip(tmp_path / "desk.mjpeg", pictures, frames=len(pictures)))
    recorder = Recorder(desk.context)
    page = desk.page
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.get_by_role("button", name=BY_CAMERA).click()  # one camera at a time
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    expect(page.locator("[data-card-state]")).to_contain_text("is read")
    desk.expect_camera_off()
    page.get_by_role("button", name="Start the camera").click()
    done = page.get_by_role("button", name="Done", exact=True)
    expect(page.locator("[data-hint]")).to_have_text("That is plenty. Press Done.", timeout=60_000)
    page.get_by_role("radio", name="No, none", exact=True).check()
    done.click()
    page.wait_for_url(re.compile(rf"/enrol/{UUID(hana['id'])}/canteen/$"))
    kept = books.rows("SELECT holder, issue FROM biometrics_template WHERE person_id = ?", hana["id"])
    assert kept == [("card", 1)]
    assert any(printed.code in one for one in recorder.sent)
    assert recorder.find(printed.share) == []
    assert files_with(desk.server.home, printed.share) == []
    assert forms_of(desk, hana, printed.share), "it is this share that opens the face"


def read_by_camera(desk: Till, state: str, said: str) -> None:
    """Let the camera read the one card that it is shown; it is off again by then."""
    desk.page.get_by_role("button", name=BY_CAMERA).click()
    expect(desk.page.locator(state)).to_contain_text(said)
    expect(desk.page.locator("[data-code-panel]")).to_be_hidden()
    desk.expect_camera_off()


def press_done_and_wait(desk: Till, pupil: dict[str, Any]) -> None:
    desk.page.get_by_role("button", name="Done", exact=True).click()
    desk.page.wait_for_url(re.compile(rf"/enrol/{UUID(pupil['id'])}/canteen/$"))


def test_a_face_of_before_is_sealed_by_camera_and_that_card_is_then_read_as_a_siblings(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    office = open_till(paired=False)
    ana, hana = office.cast["agrees"], office.cast["agrees_only"]
    sign_in(office, "office_session")
    of_ana, of_hana = (print_card_of(office, one) for one in (ana, hana))
    printed = read_card_text(of_ana)
    assert printed is not None
    desk = open_till(write_clip(tmp_path / "ana.mjpeg", [text_frame(of_ana)]), paired=False)
    sign_in(desk, "office_session")
    recorder, page = Recorder(desk.context), desk.page
    kept = "SELECT holder, issue FROM biometrics_template WHERE person_id = ?"
    assert books.rows(kept, ana["id"]) == [("central", 1)]
    page.goto(f"{desk.server.address}/staff/enrol/?q={ana['given_name']}")
    page.get_by_role("button", name="Seal it with the card").click()
    expect(page.get_by_role("button", name=BY_CAMERA)).to_be_visible()
    desk.expect_camera_untouched()
    read_by_camera(desk, "[data-card-state]", "The card of Ana is read.")
    page.get_by_role("radio", name="No, none", exact=True).check()
    press_done_and_wait(desk, ana)
    assert books.rows(kept, ana["id"]) == [("card", 2)]
    assert forms_of(desk, ana, printed.share), "it is this share that opens the face"

    begin_with_photographs(desk, hana, tmp_path, "person_b_1")
    page.locator("h1").click()
    desk.scan(of_hana)
    expect(page.locator("[data-card-state]")).to_contain_text("The card of Hana is read.")
    page.get_by_role("radio", name="Yes, and their card is here", exact=True).check()
    read_by_camera(desk, "[data-sibling-state]", "Cards of brothers and sisters read: 1")
    press_done_and_wait(desk, hana)
    assert books.rows(kept, hana["id"]) == [("card", 1)]
    assert any("whose=sibling" in one and printed.code in one for one in recorder.sent)
    assert recorder.find(printed.share) == []
    assert files_with(desk.server.home, printed.share) == []


def press_stop(page: Page) -> None:
    page.locator("[data-stop-code-camera]").click()


def press_done(page: Page) -> None:
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("[data-card-state]")).to_contain_text("read first")


def start_the_look_at_a_face(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(SHOWN)).to_be_hidden()
    page.locator("[data-stop]").click()
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()


def leave_and_come_back(page: Page) -> None:
    # Heard after the page's own listener: what the camera does when that is through.
    page.evaluate(
        "addEventListener('pagehide', () => sessionStorage.setItem('live', window.__camera.live()))"
    )
    page.get_by_role("link", name="Enrolment desk").first.click()
    expect(page.get_by_role("heading", name="Enrolment desk")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('live')") == "0"
    page.go_back()


def wait_a_minute(page: Page) -> None:
    page.clock.fast_forward(61_000)
    expect(page.locator("[data-code-state]")).to_contain_text("No card was seen for a minute")


ENDINGS: tuple[Callable[[Page], None], ...] = (
    press_stop,
    press_done,
    start_the_look_at_a_face,
    wait_a_minute,
    leave_and_come_back,
)


def test_the_camera_reads_nothing_else_and_stops_at_done_at_leaving_and_after_a_minute(
    open_till: OpenTill, tmp_path: Path
) -> None:
    other = text_frame("https://elsewhere.example/menu")
    desk = open_till(write_clip(tmp_path / "other.mjpeg", [other]), paired=False)
    sign_in(desk, "office_session")
    begin_with_photographs(desk, desk.cast["agrees_only"], tmp_path, "person_b_1")
    desk.expect_camera_untouched()
    page, recorder = desk.page, Recorder(desk.context)
    page.get_by_role("radio", name="No, none", exact=True).check()
    page.clock.install()
    for end in ENDINGS:
        start_reading(page)
        if end is press_stop:
            check_sizes(page, "a card by the desk's camera")
        end(page)
        expect(page.locator("[data-code-panel]")).to_be_hidden()
        expect(page.get_by_role("button", name=BY_CAMERA)).to_be_visible()
        desk.expect_camera_off()
    page.get_by_role("button", name="Stop without enrolling").click()
    expect(page.get_by_label("Who is at the desk?")).to_be_visible()
    assert [one for one in recorder.sent if "elsewhere" in one or "/card/" in one] == []


def test_a_desk_whose_camera_is_blocked_says_so_and_still_takes_a_typing_reader(
    open_till: OpenTill, tmp_path: Path
) -> None:
    clip = write_clip(tmp_path / "other.mjpeg", [text_frame("https://elsewhere.example/menu")])
    desk = open_desk(open_till, clip, allowed=False)
    desk.page.get_by_role("button", name=BY_CAMERA).click()
    expect(desk.page.locator("[data-code-state]")).to_contain_text("may not use the camera")
    check_sizes(desk.page, "a blocked camera at the desk")
    desk.scan(desk.cast["agrees_only"]["card"])
    expect(desk.page.locator("[data-card-state]")).to_contain_text("Print a new card first")
