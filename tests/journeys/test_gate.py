"""A morning at the gate, by card, reader, PIN and staff, on a tablet that nobody is signed in at."""

import re
from typing import Any

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Be
from tests.journeys.seed_data import PIN
from tests.pages.console.site import check_sizes
from tests.support.browser import Books
from tests.support.doors import FakeShelly, shelly_at_a_port

from willing.core.codes import show_code

DIRECTIONS = "SELECT way, direction FROM gate_passage ORDER BY received_at"


def set_up(office: Page) -> str:
    """Add a door and a lane, and return the address at which a tablet becomes the lane."""
    office.get_by_label("New door").fill("Main gate")
    office.get_by_role("button", name="Add the door").click()
    office.get_by_label("Name of the lane").fill("Lane 1")
    office.get_by_label("Which way people go there").select_option("both")
    office.get_by_role("button", name="Set the lane up").click()
    expect(office.get_by_role("heading", name="Lane 1")).to_be_visible()
    check_sizes(office, "a lane of the gate")
    office.get_by_role("button", name="Make a pairing code").click()
    found = re.search(r"/gate/pair/\?code=[\w-]+", office.content())
    assert found
    return found.group(0)


def become_lane(be: Be, pair: str) -> Page:
    """Let a tablet be the lane; nobody is signed in at it from then on."""
    lane = be("pairing", pair)
    lane.get_by_role("button", name="Pair").click()
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    return lane


def test_a_morning_at_the_gate(be: Be, books: Books, school: dict[str, Any]) -> None:
    office = be("office", "/staff/gate/")
    lane = become_lane(be, set_up(office))
    check_sizes(lane, "a lane")

    first, second = school["cast"]["pays_by_card"], school["cast"]["sister"]
    lane.get_by_label("Hold your card to the reader").fill(first["card"])
    lane.keyboard.press("Enter")
    expect(lane.get_by_role("heading", name=f"Welcome, {first['given_name']}")).to_be_visible()
    check_sizes(lane, "let through")
    # The next card is read while the screen is still green.
    lane.keyboard.type(second["card"], delay=2)
    lane.keyboard.press("Enter")
    expect(lane.get_by_role("heading", name=f"Welcome, {second['given_name']}")).to_be_visible()
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible(timeout=8000)

    lane.get_by_role("link", name="Number and PIN").click()
    lane.get_by_label("Your number").fill(str(first["number"]))
    lane.get_by_label("PIN", exact=True).fill("0000")
    lane.get_by_role("button", name="Continue").click()
    expect(lane.locator(".notice")).to_be_visible()
    lane.get_by_label("Your number").fill(str(first["number"]))
    lane.get_by_label("PIN", exact=True).fill(PIN)
    lane.get_by_role("button", name="Continue").click()
    expect(lane.get_by_role("heading", name=f"Goodbye, {first['given_name']}")).to_be_visible()

    guard = be("office", "/gate/staff/", on=lane.context)
    check_sizes(guard, "staff at a lane")
    guard.get_by_label("Delivery").check()
    guard.get_by_role("button", name="Open it now").click()
    expect(guard.get_by_role("heading", name="Please go through")).to_be_visible()
    assert books.rows(DIRECTIONS) == [("card", "in"), ("card", "in"), ("pin", "out"), ("guard", "unknown")]
    waits = books.rows("SELECT count(*) FROM gate_passage WHERE waited_tenths IS NULL")
    assert waits == [(0,)]


def test_a_lane_whose_staff_were_asked_and_did_not_come_is_a_lane_again(
    be: Be, school: dict[str, Any]
) -> None:
    lane = become_lane(be, set_up(be("office", "/staff/gate/")))
    lane.clock.install()
    lane.get_by_role("link", name="Ask a member of staff").click()
    expect(lane.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    lane.get_by_label("Username").press("a")
    lane.clock.run_for(44_000)
    expect(lane.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    lane.clock.run_for(2_000)
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    # What was wrong with one card does not stand there for the next.
    lane.get_by_label("Hold your card to the reader").fill("WRONG-CODE")
    lane.keyboard.press("Enter")
    expect(lane.locator("#screen .notice")).to_contain_text("not recognised")
    lane.clock.run_for(16_000)
    expect(lane.locator("#screen .notice")).to_have_count(0)
    expect(lane.get_by_label("Hold your card to the reader")).to_be_focused()


def test_a_typed_code_and_a_look_up_let_go_a_door_that_a_relay_opens(
    be: Be, books: Books, school: dict[str, Any]
) -> None:
    relay = FakeShelly(password="to-the-gate")
    office = be("office", "/staff/gate/")
    lane = become_lane(be, set_up(office))
    first, second = school["cast"]["pays_by_card"], school["cast"]["sister"]
    with shelly_at_a_port(relay) as host:
        office = be("office", "/staff/gate/locks/")
        office.get_by_role("link", name="Set up its lock").click()
        office.get_by_role("link", name="Set up: Shelly relay").click()
        office.get_by_label("IP address").fill(host)
        office.get_by_label("Password of the relay").fill("to-the-gate")
        office.get_by_label("Seconds for which the lock is let go").fill("3")
        office.get_by_role("button", name="Set it up").click()
        expect(office.get_by_role("button", name="Open the door once")).to_be_visible()

        # Typed by hand, as it is printed: in groups, in small letters.
        typed = show_code(first["card"]).lower()
        lane.get_by_label("Hold your card to the reader").press_sequentially(typed, delay=60)
        lane.keyboard.press("Enter")
        expect(lane.get_by_role("heading", name=f"Welcome, {first['given_name']}")).to_be_visible()
        expect(lane.get_by_role("heading", name="Both ways")).to_be_visible(timeout=20_000)

        guard = be("office", "/gate/staff/", on=lane.context)
        guard.get_by_label("Name, number or class").fill(second["given_name"])
        guard.get_by_role("button", name="Search").click()
        guard.get_by_role("listitem").filter(has_text=second["given_name"]).get_by_role(
            "button", name="Let through"
        ).first.click()
        expect(guard.get_by_role("heading", name=f"Welcome, {second['given_name']}")).to_be_visible()
        # The door was let go before the screen turned green: once for each, and the relay ends it by itself.
        pulses = [sent for method, sent in list(relay.calls) if method == "Switch.Set"]
        assert pulses == [{"id": 0, "on": True, "toggle_after": 3}] * 2
    assert books.rows(DIRECTIONS) == [("card", "in"), ("staff", "in")]

    # With the relay's power off the passage stays, and the screen says that a person has to open.
    third = school["cast"]["pays_by_card"]
    lane.goto(lane.url)
    lane.get_by_label("Hold your card to the reader").fill(third["card"])
    lane.keyboard.press("Enter")
    expect(lane.get_by_text("the door did not answer")).to_be_visible(timeout=20_000)
    assert books.rows(DIRECTIONS)[-1] == ("card", "out")
