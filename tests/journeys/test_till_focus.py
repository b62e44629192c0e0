"""At the till the keyboard's focus is always to be seen: on a phone, and on a desk's screen at 400 %."""

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import OpenTill
from tests.support.keyboard import IS_SEEN

NAME = "() => document.activeElement.outerHTML.slice(0, 100)"


@pytest.mark.parametrize(
    "size",
    [(320, 256), (390, 844), (360, 640), (844, 390), (768, 1024)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_wcag_2_4_11_the_focus_is_never_hidden_under_the_basket(
    open_till: OpenTill, size: tuple[int, int]
) -> None:
    till = open_till(None)
    till.page.set_viewport_size({"width": size[0], "height": size[1]})
    for number in range(3):
        till.page.locator(".product").nth(number).click()
        # The screen that this press brings is there: it would take the focus away.
        expect(till.page.locator(".basket-lines .line-remove")).to_have_count(number + 1)
        till.stage("choose")
    hidden, seen = [], set()
    for key in ("Tab", "Shift+Tab"):
        till.page.evaluate("document.activeElement.blur()")
        for _ in range(60):
            till.page.keyboard.press(key)
            if till.page.evaluate("document.activeElement === document.body"):
                break
            seen.add(till.page.evaluate(NAME))
            if not till.page.evaluate(IS_SEEN):
                hidden.append((key, till.page.evaluate(NAME)))
    assert len(seen) > 8
    assert hidden == []
