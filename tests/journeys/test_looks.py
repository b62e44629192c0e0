"""The till on a desk and in a hand, in both languages: it fits, and axe finds nothing serious.

And the header of what pupils and families use.
"""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import Be, OpenTill
from tests.journeys.test_gate import set_up as set_up_lane
from tests.pages.console.site import violations
from tests.pages.console.test_frame import check_header
from tests.support.browser import DESKTOP, PHONE, Books, Browsers, Till
from tests.support.clips import two_people

ENGLISH = {"yes": "Yes, pay", "stop": "Stop using my face", "back": "No, go back"}
CHINESE = {"yes": "确认付款", "stop": "停用刷脸", "back": "返回"}


def check(till: Till, stage: str) -> None:
    """Check one stage on the desk and in the hand; axe looks once, as in tests/pages/console/site.py."""
    till.stage(stage)
    is_chinese = till.page.locator("html").get_attribute("lang") == "zh-hans"
    for width, height in (PHONE, DESKTOP):
        till.page.set_viewport_size({"width": width, "height": height})
        if is_chinese == (width == DESKTOP[0]):
            assert violations(till.page) == [], stage
        _check_size(till, f"{stage} at {width} px")


def _check_size(till: Till, stage: str) -> None:
    """Check that the header is one line, nothing wider than the screen, and every target large enough."""
    header = till.page.locator(".site-header").bounding_box()
    assert header is not None
    assert header["height"] < 64, stage
    wide = till.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{stage}: {wide} px wider than the screen"
    small = till.page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([type=hidden]), a.button")]
          .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden"))
          .filter((one) => one.offsetHeight < 44 || one.offsetWidth < 44)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == [], stage


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_stage_is_readable_touchable_and_accessible(
    open_till: OpenTill, books: Books, language: str, tmp_path: Path
) -> None:
    words = ENGLISH if language == "en" else CHINESE
    clip = two_people(tmp_path / "two.mjpeg", "person_a_2", "person_b_2")
    till = open_till(clip, language=language)
    expect(till.page.locator("html")).to_have_attribute("lang", language)
    check(till, "empty")
    till.page.locator(".product").first.click()
    check(till, "choose")
    for way in ("card", "pin", "staff", "face"):
        till.pupil.locator(f'.way[value="{way}"]').click()
        check(till, way)
        till.pupil.locator("[data-escape]").click()
        till.stage("choose")
    till.scan(till.cast["agrees"]["card"])
    check(till, "identified")
    till.press(words["stop"])
    check(till, "stop")
    till.press(words["back"])
    till.stage("identified")
    till.press(words["yes"])
    check(till, "paid")
    assert len(books.sales()) == 1
    till.expect_camera_off()


def test_the_pairing_page_is_accessible_and_refuses_a_wrong_code(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    till.page.goto(f"{till.server.address}/till/pair/?code=WRONG234")
    assert violations(till.page) == []
    till.page.get_by_role("button", name="Pair").click()
    expect(till.page.get_by_role("main")).to_contain_text("This code is not valid.")
    assert violations(till.page) == []
    assert books.rows("SELECT count(*) FROM terminals_terminal WHERE token_digest <> ''") == [(1,)]


FAMILY_PAGES = {"guardian": ("/family/", "/family/money/"), "pupil": ("/family/me/", "/family/me/pay-in/")}


def test_the_header_is_one_line_on_second_screens_lanes_and_family_pages(
    open_till: OpenTill, be: Be, browsers: Browsers
) -> None:
    till = open_till()
    second = till.pair_second(browsers.open(None, allowed=True, locale="en-GB"))
    lane = be("pairing", set_up_lane(be("office", "/staff/gate/")))
    lane.get_by_role("button", name="Pair").click()
    expect(lane.get_by_role("heading", name="Both ways")).to_be_visible()
    opened = {"a second screen": second.page, "a lane": lane}
    opened |= {f"{who} at {path}": be(who, path) for who, paths in FAMILY_PAGES.items() for path in paths}
    for what, page in opened.items():
        has_help = page.locator("a[href^='/help/']").count() > 0
        for language in ("en", "zh-hans"):
            cookie = {"name": "django_language", "value": language, "url": till.server.address}
            page.context.add_cookies([cookie])  # type: ignore[list-item]
            page.reload()
            expect(page.locator("html")).to_have_attribute("lang", language)
            check_header(page, f"{what} ({language})", has_help=has_help)
