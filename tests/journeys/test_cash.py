"""A counter's service with cash: the drawer is put under the till and opened, a visitor pays and gets change,
a wrong sale is voided, the drawer is counted; presses are counted, and the books agree with the drawer."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.seed_data import STAFF_PIN
from tests.support.browser import PHONE, Books, Till
from tests.support.presses import COUNT_PRESSES, note


def open_drawer(till: Till) -> None:
    """Let the canteen manager put a drawer under the till and open it, in a browser of their own."""
    context = till.context.browser.new_context(locale="en-GB") if till.context.browser else None
    assert context is not None
    session = till.school["canteen_session"]
    context.add_cookies([{"name": "sessionid", "value": session, "url": till.server.address}])
    page = context.new_page()
    page.goto(f"{till.server.address}/staff/money/drawers/")
    page.get_by_label("Name").fill("Counter")
    page.get_by_label("Till").select_option(label="Canteen 1")
    page.get_by_role("button", name="Add a drawer").click()
    page.get_by_role("link", name="Counter").click()
    page.get_by_label("Change from the safe").fill("20")
    page.get_by_role("button", name="Open it").click()
    expect(page.get_by_role("status")).to_contain_text("The drawer is open.")
    context.close()


def sign_on(page: Page) -> None:
    page.get_by_role("link", name="Cashier:").click()
    page.get_by_role("radio", name="Sam Reed").click()
    for digit in STAFF_PIN:
        page.locator("#cashier-panel").get_by_role("button", name=digit, exact=True).click()
    expect(page.get_by_role("link", name="Cashier: Sam Reed")).to_be_visible()


def presses(page: Page) -> int:
    return int(page.evaluate("window.__presses"))


def read_the_x(page: Page) -> None:
    """Read the till's own X report, of two sales by now, and close it."""
    before = presses(page)
    page.get_by_role("link", name="Cashier: Sam Reed").click()
    page.get_by_role("link", name="X report").click()
    panel = page.locator("#cashier-panel")
    expect(panel.get_by_role("heading", name="X report: Canteen 1")).to_be_visible()
    expect(panel.get_by_role("row", name=re.compile("^Total 2"))).to_be_visible()
    note("the till's own X report", presses(page) - before)
    assert presses(page) - before <= 2
    page.keyboard.press("Escape")
    expect(panel).to_be_empty()


@pytest.mark.parametrize("size", [(1280, 800), PHONE], ids=["1280", "390"])
def test_a_visitor_pays_in_two_presses_and_the_last_sale_is_voided_in_two(
    open_till: OpenTill, books: Books, size: tuple[int, int]
) -> None:
    till = open_till(size=size)
    open_drawer(till)
    page = till.page
    sign_on(page)
    till.add()
    page.evaluate(COUNT_PRESSES)
    page.get_by_role("link", name="Cash: visitor or staff").click()
    page.get_by_role("button", name="£5.00").click()
    till.stage("paid")
    note("a visitor pays in cash", presses(page))
    assert presses(page) <= 2
    expect(till.pupil).to_contain_text("Change: £2.50")
    expect(page.locator("#cashier-panel")).to_be_empty()
    assert books.sales() == [(None, "cash", 250, 1)]

    before = presses(page)
    page.get_by_role("link", name="Void the last sale").click()
    page.get_by_role("button", name="Yes, void it").click()
    till.stage("empty")
    note("void the last sale", presses(page) - before)
    assert presses(page) - before <= 2
    expect(till.pupil).to_contain_text("Receipt 1 is voided.")
    expect(page.locator("#cashier-panel")).to_be_empty()
    assert books.rows("SELECT is_voided, refunded, refunded_cash_minor FROM till_sale") == [(1, "whole", 250)]

    # By keyboard alone, and what was typed too small is said in the panel.
    till.add("Milk")
    till.stage("choose")
    page.get_by_role("link", name="Cash: visitor or staff").press("Enter")
    page.get_by_label("Another sum").fill("0.40")
    page.get_by_label("Another sum").press("Enter")
    expect(page.locator("#cashier-panel")).to_contain_text("That is less than the sum to pay.")
    page.get_by_label("Another sum").fill("1")
    page.get_by_label("Another sum").press("Enter")
    till.stage("paid")
    page.get_by_role("link", name="Show the receipt").click()
    expect(page.locator("#cashier-panel")).to_contain_text("Change given")
    page.keyboard.press("Escape")
    expect(page.locator("#cashier-panel")).to_be_empty()

    read_the_x(page)

    page.get_by_role("link", name="Cashier: Sam Reed").click()
    page.get_by_role("link", name="Count the drawer").click()
    expect(page.get_by_label("In the drawer")).to_be_visible()
    for key in "20.45":
        page.locator("#cashier-panel").get_by_role("button", name=key, exact=True).click()
    page.locator("#cashier-panel").get_by_role("button", name="Continue").click()
    expect(page.locator("#cashier-panel")).to_contain_text("£20.45 is taken down as counted.")
    found = books.rows("SELECT counted_minor, expected_minor FROM drawers_drawersession")
    assert found == [(2045, 2045)]
