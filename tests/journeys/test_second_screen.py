"""A till and its second screen are one: in step, whichever reloads, and a sale is charged once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.seed_data import PIN
from tests.support.browser import Books, Browsers, SecondScreen, Till
from tests.support.clips import one_person

CURRY = "Chicken curry with rice"
Pair = Callable[..., SecondScreen]


@pytest.fixture
def pair(browsers: Browsers) -> Iterator[Pair]:
    """Pair another browser with a till; checks at the end that no script failed there."""
    made: list[SecondScreen] = []

    def pair_(till: Till, clip: Path | None = None, size: tuple[int, int] = (1024, 768)) -> SecondScreen:
        context: BrowserContext = browsers.open(
            clip, allowed=True, viewport={"width": size[0], "height": size[1]}, locale="en-GB"
        )
        made.append(till.pair_second(context))
        return made[-1]

    yield pair_
    for one in made:
        assert one.errors == []


def test_a_pupil_pays_on_the_second_screen_and_both_stay_in_step_whichever_reloads(
    open_till: OpenTill, pair: Pair, books: Books
) -> None:
    till = open_till()
    second = pair(till)
    second.stage("empty")
    expect(till.page.locator("button.second-screen")).to_contain_text("connected")
    till.add()
    second.stage("choose")
    expect(second.screen).to_contain_text(CURRY)
    expect(second.screen).to_contain_text("£2.50")
    expect(second.page.locator(".product, .basket, .who")).to_have_count(0)

    # Each reloads: the basket is there.
    second.page.reload()
    second.stage("choose")
    expect(second.screen).to_contain_text(CURRY)
    till.page.reload()
    till.stage("choose")
    expect(till.page.locator(".basket-lines")).to_contain_text(CURRY)
    till.wait_for_script()
    second.wait_for_script()

    # The pupil types a PIN there, while the cashier adds something: what is typed stays.
    pupil = till.cast["pays_by_card"]
    second.choose("PIN")
    second.stage("pin")
    till.stage("pin")
    number = str(pupil["number"])
    for digit in number[:2]:
        second._key(digit)
    till.page.locator(".product", has_text="Apple").first.click()
    expect(second.screen).to_contain_text("Apple")
    expect(second.page.get_by_label("Your number")).to_have_value(number[:2])
    second.page.get_by_label("Your number").fill("")
    second.type_pin(pupil["number"], PIN)
    second.stage("identified")
    till.stage("identified")
    # Full name and year are for the cashier alone.
    expect(till.page.locator(".customer")).to_be_visible()
    expect(second.page.locator(".customer")).to_have_count(0)
    second.press("Yes, pay")
    second.stage("paid")
    till.stage("paid")
    assert len(books.sales()) == 1
    till.page.get_by_role("button", name="Next customer").click()
    second.stage("empty")


def test_yes_on_both_screens_at_once_charges_once(open_till: OpenTill, pair: Pair, books: Books) -> None:
    till = open_till()
    second = pair(till)
    till.add()
    till.scan(till.cast["pays_by_card"]["card"])
    second.stage("identified")
    for one in (till, second):
        one.page.evaluate("document.querySelector('.yes').click()")
    till.stage("paid")
    second.stage("paid")
    assert [way for _, way, _, _ in books.sales()] == ["card"]
    assert books.charged_minor(till.cast["pays_by_card"]["id"]) == 250


def test_a_screen_that_is_away_says_so_and_loses_nothing(
    open_till: OpenTill, pair: Pair, books: Books
) -> None:
    till = open_till()
    second = pair(till)
    till.add()
    second.stage("choose")
    second.choose("PIN")
    second.stage("pin")
    till.stage("pin")
    second.context.set_offline(True)
    second.page.get_by_label("Your number").fill("1")
    expect(second.page.locator("#offline")).to_be_visible()
    # Everyone can pay at the till meanwhile.
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    second.context.set_offline(False)
    second.stage("identified")
    expect(second.page.locator("#offline")).to_be_hidden()
    till.press("Yes, pay")
    second.stage("paid")
    assert len(books.sales()) == 1


def test_the_camera_runs_on_the_screen_that_was_pressed_and_the_other_leaves_it_alone(
    open_till: OpenTill, pair: Pair, books: Books, tmp_path: Path
) -> None:
    till = open_till()
    second = pair(till, one_person(tmp_path / "a.mjpeg", "person_a_2"))
    till.add()
    second.stage("choose")
    second.choose("Use my face")
    second.stage("identified")
    till.stage("identified")
    till.expect_camera_untouched()
    second.expect_camera_off()
    assert [state for state, _ in books.face_sessions()] == ["matched"]
    second.press("Yes, pay")
    till.stage("paid")
    assert [way for _, way, _, _ in books.sales()] == ["face"]


def test_a_reload_in_the_middle_of_a_face_session_closes_it_and_keeps_the_basket(
    open_till: OpenTill, pair: Pair, books: Books
) -> None:
    till = open_till()
    second = pair(till)  # without a camera that shows a face
    till.add()
    second.stage("choose")
    # The camera is asked for and never given: the session stays open.
    second.page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); }")
    second.choose("Use my face")
    second.stage("face")
    till.stage("face")
    expect(till.pupil).to_contain_text("The camera is on at the other screen")
    till.page.reload()
    till.stage("face")  # the other screen's session is none of its business
    assert [state for state, _ in books.face_sessions()] == ["open"]
    second.page.reload()
    second.stage("choose")
    till.stage("choose")
    expect(second.screen).to_contain_text(CURRY)
    assert "open" not in [state for state, _ in books.face_sessions()]
    till.expect_camera_untouched()


def test_a_second_screen_that_is_removed_or_replaced_says_so(open_till: OpenTill, pair: Pair) -> None:
    till = open_till()
    first = pair(till)
    first.stage("empty")
    till.page.locator("button.second-screen").click()
    till.page.get_by_role("button", name="Pair another screen").click()
    address = till.page.locator("#cashier-panel a.address")
    link = address.get_attribute("href")
    # What either screen presses meanwhile leaves the code where it is.
    till.page.evaluate("document.querySelector('.product').click()")
    first.choose("PIN")
    till.stage("pin")
    expect(address).to_have_attribute("href", str(link))
    context: Any = first.context.browser.new_context(locale="en-GB")
    other = context.new_page()
    other.goto(link)
    other.get_by_role("button", name="Pair").click()
    expect(other.locator("#screen")).to_have_attribute("data-stage", "pin")
    expect(address).to_have_count(0)
    expect(first.page.get_by_role("heading", name="Pair this screen")).to_be_visible()
    till.page.locator("button.second-screen").click()
    till.page.get_by_role("button", name="Remove this screen").click()
    expect(other.get_by_role("heading", name="Pair this screen")).to_be_visible()
    context.close()


def test_a_second_screen_is_closed_while_nobody_is_at_the_till(open_till: OpenTill, pair: Pair) -> None:
    till = open_till()
    second = pair(till)
    till.page.get_by_role("button", name="Sign out").click()
    second.page.reload()
    second.stage("closed")
    expect(second.screen).to_contain_text("This till is closed")
