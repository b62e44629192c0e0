"""An evening in a boarding house: set up, leave proposed, one missing and found late, closed, corrected."""

import sqlite3
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from tests.journeys.conftest import Be
from tests.pages.console.site import check_sizes
from tests.support.browser import PHONE, Books


def mark(page: Page, name: str, word: str) -> None:
    """Choose a mark of a boarder."""
    page.get_by_role("group", name=name).get_by_role("radio", name=word).check()


def set_up(office: Page, books: Books) -> None:
    """Add a house, let three pupils move in, name its warden, and let the list be due this minute."""
    office.get_by_role("link", name="Set up the evening list of a boarding house").click()
    office.get_by_label("Name of the house").fill("North")
    office.get_by_role("button", name="Add the house").click()
    names = ["Chen", "Silva", "Okafor"]
    for name in names:
        office.get_by_label("Name of a pupil").fill(name)
        office.get_by_role("button", name="Find").click()
        office.get_by_role("button", name="Move in").click()
        expect(office.get_by_text("1 boarder moves in, from the coming night on.")).to_be_visible()
    office.get_by_label("Tessa Reed").check()
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("Saved.")).to_be_visible()
    check_sizes(office, "a boarding house")
    # At whatever hour this runs: as if they had moved in the day before, and the list were due this minute.
    with closing(sqlite3.connect(books.home / "willing.sqlite3", timeout=10)) as connection, connection:
        connection.execute("UPDATE boarding_boarder SET first_night = date(first_night, '-1 day')")
        zone = ZoneInfo(connection.execute("SELECT time_zone FROM people_school").fetchone()[0])
    office.get_by_role("link", name="Boarding: settings").click()
    office.get_by_label("When the list is taken").fill(f"{datetime.now(zone):%H:%M} Evening")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("Saved. Lists that were opened keep their times.")).to_be_visible()


def correct(warden: Page) -> None:
    """Change a mark after the close, and read what was unusual."""
    # After the close: refused without a reason, what was chosen kept; then with one.
    mark(warden, "Ana", "Leave")
    warden.get_by_role("button", name="Save", exact=True).click()
    expect(warden.get_by_text("Please write down why a mark is changed.")).to_be_visible()
    warden.get_by_label("Why a mark is changed").fill("picked up by her aunt")
    warden.get_by_role("button", name="Save", exact=True).click()
    expect(warden.get_by_text("In the house: 1. On leave: 2. Missing: 0. Not marked: 0.")).to_be_visible()

    warden.get_by_role("link", name="Boarding").first.click()
    warden.get_by_role("link", name="What was unusual").click()
    expect(warden.get_by_text("Was missing, accounted for later")).to_be_visible()
    expect(warden.get_by_text("picked up by her aunt")).to_be_visible()
    expect(warden.get_by_text("Chen")).to_have_count(0)
    check_sizes(warden, "what was unusual")


def test_an_evening_of_a_boarding_house(be: Be, school: dict[str, Any], books: Books) -> None:
    office = be("office", "/staff/registers/settings/")
    set_up(office, books)
    guardian = be(
        "guardian", f"/family/child/{UUID(school['cast']['pays_by_card']['id'])}/absence/", size=PHONE
    )
    guardian.get_by_role("button", name="is ill today").click()
    books_say(books, guardian, "SELECT state FROM leave_leave", [("confirmed",)])
    warden = be("teacher", "/staff/leave/", size=PHONE)
    warden.get_by_role("button", name="Confirm").first.click()
    books_say(books, warden, "SELECT state FROM leave_leave", [("agreed",)])

    warden.goto(warden.url.split("/staff/")[0] + "/")
    warden.get_by_role("link", name="1 evening list is not complete").click()
    warden.get_by_role("button", name="Take the list").click()
    expect(warden.get_by_text("1 boarder is away with leave.")).to_be_visible()
    check_sizes(warden, "an evening list")
    assert books.rows("SELECT count(*) FROM boarding_eveningmark") == [(0,)], "leave only proposes"
    mark(warden, "Ben", "Missing")
    warden.get_by_role("button", name="Save, and all others are here").click()
    expect(warden.get_by_text("In the house: 1. On leave: 1. Missing: 1. Not marked: 0.")).to_be_visible()

    office.goto(office.url.split("/staff/")[0] + "/")
    office.get_by_role("link", name="1 boarder is not accounted for tonight").click()
    expect(office.get_by_text("marked missing by Tessa Reed")).to_be_visible()
    check_sizes(office, "a boarder is missing")

    mark(warden, "Ben", "Back late")
    warden.get_by_role("button", name="Save", exact=True).click()
    expect(warden.get_by_text("In the house: 2. On leave: 1. Missing: 0. Not marked: 0.")).to_be_visible()
    warden.get_by_role("button", name="Close the list").click()
    expect(warden.get_by_text("Closed. A change from now on needs a reason.")).to_be_visible()
    correct(warden)
    guardian.goto(guardian.url.replace("/absence/", "/evenings/"))
    expect(guardian.get_by_text("Away with leave")).to_be_visible()
    check_sizes(guardian, "a family reads the evening list")
    said = books.rows("SELECT word, is_correction FROM boarding_eveningmark ORDER BY is_correction, word")
    assert said == [("absent", 0), ("here", 0), ("late", 0), ("leave", 0), ("leave", 1)]
    assert books.rows("SELECT count(*) FROM attendance_mark") == [(0,)]


def books_say(books: Books, page: Page, query: str, rows: list[tuple[Any, ...]]) -> None:
    """Wait until the database says so."""
    for _try in range(100):
        if books.rows(query) == rows:
            return
        page.wait_for_timeout(100)
    assert books.rows(query) == rows
