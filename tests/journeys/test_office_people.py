"""The office adds a pupil, a guardian and a class, corrects a typo, marks as left, and brings back."""

import re
import sys
from typing import Any

from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, check, serve_site  # noqa: F401  (a fixture)
from tests.support.presses import Hand, note

HEADER_PX_BELOW = 64


def say(capsys: Any, what: str, hand: Hand) -> None:
    """Print what a part of the journey took, also where tests capture their output."""
    with capsys.disabled():
        sys.stdout.write(f"\n{what}: {hand}\n")
    note(what, hand.presses, characters=hand.characters)


def test_the_office_looks_after_a_pupil_from_the_first_day_on(site: Site, capsys: Any) -> None:
    page = site.open("/", staff=True)
    add_pupil(page, capsys)
    use_the_frame(page)
    add_guardian(page, capsys)
    correct(page, capsys)
    leave_and_come_back(page, capsys)
    pay_in(page, capsys)
    add_brother(page, capsys)
    events = [event for (event,) in site.books.rows("SELECT event FROM audit_entry ORDER BY sequence")]
    for event in ("person.added", "guardian.linked", "person.changed", "person.left", "person.returned"):
        assert event in events


def add_pupil(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.press(page.locator("main").get_by_role("link", name=re.compile("^People Cards")))
    hand.press(page.get_by_role("link", name="Add a person"))
    check(page, "add a person")
    hand.type(page.get_by_label("Given name"), "Milo")
    hand.type(page.get_by_label("Family name"), "Ferara")
    hand.type(page.get_by_label("Or a new class"), "Year 7")
    hand.press(page.get_by_role("button", name="Add"))
    expect(page.get_by_role("status")).to_contain_text("Milo Ferara is added, with till number 1004.")
    say(capsys, "add a pupil in a new class", hand)


def use_the_frame(page: Page) -> None:
    """Open the areas of the header: four in one line at every width, one open at a time, closed by Escape."""
    before = page.viewport_size
    areas = page.locator(".areas > details > summary")
    for width in (320, 390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        box = page.locator(".site-header").bounding_box()
        assert box is not None
        assert box["height"] < HEADER_PX_BELOW
        assert page.locator(".site-header").evaluate("(one) => one.scrollWidth <= window.innerWidth")
        expect(areas).to_have_text(["Lunch", "People", "Privacy", "School"])
        for area in areas.all():
            expect(area).to_be_in_viewport(ratio=1)
    people, school = (page.locator("details.area", has_text=name) for name in ("People", "Calendar"))
    people.locator("summary").click()
    expect(people.get_by_role("link", name="Enrolment desk")).to_be_visible()
    school.locator("summary").click()
    expect(people.get_by_role("link", name="Enrolment desk")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(school.get_by_role("link", name="Calendar")).to_be_hidden()
    expect(school.locator("summary")).to_be_focused()
    page.set_viewport_size(before or {"width": 1280, "height": 844})


def add_guardian(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.press(page.get_by_role("link", name="Family"))
    hand.press(page.get_by_role("link", name="Add a guardian"))
    check(page, "add a guardian")
    hand.type(page.get_by_label("Full name"), "Rosa Ferrara")
    hand.type(page.get_by_label("Relationship"), "Mother")
    hand.type(page.get_by_label("E-mail address"), "rosa@home.example")
    hand.press(page.get_by_role("button", name="Add"))
    expect(page.get_by_role("region", name="Guardians")).to_contain_text("Rosa Ferrara (Mother)")
    say(capsys, "add a guardian", hand)


def correct(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.press(page.get_by_role("link", name="Edit", exact=True).first)
    hand.type(page.get_by_label("Family name"), "Ferrara")
    hand.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("heading", name="Milo Ferrara")).to_be_visible()
    check(page, "person")
    say(capsys, "correct a typo", hand)


def leave_and_come_back(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.press(page.get_by_role("link", name="Has left the school"))
    hand.press(page.get_by_role("button", name="Yes, has left"))
    for name in ("Pay in", "Print a new card", "Set PIN"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    check(page, "has left")
    say(capsys, "mark as left", hand)
    hand = Hand()
    page.goto(page.url.split("/staff/")[0] + "/staff/people/")
    hand.press(page.get_by_role("link", name="Show those who have left"))
    hand.press(page.get_by_role("link", name="Milo Ferrara"))
    hand.press(page.get_by_role("button", name="Is back at school"))
    expect(page.get_by_role("status")).to_contain_text("Milo Ferrara is back.")
    expect(page.get_by_role("button", name="Pay in")).to_be_visible()
    say(capsys, "bring back", hand)


def pay_in(page: Page, capsys: Any) -> None:
    """Pay in: found, opened, paid in, with how it was paid, a receipt and the way back."""
    hand = Hand()
    page.goto(page.url.split("/staff/")[0] + "/staff/people/")
    hand.type(page.get_by_role("searchbox"), "milo")
    hand.press(page.get_by_role("button", name="Search"))
    hand.press(page.get_by_role("link", name="Milo Ferrara"))
    expect(page.get_by_label("Cash")).to_be_checked()
    hand.type(page.get_by_label("Amount"), "20")
    hand.press(page.get_by_role("button", name="Pay in"))
    expect(page.get_by_role("status")).to_contain_text("£20.00 was paid in. Receipt 1.")
    say(capsys, "top up at the office", hand)
    assert hand.presses <= 5
    page.locator("summary", has_text="Paid in").click()
    for name in ("Receipt 1", "Take it back"):
        expect(page.get_by_role("link", name=name)).to_be_visible()


def add_brother(page: Page, capsys: Any) -> None:
    """Add a brother: his guardian is found again by address, and not entered twice."""
    hand = Hand()
    hand.press(page.get_by_role("link", name="People", exact=True).first)
    hand.press(page.get_by_role("link", name="Add a person"))
    hand.type(page.get_by_label("Given name"), "Nino")
    hand.type(page.get_by_label("Family name"), "Ferrara")
    hand.choose(page.get_by_label("Class", exact=True), "Year 7")
    hand.press(page.get_by_role("button", name="Add"))
    hand.press(page.get_by_role("link", name="Family"))
    hand.press(page.get_by_role("link", name="Add a guardian"))
    hand.type(page.get_by_label("Full name"), "R. Ferrara")
    hand.type(page.get_by_label("E-mail address"), "Rosa@Home.example")
    hand.press(page.get_by_role("button", name="Add"))
    expect(page.get_by_role("heading", name="Someone here has this address already")).to_be_visible()
    check(page, "known guardian")
    hand.press(page.get_by_role("button", name="This one"))
    expect(page.get_by_role("region", name="Guardians")).to_contain_text("Rosa Ferrara")
    say(capsys, "add a brother with the same guardian", hand)
