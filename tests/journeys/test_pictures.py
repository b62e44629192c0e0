"""A photograph held up to the camera: a try of the till's test, and the till asks it to turn its head."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.journeys.test_reader import sign_in
from tests.support.browser import Books, Till
from tests.support.clips import frame, write_clip

ASKED = ("Turn your head to the left, then look", "Turn your head to the right, then look")


def decide(till: Till, label: str) -> None:
    """Let the officer decide on the page Faces what becomes of pictures."""
    till.page.goto(f"{till.server.address}/staff/faces/")
    card = till.page.locator("section", has_text="Pictures held up to the camera")
    card.get_by_label("From now on").select_option(label=label)
    card.get_by_label("Why").fill("Tried at the tills")
    card.get_by_role("button", name="Record the decision").click()
    expect(card.locator("strong").first).to_have_text(label)


def expect_asked(till: Till) -> None:
    """Wait for the words and the arrow of one side, which stays where it is."""
    expect(till.page.locator("[data-hint]")).to_contain_text("Turn your head to the")
    words = till.page.locator("[data-hint]").inner_text()
    side = "left" if words.startswith(ASKED[0]) else "right"
    expect(till.page.locator("[data-turn]")).to_have_attribute("data-turn", side)
    expect(till.page.locator(".turn-arrow")).to_be_visible()


def try_once(till: Till) -> None:
    """Begin the test of the till, and make one try with the keyboard alone."""
    till.page.get_by_role("link", name="Canteen 1").click()
    till.page.get_by_label("Everyone who takes part").check()
    till.page.get_by_role("button", name="Begin the test").click()
    expect(till.page.get_by_role("button", name="Start this try")).to_be_focused()
    till.expect_camera_untouched()
    till.page.keyboard.press("Enter")
    expect_asked(till)
    till.page.keyboard.press("Escape")
    expect(till.page.locator("[data-hint]")).to_contain_text("The attempt is not counted.")
    till.page.keyboard.press("Enter")
    expect(till.page.get_by_text("asked to turn, and not taken for a living person")).to_be_visible(
        timeout=12_000
    )
    expect(till.page.get_by_role("heading", name="1 of 60 attempts")).to_be_visible()
    expect(till.page.get_by_role("heading", name="2 of 5")).to_be_visible()


@pytest.mark.face
def test_a_photograph_that_the_check_doubts_is_asked_to_turn_its_head_and_cannot(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    photograph = [frame("person_a_2", height=340 - 4 * step, light=1 - 0.01 * step) for step in range(8)]
    till = open_till(write_clip(tmp_path / "photograph.mjpeg", photograph))
    cashier = till.school["session"]
    sign_in(till, "officer_session")
    decide(till, "Counted only")
    try_once(till)
    decide(till, "Pictures are not accepted")
    till.context.add_cookies([{"name": "sessionid", "value": cashier, "url": till.server.address}])
    till.page.goto(f"{till.server.address}/till/")
    till.stage("empty")
    till.wait_for_script()
    till.add()
    till.choose("Use my face")
    expect_asked(till)
    till.stage("choose")
    till.expect_camera_off()
    expect(till.pupil).to_contain_text("The camera could not be sure. Please pay another way.")
    assert books.face_sessions() == [("unknown", None)]
    assert books.rows("SELECT acts, not_turned, live FROM biometrics_pictureday") == [(1, 1, 0)]
    [counted] = books.rows("SELECT kind, distance, not_turned FROM biometrics_picturetestcount")
    assert counted == ("live", "near", 1)
