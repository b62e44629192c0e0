"""The main jobs with the keyboard alone: all is reached in turn, is seen to have the focus, and lets go.

A register: test_register_app.py; an assessment: test_officer.py.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.journeys.conftest import Be, OpenTill
from tests.journeys.seed_data import PIN
from tests.journeys.test_gate import set_up as set_up_lane
from tests.pages.console.site import Site, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import Books, Browsers, SecondScreen
from tests.support.clips import one_person
from tests.support.keyboard import press, tab_to

SLOWLY_MS = 120  # as a hand types: faster is a reader


def test_a_lunch_is_sold_by_pin_and_escape_leads_back(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    page, pupil = till.page, till.cast["pays_by_card"]
    press(page, "Chicken curry with rice")
    till.stage("choose")
    press(page, "PIN")
    till.stage("pin")
    page.keyboard.press("Escape")
    till.stage("choose")
    press(page, "PIN")
    till.stage("pin")
    page.keyboard.type(str(pupil["number"]))
    if page.evaluate("document.activeElement.id") != "pin-pin":
        page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    if till.screen.get_attribute("data-stage") == "pin":
        page.keyboard.press("Enter")
    till.stage("identified")
    press(page, "Yes, pay")
    till.stage("paid")
    assert len(books.sales()) == 1


def test_a_lunch_is_sold_by_a_card_that_is_scanned(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    press(till.page, "Chicken curry with rice")
    till.stage("choose")
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    press(till.page, "Yes, pay")
    till.stage("paid")
    assert len(books.sales()) == 1


def test_a_second_screen_is_paired_and_a_lunch_is_paid_there_by_pin(
    open_till: OpenTill, browsers: Browsers, books: Books
) -> None:
    till = open_till()
    press(till.page, "Second screen")
    code = till.page.locator("#cashier-panel .code")
    expect(code).to_be_visible()
    context = browsers.open(None, allowed=True, locale="en-GB")
    second = SecondScreen(context, till.server, till.school)
    page, pupil = second.page, till.cast["pays_by_card"]
    page.goto(f"{till.server.address}/pupil/")
    tab_to(page, "One-time code")
    page.keyboard.type(code.inner_text())
    page.keyboard.press("Enter")
    second.stage("empty")
    second.wait_for_script()
    expect(code).to_have_count(0)
    press(till.page, "Chicken curry with rice")
    second.stage("choose")
    press(page, "PIN")
    second.stage("pin")
    page.keyboard.press("Escape")
    second.stage("choose")
    press(page, "PIN")
    second.stage("pin")
    page.keyboard.type(str(pupil["number"]), delay=SLOWLY_MS)
    if page.evaluate("document.activeElement.id") != "pin-pin":
        page.keyboard.press("Tab")
    page.keyboard.type(PIN, delay=SLOWLY_MS)
    if second.screen.get_attribute("data-stage") == "pin":
        page.keyboard.press("Enter")
    second.stage("identified")
    press(page, "Yes, pay")
    second.stage("paid")
    assert len(books.sales()) == 1
    assert second.errors == []


def test_a_tablet_becomes_a_lane_and_lets_pupils_through(
    be: Be, books: Books, school: dict[str, Any]
) -> None:
    lane = be("pairing", set_up_lane(be("office", "/staff/gate/")))
    press(lane, "Pair")
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    expect(lane.locator("html.has-script")).to_be_attached()
    first, second = school["cast"]["pays_by_card"], school["cast"]["sister"]
    tab_to(lane, "Hold your card to the reader")
    lane.keyboard.type(first["card"], delay=SLOWLY_MS)
    lane.keyboard.press("Enter")
    expect(lane.get_by_role("heading", name=f"Welcome, {first['given_name']}")).to_be_visible()
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible(timeout=8000)  # it goes on by itself
    press(lane, "Number and PIN")
    expect(lane.get_by_role("heading", name="Your number and PIN")).to_be_visible()
    lane.keyboard.press("Escape")
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    press(lane, "Number and PIN")
    tab_to(lane, "Your number")
    lane.keyboard.type(str(second["number"]), delay=SLOWLY_MS)
    lane.keyboard.press("Tab")
    lane.keyboard.type(PIN, delay=SLOWLY_MS)
    lane.keyboard.press("Enter")
    expect(lane.get_by_role("heading", name=f"Welcome, {second['given_name']}")).to_be_visible()
    assert books.rows("SELECT way FROM gate_passage ORDER BY received_at") == [("card",), ("pin",)]


def test_a_guardian_says_yes_and_withdraws(site: Site) -> None:
    page = site.open(f"/family/c/{site.known['links']['Dora']}/")
    press(page, "Yes")
    expect(page.locator("main")).to_contain_text("Withdraw")
    press(page, "Withdraw")
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(0)
    decided = site.books.rows("SELECT answer FROM consent_decision ORDER BY rowid DESC LIMIT 2")
    assert [answer for (answer,) in decided] == ["withdrawn", "yes"]


def test_the_office_adds_a_person_and_opens_the_desk(site: Site) -> None:
    page = site.open("/staff/people/", staff=True)
    press(page, "Add a person")
    expect(page.get_by_label("Given name")).to_be_visible()
    tab_to(page, "Given name")
    page.keyboard.type("Milo")
    tab_to(page, "Family name")
    page.keyboard.type("Ferrara")
    press(page, "Or a new class", "Escape")
    page.keyboard.type("Year 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Milo Ferrara")).to_be_visible()
    page.wait_for_load_state()
    press(page, "Permissions and face")
    expect(page.locator("#face")).to_be_visible()
    press(page, "School")
    page.keyboard.press("Escape")
    expect(page.locator("details.area[open]")).to_have_count(0)


def test_a_pupil_is_enrolled_from_the_search_to_the_next(site: Site, tmp_path: Path) -> None:
    page = site.open("/staff/enrol/", staff=True, clip=one_person(tmp_path / "ben.mjpeg", "person_b_1"))
    tab_to(page, "Who is at the desk?")
    page.keyboard.type("ben")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ben Okafor")).to_be_visible()
    press(page, "Start")
    expect(page.get_by_role("button", name="Start the camera")).to_be_visible()
    press(page, "Start the camera")
    expect(page.get_by_role("button", name="Done")).to_be_focused(timeout=30_000)  # it stops by itself
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Done: Ben is enrolled")).to_be_visible()
    press(page, "The queue")
    expect(page.get_by_role("heading", name="Enrolment desk")).to_be_visible()
