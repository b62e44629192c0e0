"""Doors that no page stands before, from an empty installation: a controller, an OSDP reader, one that types.

Each is set up on the pages as the person who has it would, and is a fake of the kind that its own tests use:
a UHPPOTE controller on a socket, libosdp as the reader on a pseudo-terminal, the kernel's events of keys.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from tests.journeys.test_first_lunch import serving, set_up
from tests.support.browser import Books, Browsers
from tests.support.doors import SERIAL, FakeController, FakeEvent, controller_at_a_port
from tests.support.input_device import TypingDevice, typing_device
from tests.support.osdp_reader import ADDRESS, Reader, reader_with
from tests.support.presses import Hand

KEY = "4f9c1d2e7a6b58301122334455667788"
# 26 bits of facility 100, number 58400, between their two bits of parity: as it is printed on the card.
PRINTED, NUMBER, CARD = "100,58400", 10058400, (0x64E420 << 1) << 6
OPENS = 0x40
PASSAGES = """
SELECT gate_door.name, coalesce(terminals_terminal.name, ''), way, direction, device_event_no IS NOT NULL
FROM gate_passage JOIN gate_door ON gate_door.id = gate_passage.door_id
LEFT JOIN terminals_terminal ON terminals_terminal.id = lane_id ORDER BY received_at
"""


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Wait for what the server does by itself."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def expect_soon(page: Page, said: str) -> None:
    """Read a page again until it says so: it changes when the device was asked."""

    def is_there() -> bool:
        page.reload()
        return page.get_by_text(said).count() > 0

    wait_until(is_there, f"the page does not say: {said}")


def add_door_and_lane(page: Page, door: str, lane: str, use: str) -> None:
    page.get_by_label("New door").fill(door)
    page.get_by_role("button", name="Add the door").click()
    expect(page.locator(f'input[name="name"][value="{door}"]')).to_be_visible()
    page.get_by_label("Name of the lane").fill(lane)
    page.get_by_label("Door", exact=True).select_option(label=door)
    page.get_by_label("Which way people go there").select_option(use)
    page.get_by_role("button", name="Set the lane up").click()
    expect(page.get_by_role("heading", name=lane)).to_be_visible()


def set_up_controller(page: Page, address: str, door: str) -> None:
    card = page.locator("section").filter(has=page.get_by_role("heading", name=door, exact=True))
    card.get_by_role("link", name="Set up its lock").click()
    page.get_by_role("link", name="Set up: UHPPOTE controller").click()
    page.get_by_label("IP address").fill(address)
    page.get_by_label("Serial number, on its label").fill(str(SERIAL))
    page.get_by_label("Seconds for which the lock is let go").fill("4")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_text("The device is set up. Test it now.")).to_be_visible()
    expect_soon(page, "0 cards")


def set_up_osdp(page: Page, reader: Reader, door: str, lane: str) -> None:
    card = page.locator("section").filter(has=page.get_by_role("heading", name=door, exact=True))
    card.get_by_role("link", name="Set up its lock").click()
    page.get_by_role("link", name="Set up: OSDP").click()
    page.get_by_label("Port of this computer").fill(reader.port)
    page.get_by_label("Address on the line, 0 to 126").fill(str(ADDRESS))
    page.get_by_label("Key of this reader").fill(KEY)
    page.get_by_label("Lane", exact=True).select_option(label=lane)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_text("The device is set up. Test it now.")).to_be_visible()
    expect_soon(page, "Works")


def set_up_typing_reader(page: Page, device: TypingDevice, lane: str) -> None:
    page.get_by_role("link", name="Set up a reader at a lane").click()
    page.get_by_role("link", name="Set up: Reader that types").click()
    page.get_by_label("Port of this computer").fill(device.port)
    page.get_by_label("Lane", exact=True).select_option(label=lane)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_text("The reader is set up. Hold a card to it.")).to_be_visible()
    expect_soon(page, "Works")


def enter_number(page: Page, site: str, person: str) -> None:
    page.goto(f"{site}/staff/people/")
    page.locator(f'a[href*="{person[:8]}-{person[8:12]}"]').first.click()
    page.get_by_role("link", name="Card and PIN").click()
    page.get_by_role("link", name="Number at the doors").click()
    page.get_by_label("Number that is printed on the card").fill(PRINTED)
    page.get_by_role("button", name="Save the number").click()
    expect(page.get_by_text("Known at the doors", exact=True)).to_be_visible()


def test_a_reader_that_types_an_osdp_reader_and_a_controller_let_people_through(
    tmp_path: Path, browsers: Browsers
) -> None:
    controller = FakeController()
    with (
        controller_at_a_port(controller) as at,
        reader_with(bytes.fromhex(KEY)) as reader,
        typing_device() as typing,
        serving(tmp_path, has_tables=True, program="tests.support.input_device") as (home, address),
    ):
        books, site = Books(home), address.partition("/set-up")[0]
        page = browsers.open(None, allowed=False, locale="en-GB").new_page()
        code = set_up(Hand(), page, address)
        page.goto(f"{site}/staff/gate/")
        add_door_and_lane(page, "Main gate", "Lane 1", "both")
        add_door_and_lane(page, "Back gate", "Lane 2", "in")
        doors = f"{site}/staff/gate/locks/"
        page.goto(doors)
        set_up_controller(page, at, "Main gate")
        page.goto(doors)
        set_up_typing_reader(page, typing, "Lane 1")
        page.goto(doors)
        set_up_osdp(page, reader, "Back gate", "Lane 2")

        # The reader that types reads a printed card; the controller lets the lock of that lane's door go.
        controller.asked.clear()
        typing.scan(code.replace("-", ""))
        wait_until(lambda: OPENS in controller.commands(), "the controller was not asked to open")
        passed = [("Main gate", "Lane 1", "card", "in", 0)]
        assert books.rows(PASSAGES) == passed
        assert controller.modes[1] == (3, 4), "four seconds, and the lock stays controlled"

        # The card gets its printed number: the controller and the OSDP reader know it from then on.
        enter_number(page, site, books.rows("SELECT person_id FROM gate_passage")[0][0])
        wait_until(lambda: NUMBER in controller.cards, "the controller did not get the list")
        reader.present(CARD.to_bytes(4, "big"), 26)
        wait_until(lambda: reader.commands, "the OSDP reader was not asked to open")
        passed.append(("Back gate", "Lane 2", "card", "in", 0))
        assert books.rows(PASSAGES) == passed
        [pulse] = reader.commands
        assert (pulse["output_no"], pulse["control_code"], pulse["timer_count"]) == (0, 5, 50)

        # What the controller lets through by its own list comes later, and is a passage as any other.
        # Ten seconds before the other passage at that door: one card within two seconds would be one passage.
        [first] = books.rows("SELECT at FROM gate_passage ORDER BY received_at LIMIT 1")[0]
        earlier = datetime.fromisoformat(first).replace(tzinfo=UTC) - timedelta(seconds=10)
        swiped = earlier.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)
        controller.events[1] = FakeEvent(NUMBER, swiped, direction=2)
        wait_until(lambda: len(books.rows(PASSAGES)) == 3, "the controller's event was not fetched")
        passed.append(("Main gate", "", "card", "out", 1))
        assert books.rows(PASSAGES) == passed

        # Where it shows: counts without names, the list in the controller, and no line in the log.
        page.goto(f"{site}/staff/gate/")
        counts = page.get_by_role("region", name="Passages by door and direction").locator("tbody tr")
        rows = sorted(counts.all_inner_texts())
        assert rows == [
            "Back gate\tIn\t1",
            "Main gate\tIn\t1",
            "Main gate\tOut\t1",
        ]
        page.goto(doors)
        expect(page.get_by_text("1 card", exact=True)).to_be_visible()
        assert books.rows("SELECT count(*) FROM audit_entry WHERE event LIKE 'gate.%'") == [(0,)]

        typing.unplug()
        expect_soon(page, "Does not work")
    browsers.end_test()
