"""One frame around every page: a header of one line, the school's name, logo and colour, and Help."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, serve_site, violations  # noqa: F401  (fixture)
from tests.support.signing import sign_in

from willing.people.look import set_logo
from willing.people.models import School
from willing.people.queries import require_school

WIDTHS = (320, 390, 768, 1280)
HEADER_PX_MAX = 64
AREAS = {"en": ["Lunch", "People", "Privacy", "School"], "zh-hans": ["午餐", "人员", "隐私", "学校"]}
OPEN_PAGES = ("/sign-in/", "/sign-in/card/", "/family/policy/", "/till/pair/", "/help/calendar/")
# How high the header is, what of it is off the screen, how much wider the page is, whether Help is in sight.
MEASURED = """() => ({
  height: document.querySelector('.site-header').offsetHeight,
  outside: [...document.querySelectorAll('.site-header :is(a, button, summary)')]
    .filter((one) => one.checkVisibility() && !one.closest('.area-pages'))
    .filter((one) => { const box = one.getBoundingClientRect();
      return box.left < 0 || box.right > innerWidth + 0.5 || box.height < 24; })
    .map((one) => one.outerHTML.slice(0, 90)),
  covered: [...document.querySelectorAll('.site-header :is(a, button, summary)')]
    .filter((one) => one.checkVisibility() && !one.closest('.area-pages'))
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
    .filter(([box], at, all) => at > 0 && box.left < all[at - 1][0].right - 0.5)
    .map(([, html]) => html),
  wider: document.documentElement.scrollWidth - innerWidth,
  helps: [...document.querySelectorAll("a[href^='/help/']")].some((one) => one.checkVisibility()),
})"""


def check_header(page: Page, what: str, *, has_help: bool = True) -> None:
    """Check that the header is one line, and nothing in it is outside the screen or hides another part."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate(MEASURED)
        assert found["height"] < HEADER_PX_MAX, f"{what} at {width} px"
        assert found["outside"] == [], f"{what} at {width} px"
        assert found["covered"] == [], f"{what} at {width} px"
        assert found["wider"] <= 0, f"{what} at {width} px"
        assert found["helps"] == has_help, f"{what} at {width} px: help in sight: {found['helps']}"


@pytest.mark.journey
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_header_is_one_line_at_every_width(site: Site, language: str) -> None:
    page = site.open("/", staff=True, language=language)
    check_header(page, "the front page")
    assert page.locator(".areas .area-name").all_inner_texts() == AREAS[language]
    page.goto(f"{site.address}/staff/people/{site.known['persons']['Ana']}/")
    check_header(page, "a person's page")
    page = site.open(OPEN_PAGES[0], language=language)
    for address in (*OPEN_PAGES, reverse("portal:consent", args=[site.known["links"]["Ana"]])):
        answer = page.goto(site.address + address)
        assert answer is not None
        assert answer.status == 200, address
        check_header(page, address)


@pytest.mark.journey
def test_help_opens_beside_the_page_and_closes_again(site: Site) -> None:
    page = site.open("/staff/calendar/", staff=True)
    link = page.locator(".site-header .help-link")
    link.click()
    panel = page.locator("#help-panel")
    expect(panel.get_by_role("heading", name="The calendar")).to_be_focused()
    assert violations(page) == []
    assert page.url.endswith("/staff/calendar/"), "what was entered is still there"
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    panel.get_by_role("button", name="Close the help").click()
    expect(panel).to_be_hidden()


@pytest.mark.journey
def test_the_parts_of_a_persons_page_open_without_script(site: Site) -> None:
    address = f"/staff/people/{site.known['persons']['Ben']}/"
    page = site.open(address, staff=True, script=False)
    parts = {name: page.locator(f"#{name}") for name in ("money", "card", "face", "family", "record")}
    expect(parts["money"].get_by_role("button", name="Pay in")).to_be_visible()
    for name, link in (("card", "Card and PIN"), ("family", "Family"), ("money", "Money")):
        page.locator(".tab-list").get_by_role("link", name=link).click()
        for one, part in parts.items():
            expect(part).to_be_visible(visible=one == name)
    page.goto(f"{site.address}{address}#face")
    expect(parts["face"].get_by_role("link", name="Record a refusal")).to_be_visible()


@pytest.mark.journey
def test_what_a_press_did_is_in_sight_on_a_phone_and_has_the_focus(site: Site) -> None:
    page = site.open(f"/staff/people/{site.known['persons']['Ben']}/#money", staff=True)
    page.set_viewport_size({"width": 390, "height": 700})
    page.get_by_label("Amount").fill("20")
    page.get_by_role("button", name="Pay in").click()
    said = page.locator("section[aria-labelledby=money-title] > #notices:has(+ form)")
    expect(said).to_contain_text("£20.00 was paid in.")
    expect(said).to_be_focused()
    expect(said).to_be_in_viewport(ratio=1)


@pytest.mark.journey
def test_a_long_list_of_boxes_has_a_search_and_what_is_ticked_stays(site: Site) -> None:
    with closing(sqlite3.connect(site.server.home / "willing.sqlite3", timeout=30)) as database, database:
        database.executemany(
            "INSERT INTO people_yeargroup (school_id, name, position, is_infant, search_text)"
            " SELECT id, ?, 0, 0, '' FROM people_school",
            [(f"Q{number:02}",) for number in range(1, 21)],
        )
    page = site.open("/staff/roll-call/settings/points/", staff=True)
    asked = page.locator("fieldset", has_text="Which classes gather here")
    search = asked.get_by_label("Search in this list")
    asked.get_by_label("Q07").check()
    search.fill("q11")
    expect(asked.locator("input[type=checkbox]:visible")).to_have_count(2)
    expect(asked.get_by_label("Q07")).to_be_visible()
    search.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    asked.get_by_label("Q11").check()
    search.fill("nothing of it")
    expect(asked.get_by_text("Nothing in this list is called so.")).to_be_visible()
    search.fill("")
    expect(asked.locator("input[type=checkbox]:checked")).to_have_count(2)
    assert violations(page) == []


@pytest.mark.journey
def test_without_script_what_a_press_did_is_on_top(site: Site) -> None:
    page = site.open(f"/staff/people/{site.known['persons']['Ben']}/#money", staff=True, script=False)
    page.get_by_label("Amount").fill("20")
    page.get_by_role("button", name="Pay in").click()
    expect(page.locator("main > #notices:first-child")).to_contain_text("£20.00 was paid in.")


def test_name_logo_and_colour_of_the_school_are_on_pages_of_every_kind(cast: Any) -> None:
    School.objects.update(colour="#7a1f5c", name="Willow Brook")
    set_logo(require_school(), png(), by=cast.user("administrator").pk)
    visitors = [(Client(), "/"), (Client(), "/sign-in/"), (Client(), "/family/policy/"), (Client(), "/help/")]
    signed_in = [
        ("office", "/"),
        ("office", "/staff/people/"),
        ("guardian", "/family/"),
        ("pupil", "/family/me/"),
    ]
    visitors += [(sign_in(Client(), cast.user(name)), address) for name, address in signed_in]
    for client, address in visitors:
        page = client.get(address).content.decode()
        assert '<link rel="stylesheet" href="/look/7a1f5c.css">' in page, address
        assert 'class="logo"' in page, address
        assert '<span class="brand-name">Willow Brook</span>' in page, address


def png() -> bytes:
    """Return a small picture."""
    from io import BytesIO

    from PIL import Image

    drawn = BytesIO()
    Image.new("RGB", (64, 32), "#7a1f5c").save(drawn, "PNG")
    return drawn.getvalue()
