"""Parts of a fault of 0.1.0 that only a browser shows (docs/develop/faults.md, row 13)."""

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.pages.console.site import Site, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import DESKTOP, PHONE
from tests.support.folds import bare_folds

# What is drawn around what has the focus.
AROUND = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [style.outlineStyle, style.boxShadow, style.borderTopWidth];
}"""


def test_no_box_is_drawn_around_the_greeting_that_a_scanned_card_brings(open_till: OpenTill) -> None:
    till = open_till()
    till.add()
    till.stage("choose")
    till.choose("Card")
    till.stage("card")
    till.scan(till.cast["pays_by_card"]["card"])  # as from a keyboard, so that the browser shows focus rings
    till.stage("identified")
    greeting = till.page.get_by_role("heading", name="Hello, ")
    expect(greeting).to_be_focused()  # a screen reader begins there
    outline, shadow, border = till.page.evaluate(AROUND)
    assert (outline, shadow, border) == ("none", "none", "0px")
    till.page.keyboard.press("Tab")
    assert till.page.evaluate(AROUND) != ["none", "none", "0px"], "what can be pressed has its ring"


def test_after_a_payment_the_basket_says_paid_and_no_total_beside_it(open_till: OpenTill) -> None:
    till = open_till()
    till.add()
    till.stage("choose")
    basket = till.page.locator(".basket")
    expect(basket).to_contain_text("Total")
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    till.press("Yes, pay")
    till.stage("paid")
    expect(basket).to_contain_text("Paid")
    expect(basket).not_to_contain_text("Total")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_tills_header_is_one_line_on_a_phone_in_both_languages(
    open_till: OpenTill, language: str
) -> None:
    till = open_till(size=PHONE, language=language)
    for width in (320, PHONE[0], DESKTOP[0]):
        till.page.set_viewport_size({"width": width, "height": PHONE[1]})
        header = till.page.locator(".site-header").bounding_box()
        assert header
        assert header["height"] < 64, width
        assert till.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


def test_what_says_that_a_guardian_cannot_be_notified_looks_as_if_it_unfolds(site: Site) -> None:
    page = site.open(f"/staff/people/{site.known['persons']['Chen']}/#face", staff=True)
    fold = page.get_by_text("Can't be notified")
    expect(fold).to_be_visible()
    assert bare_folds(page) == []
    box = fold.bounding_box()
    assert box
    assert box["height"] >= 44
    fold.click()
    expect(page.get_by_role("button", name="Record it")).to_be_visible()
