"""Lunch is paid, by every way, once."""

from pathlib import Path

from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.journeys.seed_data import PASSWORD
from tests.support.browser import Books
from tests.support.clips import one_person
from tests.support.presses import COUNT_PRESSES, TIME_TO_NAME, note

CURRY_MINOR = 250


def test_a_pupil_pays_with_a_face_enrolled_years_before(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"))
    ana = till.cast["agrees"]
    till.add()
    till.stage("choose")
    till.expect_camera_untouched()

    till.page.evaluate(COUNT_PRESSES)
    till.page.evaluate(TIME_TO_NAME)
    till.choose("Use my face")
    till.stage("identified")
    expect(till.pupil).to_contain_text("Hello, Ana")
    seconds = till.page.wait_for_function("window.__toName").json_value() / 1000
    till.expect_camera_off()
    expect(till.pupil).to_contain_text("£2.50")
    expect(till.screen).not_to_contain_text("Silva")
    assert books.sales() == []

    till.press("Yes, pay")
    till.stage("paid")
    presses = till.page.evaluate("window.__presses")
    note("face, from the press to the name", presses, seconds=seconds)
    assert presses == 2
    expect(till.pupil).to_contain_text("Receipt 1")
    assert books.sales() == [(ana["id"], "face", CURRY_MINOR, 1)]
    assert books.charged_minor(ana["id"]) == CURRY_MINOR
    assert books.face_sessions() == [("matched", ana["id"])]
    till.stage("empty")  # the next customer, by itself
    till.expect_camera_off()


def test_a_cashier_signs_in_pairs_a_device_and_sells(open_till: OpenTill, books: Books) -> None:
    till = open_till(paired=False)
    till.context.clear_cookies()
    till.page.goto(f"{till.server.address}/till/?code={till.school['pairing_code']}")
    till.page.get_by_label("Username").fill("cashier")
    till.page.get_by_label("Password").fill(PASSWORD)
    till.page.get_by_role("button", name="Sign in", exact=True).click()
    expect(till.page.get_by_label("One-time code")).to_have_value(till.school["pairing_code"])
    till.page.get_by_role("button", name="Pair").click()
    till.stage("empty")
    till.wait_for_script()
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.press("Yes, pay")
    till.stage("paid")
    assert [way for _, way, _, _ in books.sales()] == ["card"]
    till.page.get_by_role("button", name="Sign out").click()
    till.page.goto(f"{till.server.address}/till/")
    expect(till.page.get_by_label("Password")).to_be_visible()  # paired, but nobody is at it
    till.expect_camera_untouched()


def test_a_session_that_ended_leads_to_the_sign_in_and_not_into_the_screen(
    open_till: OpenTill, books: Books
) -> None:
    till = open_till()
    till.add()
    till.context.clear_cookies(name="sessionid")
    till.choose("PIN")
    expect(till.page.get_by_label("Password")).to_be_visible()
    assert books.rows("SELECT state FROM till_basket") == [("open",)]


def test_a_face_confirms_a_card_and_a_stranger_with_that_card_meets_the_cashier(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "person_a_2"))
    ana, ben = till.cast["agrees"], till.cast["withdraws"]
    till.add()
    till.scan(ben["card"])  # Ana in front of the camera, with Ben's card
    till.stage("identified")
    till.expect_camera_untouched()
    till.press("Confirm with my face")
    expect(till.pupil).to_contain_text("Your card or PIN is enough.")
    till.stage("identified")
    till.expect_camera_off()
    expect(till.page.locator(".cashier")).to_contain_text("Ben Okafor")
    till.press("Not me")
    till.stage("choose")

    till.scan(ana["card"])
    till.stage("identified")
    till.press("Confirm with my face")
    expect(till.pupil).to_contain_text("It is you.")
    till.expect_camera_off()
    till.press("Yes, pay")
    till.stage("paid")
    assert books.sales() == [(ana["id"], "face", CURRY_MINOR, 1)]
    assert books.face_sessions() == [("unknown", None), ("matched", ana["id"])]
