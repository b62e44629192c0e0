"""The enrolment desk with a camera in place of a reader: a card's QR code opens its owner's enrolment."""

from pathlib import Path
from typing import Any

import segno
from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, check_sizes, serve_site  # noqa: F401  (a fixture)
from tests.pages.console.test_staff_in_browser import camera, expect_camera_off
from tests.support.clips import write_codes

from willing.credentials.shares import PrintedCard, card_text, encode_share

SHARE = bytes(range(16))


def write_card(path: Path, text: str) -> Path:
    """Write what a camera sees of a card's square."""
    rows = [list(row) for row in segno.make(text).matrix_iter(border=4)]
    return write_codes(path, [rows])


def open_desk(site: Site, **how: Any) -> tuple[Page, list[str]]:
    """Open the desk; return its page and everything that it sends from then on."""
    page, sent = site.open("/staff/enrol/", staff=True, **how), []
    page.on("request", lambda one: sent.append(f"{one.url} {one.post_data or ''}"))
    assert (camera(page)["touched"], camera(page)["asked"]) == (0, 0)
    return page, sent


def test_a_cards_square_held_to_the_camera_opens_its_owners_enrolment_and_its_share_goes_nowhere(
    site: Site, tmp_path: Path
) -> None:
    text = card_text("https://school.example/c", PrintedCard(site.known["card_codes"]["Ben"], SHARE))
    page, sent = open_desk(site, clip=write_card(tmp_path / "card.mjpeg", text))
    page.get_by_role("button", name="Read the QR code by camera").click()
    expect(page.get_by_role("heading", name="Ben Okafor")).to_be_visible()
    assert camera(page)["touched"] == 0, "the desk's camera is off, and the next page has not asked"
    assert any(site.known["card_codes"]["Ben"] in one for one in sent)
    share = encode_share(SHARE)
    assert not [one for one in sent if share in one or share[:13] in one or share[13:] in one]


def test_a_square_that_is_no_card_sends_nothing_and_stop_ends_the_camera(site: Site, tmp_path: Path) -> None:
    clip = write_card(tmp_path / "other.mjpeg", "https://elsewhere.example/menu?day=1")
    page, sent = open_desk(site, clip=clip)
    page.get_by_role("button", name="Read the QR code by camera").click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    expect(page.locator("[data-scan-panel] video")).to_have_js_property("readyState", 4)
    check_sizes(page, "the desk's camera")
    assert camera(page)["live"] == 1
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Read the QR code by camera")).to_be_visible()
    expect_camera_off(page)
    assert [one for one in sent if "elsewhere" in one or "/scan/" in one] == []
    refused, _ = open_desk(site, clip=clip, allowed=False)
    refused.get_by_role("button", name="Read the QR code by camera").click()
    expect(refused.locator("[data-scan-state]")).to_contain_text("may not use the camera")
    expect_camera_off(refused)
