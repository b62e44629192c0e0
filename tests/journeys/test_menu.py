"""From an empty menu to a lunch that is sold: by the canteen manager's pages and at the till."""

import re
import sqlite3
import sys
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenTill
from tests.pages.console.site import check_sizes
from tests.support.browser import PHONE, Books, Till
from tests.support.presses import Hand, note
from tests.support.server import Server

from willing.core.comparison import fold_words

ADD_PRESSES_MAX = 4
WORDS = (
    "Crème brûlée",
    "O’Brien's  SOUP",
    "ＦＵＬＬ width",
    "Straße",
    "Łódź-Smørrebrød",
    "咖喱鸡饭",
    "ΣΟΥΠΑΣ",
    "Zoë\u200b cake",
    "नमस्ते",
    "½ portion",
    "İstanbul",
    "ﬁsh & chips, 2×",
)


@pytest.fixture
def empty_menu(server: Server) -> None:
    """Nothing is on the menu yet."""
    with closing(sqlite3.connect(server.home / "willing.sqlite3", timeout=10)) as connection:
        connection.execute("DELETE FROM till_barcode")
        connection.execute("DELETE FROM till_product")
        connection.commit()


def open_menu(till: Till) -> Page:
    """Open the menu's page in the canteen manager's own browser."""
    context = till.context.browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    session = {"name": "sessionid", "value": till.school["canteen_session"], "url": till.server.address}
    context.add_cookies([session])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{till.server.address}/staff/today/")
    return page


def rows(page: Page, category: str) -> Any:
    return page.locator(f'[data-category="{category}"] .menu-name')


def names(page: Page, category: str) -> list[str]:
    return [name.strip() for name in rows(page, category).all_inner_texts()]


def go_to_menu(hand: Hand, page: Page) -> None:
    """Open the page Menu by the header's areas."""
    hand.press(page.locator("summary", has_text="Lunch"))
    hand.press(page.get_by_role("link", name="Menu", exact=True))


def test_from_an_empty_menu_to_a_lunch_that_is_sold(
    empty_menu: None, open_till: OpenTill, books: Books, capsys: Any
) -> None:
    till = open_till()
    expect(till.screen).to_contain_text("The menu is empty")
    page, hand = open_menu(till), Hand()
    go_to_menu(hand, page)
    hand.press(page.get_by_role("button", name="Use this menu"))
    expect(page.locator("#notices")).to_contain_text("13 products are on the menu.")
    begin = hand.presses

    adding = add_product(till, page)

    # Sold out, by one press, at the canteen; the order, by a drag.
    page.set_viewport_size({"width": 1280, "height": 800})
    page.locator(".menu-row", has_text="Soup of the day").get_by_role("button", name="Sold out").click()
    expect(page.locator(".sold-out")).to_contain_text("Soup of the day")
    drag(page, "drink", 0, 2)
    expect(rows(page, "drink").nth(1)).to_contain_text("Orange juice")
    page.reload()
    assert names(page, "drink") == ["Milk", "Orange juice", "Water"]

    selling = sell(till, books)
    note("a menu to begin with", begin)
    note("add a product", adding.presses, characters=adding.characters)
    with capsys.disabled():
        sys.stdout.write(
            f"\nmenu to begin with: {begin} presses; a product: {adding.presses} presses (wanted: "
            f"{ADD_PRESSES_MAX}); two of it sold by card after being put aside: {selling.presses} presses\n"
        )


def add_product(till: Till, page: Page) -> Hand:
    """Add a product: the page, the button, save; the name has the focus, and Tab leads to the price."""
    page.goto(f"{till.server.address}/staff/today/")
    adding = Hand()
    go_to_menu(adding, page)
    adding.press(page.get_by_role("link", name="Add a product"))
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Fish fingers")
    page.keyboard.press("Tab")
    page.keyboard.type("2,60")
    adding.press(page.get_by_role("button", name="Save"))
    expect(page.locator("#notices")).to_contain_text("Fish fingers is on the menu.")
    assert adding.presses <= ADD_PRESSES_MAX
    check_sizes(page, "the menu")
    return adding


def sell(till: Till, books: Books) -> Hand:
    """Sell two of it: tabs, a quantity, a basket put aside and taken back, paid by card."""
    till.page.reload()
    till.wait_for_script()
    selling = Hand()
    visible = till.page.locator(".product:visible")
    expect(visible).to_have_count(5)  # the meals
    selling.press(till.page.locator(".product:visible", has_text="Fish fingers"))
    till.stage("choose")
    selling.press(till.page.get_by_role("button", name="Sides", exact=True))
    expect(till.page.locator(".is-sold-out")).to_contain_text("Sold out: put back")
    selling.press(till.page.get_by_role("button", name="One Fish fingers more"))
    expect(till.page.locator(".basket-lines")).to_contain_text("× 2")
    selling.press(till.page.get_by_role("button", name="Put aside"))
    till.stage("empty")
    selling.press(till.page.get_by_role("button", name="Take back"))
    till.stage("choose")
    expect(till.page.locator(".basket-lines")).to_contain_text("Fish fingers")
    expect(visible.first).to_contain_text("Sandwich")  # the tab that was chosen stays
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    selling.presses += 1
    till.press("Yes, pay")
    till.stage("paid")
    assert [(way, total) for _who, way, total, _number in books.sales()] == [("card", 520)]
    return selling


def drag(page: Page, category: str, from_place: int, to_place: int) -> None:
    """Drag a product by its handle."""
    handles = page.locator(f'[data-category="{category}"] .drag-handle')
    handles.nth(to_place).scroll_into_view_if_needed()
    start, end = handles.nth(from_place).bounding_box(), handles.nth(to_place).bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 8, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, end["y"] + end["height"] + 4, steps=6)
    with page.expect_response(re.compile(r"/menu/order/$")):
        page.mouse.up()


def test_a_cashier_finds_a_product_by_keyboard_and_marks_what_is_sold_out(
    empty_menu: None, open_till: OpenTill
) -> None:
    till = open_till()
    page = open_menu(till)
    page.goto(f"{till.server.address}/staff/menu/")
    page.get_by_role("button", name="Use this menu").click()
    till.page.reload()
    till.wait_for_script()
    search = till.page.get_by_label("Search the menu")
    search.fill("VEGETÁRIAN")
    expect(till.page.locator(".product:visible")).to_have_count(1)
    search.press("Enter")
    till.stage("choose")
    expect(till.page.locator(".basket-lines")).to_contain_text("Vegetarian meal")
    expect(search).to_be_focused()
    search.fill("牛奶")  # by the other language's name
    expect(till.page.locator(".product:visible")).to_contain_text("Milk")
    search.fill("nothing like it")
    expect(till.page.get_by_text("Nothing on today's menu has this name.")).to_be_visible()
    search.fill("")
    till.page.get_by_role("button", name="Mark what is sold out").click()
    expect(till.page.get_by_role("button", name="Done")).to_be_visible()
    till.page.locator(".product:visible", has_text="Pasta pot").click()
    expect(till.page.locator(".is-sold-out")).to_contain_text("Pasta pot")
    till.page.get_by_role("button", name="Done").click()
    expect(till.page.get_by_role("button", name="Mark what is sold out")).to_be_visible()
    till.page.locator(".is-sold-out").click()  # undone in one press
    expect(till.page.locator(".is-sold-out")).to_have_count(0)
    check_sizes(till.page, "the till with a long menu")


def test_the_search_at_the_till_folds_as_the_server_does(open_till: OpenTill) -> None:
    till = open_till()
    folded = till.page.evaluate(
        """async (words) => {
          const scripts = [...document.querySelectorAll("script[type=module]")].map((one) => one.src);
          const till = scripts.find((one) => one.includes("/kiosk/"));
          const { foldWords } = await import(new URL("menu.js", till).href);
          return words.map((word) => foldWords(word));
        }""",
        list(WORDS),
    )
    assert folded == [fold_words(word) for word in WORDS]


def test_the_till_of_a_long_menu_fits_a_phone(empty_menu: None, open_till: OpenTill) -> None:
    till = open_till(size=PHONE, language="zh-hans")
    page = open_menu(till)
    page.goto(f"{till.server.address}/staff/menu/")
    page.get_by_role("button", name="Use this menu").click()
    till.page.reload()
    till.wait_for_script()
    till.page.locator(".product:visible").first.click()
    till.stage("choose")
    check_sizes(till.page, "the till with a long menu, in Chinese")
