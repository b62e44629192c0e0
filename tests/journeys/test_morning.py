"""A morning from first arrival to closed registers: late, after the close, a false alarm that was held."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.pages.console.site import check_sizes
from tests.support import held
from tests.support.browser import DESKTOP, PHONE, Books
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment

Be = Callable[..., Page]
# A register is open for one minute here. This much of it is enough to take two.
SECONDS_NEEDED = 45
LOW = 560  # a small phone, on which a list of three does not fit


@pytest.fixture
def school(tmp_path: Path) -> tuple[Server, dict[str, Any]]:
    home = tmp_path / "home"
    give_tables(home)
    command = [sys.executable, "-m", "tests.journeys.seed_morning"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return held.server(home), json.loads(done.stdout)


@pytest.fixture
def be(school: tuple[Server, dict[str, Any]]) -> Iterator[Be]:
    """Open a page in a browser of somebody's own."""
    server, known = school
    browsers = held.browsers()

    def be_(who: str, path: str, *, size: tuple[int, int]) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browsers.open(None, allowed=False, viewport=viewport, locale="en-GB")
        session = {"name": "sessionid", "value": known["sessions"][who], "url": server.address}
        context.add_cookies([session])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(server.address + path)
        return page

    yield be_
    browsers.end_test()


def mark(page: Page, name: str, code: str) -> None:
    row(page, name).locator(f".codes label:has(input[value='{code}'])").click()


def row(page: Page, name: str) -> Locator:
    return page.locator("ul.register > li", has_text=name)


def take(page: Page, title: str) -> None:
    line = page.locator("main li", has_text=f"{title} Morning")
    line.get_by_role("button", name="Take the register").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def close(page: Page) -> None:
    """Close a register whose time is over, unless the clock has done so already."""
    badge = page.get_by_text("Register closed", exact=True)
    if badge.count() == 0:
        page.get_by_role("button", name="Close the register").click()
    expect(badge).to_be_visible()


def correct(page: Page, names: dict[str, str], reason: str) -> None:
    for name, code in names.items():
        if row(page, name).locator(f".codes input[value='{code}']").count():
            mark(page, name, code)
        else:
            row(page, name).get_by_text("Other code").first.click()
            row(page, name).locator("select").select_option(code)
    page.get_by_label("Why a mark is changed").fill(reason)
    page.get_by_role("button", name="Save").click()


def take_both(server: Server, office: Page, teacher: Page, zone: ZoneInfo) -> tuple[str, str]:
    """Let one of 4A be late and two away, and both of 4B be away by mistake. Return both, closed."""
    office.get_by_label("Codes", exact=True).select_option("england_2024")
    office.get_by_label("A register stays open for (minutes)").fill("1")
    if (second := datetime.now(zone).second) > 60 - SECONDS_NEEDED:
        time.sleep(61 - second)
    begins = datetime.now(zone).replace(second=0, microsecond=0)
    office.get_by_label("When registers are taken").fill(f"{begins:%H:%M} Morning\n14:00 Afternoon")
    office.get_by_role("button", name="Save", exact=True).first.click()
    expect(office.get_by_role("heading", name="Classes and groups")).to_be_visible()
    teacher.reload()
    take(teacher, "4A")
    for name, code in (("Pupil 02", "L"), ("Pupil 03", "N"), ("Pupil 04", "N")):
        mark(teacher, name, code)
    teacher.get_by_role("button", name="Save").click()
    expect(teacher.get_by_text("Here: 1. Away: 2. Not marked: 27.")).to_be_visible()
    teacher.get_by_role("button", name="Present: all 27").click()
    expect(teacher.get_by_text("Here: 28. Away: 2. Not marked: 0.")).to_be_visible()
    first = teacher.url
    teacher.goto(server.address + "/staff/registers/")
    take(teacher, "4B")
    for name in ("Ada", "Bo"):
        mark(teacher, name, "N")
    teacher.get_by_role("button", name="Save").click()
    expect(teacher.get_by_text("Here: 0. Away: 2. Not marked: 0.")).to_be_visible()
    last = teacher.url
    time.sleep(max(0, 61 - (datetime.now(zone) - begins).total_seconds()))
    for register in (last, first):
        teacher.goto(register)
        close(teacher)
    return first, last


def undo(office: Page) -> None:
    office.get_by_role("button", name="Undo, message nobody").click()
    expect(office.get_by_text("Undone.")).to_be_visible()


@pytest.mark.journey
def test_a_morning_from_the_first_arrival_to_closed_registers(
    be: Be, school: tuple[Server, dict[str, Any]]
) -> None:
    server, known = school
    office = be("olga", "/staff/registers/settings/", size=DESKTOP)
    teacher = be("rosa", "/staff/registers/", size=PHONE)
    first, last = take_both(server, office, teacher, ZoneInfo(known["zone"]))
    teacher.goto(first)
    correct(teacher, {"Pupil 04": "U"}, "Came at half past")
    expect(teacher.get_by_text("Here: 29. Away: 1. Not marked: 0.")).to_be_visible()

    # Three of 32 are more than 5 %: nothing is held before a person has typed how many families that are.
    office.goto(server.address + "/staff/registers/messages/")
    expect(office.get_by_role("heading", name="Morning: 3 unexplained")).to_be_visible()
    check_sizes(office, "absent without a reason")
    send = office.get_by_role("button", name="Message these families")
    office.set_viewport_size({"width": PHONE[0], "height": LOW})
    office.evaluate("window.scrollTo(0, 0)")
    # However many there are, the press is on the screen.
    expect(send).to_be_in_viewport(ratio=1)
    office.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    send.click()
    expect(office.get_by_role("heading", name="Stopped: this would message 3 families")).to_be_visible()
    undo(office)

    # The teacher of 4B puts it right; one is left.
    teacher.goto(last)
    correct(teacher, {"Ada": "/", "Bo": "/"}, "Pressed the wrong button")
    expect(teacher.get_by_text("Here: 2. Away: 0. Not marked: 0.")).to_be_visible()
    office.reload()
    office.get_by_role("button", name="Message these families").click()
    expect(office.get_by_role("heading", name="Held: 1 family, not messaged yet")).to_be_visible()
    check_sizes(office, "messages held")
    undo(office)

    books = Books(server.home)
    assert books.rows("SELECT count(*) FROM mail_mail") == [(0,)]
    assert books.rows("SELECT state, count(*) FROM attendance_messagerun GROUP BY state") == [("undone", 2)]
    marks = books.rows(
        "SELECT m.symbol, m.minutes_late IS NOT NULL FROM attendance_mark m"
        " JOIN people_person p ON p.id = m.person_id WHERE p.given_name = 'Pupil 02'"
    )
    assert marks == [("L", 1)]
