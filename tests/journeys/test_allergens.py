"""An allergy from the family's page to the till: its dish is held back, a safe one named, a reaction kept."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.pages.console.site import check_sizes
from tests.support.browser import DESKTOP, PHONE, Books, Browsers, Till
from tests.support.server import Server

CURRY, PASTA = "Chicken curry with rice", "Pasta with tomato sauce"
OpenTill = Callable[..., Till]


@pytest.fixture
def be(browsers: Browsers, server: Server, school: dict[str, Any]) -> Callable[..., Page]:
    """Open a page in a browser of somebody's own."""

    def be_(who: str, path: str, *, size: tuple[int, int] = DESKTOP) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browsers.open(None, allowed=True, viewport=viewport, locale="en-GB", accept_downloads=True)
        session = {"name": "sessionid", "value": school[f"{who}_session"], "url": server.address}
        context.add_cookies([session])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(server.address + path)
        return page

    return be_


def declare(kitchen: Page, dish: str, *, has_milk: bool) -> None:
    """Say of a dish whether milk is in it, and that none of the others is."""
    kitchen.get_by_role("link", name=dish, exact=True).click()
    milk = kitchen.get_by_role("group", name="Milk", exact=True)
    milk.get_by_label("Contains" if has_milk else "Does not contain", exact=True).check()
    kitchen.get_by_label("None of those without an answer above is in it").check()
    kitchen.get_by_role("button", name="Save").click()
    expect(kitchen.get_by_role("heading", name="Today's menu")).to_be_visible()


def test_an_allergy_from_the_family_to_the_till(
    be: Callable[..., Page], open_till: OpenTill, school: dict[str, Any], books: Books
) -> None:
    chen = school["cast"]["pays_by_card"]
    child = UUID(chen["id"])
    family = be("guardian", f"/family/child/{child}/food/", size=PHONE)
    family.get_by_label("Allergen", exact=True).select_option(label="Milk")
    family.get_by_role("button", name="Save").click()
    expect(family.get_by_text("Entered by you")).to_be_visible()
    check_sizes(family, "an allergy entered")

    kitchen = be("canteen", "/staff/allergens/")
    expect(kitchen.get_by_role("heading", name="No safe main meal today")).to_be_visible()
    declare(kitchen, CURRY, has_milk=True)
    declare(kitchen, PASTA, has_milk=False)
    kitchen.get_by_role("button", name="Sign today's menu").click()
    expect(kitchen.get_by_role("heading", name="No safe main meal today")).to_have_count(0)
    check_sizes(kitchen, "today's allergens")
    # The next school day's menu is signed ahead; today's stays as it is.
    kitchen.get_by_role("navigation", name="Which day").get_by_role("link").nth(1).click()
    kitchen.get_by_role("button", name="Sign this day's menu").click()
    expect(kitchen.get_by_text("The menu of this day is signed.")).to_be_visible()
    check_sizes(kitchen, "another day's allergens")

    till = open_till()
    till.add(CURRY)
    till.choose("card")
    till.type_code(chen["card"])
    held = till.page.locator("section.held")
    expect(held.get_by_text("Milk")).to_be_visible()
    expect(held.get_by_text(PASTA)).to_be_visible()
    expect(till.pupil).not_to_contain_text("Milk")
    check_sizes(till.page, "a dish held back")
    held.get_by_role("button", name="Take it out").click()
    expect(held).to_have_count(0)
    # Nothing is left to pay for, so nobody is shown; the same pupil says it again, the same way.
    till.add(PASTA)
    till.stage("card")
    till.type_code(chen["card"])
    expect(till.pupil.get_by_role("button", name="Yes, pay")).to_be_visible()
    expect(held).to_have_count(0)
    till.press("Yes, pay")
    till.stage("paid")
    assert [row[0] for row in books.rows("SELECT total_minor FROM till_sale")] == [240]

    office = be("office", f"/staff/people/{child}/allergens/")
    office.get_by_text("Report a near miss or a reaction").click()
    office.get_by_label("Reaction", exact=True).check()
    office.get_by_label("In a few words, without other pupils' names").fill("Tingling after a shared biscuit")
    office.get_by_role("button", name="Report", exact=True).click()
    expect(office.get_by_text("Tingling after a shared biscuit")).to_be_visible()
    events = be("office", "/staff/allergy-incidents/")
    expect(events.get_by_text(CURRY).first).to_be_visible()
    with events.expect_download() as download:
        events.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig")
    assert "Chicken curry" in lines
    assert "Tingling" in lines
