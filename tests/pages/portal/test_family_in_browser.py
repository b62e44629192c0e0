"""A guardian's page on a phone: read, say yes, withdraw, see the receipt."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, check, check_sizes, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import PHONE

pytestmark = [pytest.mark.journey, pytest.mark.face]


def keys(site: Site) -> int:
    return int(site.books.key_rows("SELECT count(*) FROM keys_personkey")[0][0])


def press(page: Page, name: str) -> None:
    page.locator(".choice").get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_withdrawing_takes_one_press_as_giving_does_and_destroys_the_key(site: Site, script: bool) -> None:
    page = site.open(f"/family/c/{site.known['links']['Ana']}/", size=PHONE, script=script)
    expect(page.locator(".choice")).to_contain_text("Ana can pay with their face.")
    assert keys(site) == 1
    press(page, "Withdraw consent")  # the first press on the page that the link opens
    assert keys(site) == 0
    receipt = page.get_by_role("status")
    expect(receipt).to_contain_text("Consent withdrawn. Ana's face has been deleted. Proof: log entry")
    number = re.findall(r"entry (\d+)", receipt.inner_text())[0]
    rows = site.books.rows("SELECT event FROM audit_entry WHERE sequence = ?", int(number))
    assert rows == [("face.erased",)]
    press(page, "Give consent")
    expect(page.locator(".choice")).to_contain_text("Ana can have their pictures taken")
    press(page, "Withdraw consent")
    expect(page.locator(".choice")).to_contain_text("You withdrew your consent.")


def test_yes_and_no_are_the_same_size_and_colour(site: Site) -> None:
    page = site.open(f"/family/c/{site.known['links']['Dora']}/", size=PHONE)
    yes, no = (page.locator(".choice").get_by_role("button", name=name, exact=True) for name in ("Yes", "No"))
    look = "(one) => { const {color, backgroundColor, fontWeight, borderColor} = getComputedStyle(one);"
    look += " return [one.offsetWidth, one.offsetHeight, color, backgroundColor, fontWeight, borderColor]; }"
    assert yes.evaluate(look) == no.evaluate(look)
    check(page, "not answered")
    press(page, "No")
    expect(page.locator(".choice")).to_contain_text("You said no.")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_is_readable_touchable_and_accessible(site: Site, language: str) -> None:
    page = site.open(f"/family/c/{site.known['links']['Ana']}/", language=language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    check_sizes(page, "family")
    page.locator("summary").first.click()
    check_sizes(page, "notice open")
    page.locator(".choice button[value=withdrawn]").click()
    check_sizes(page, "withdrawn")
    page.goto(f"{site.address}/family/c/nonsense/")
    check_sizes(page, "refused")


class Clicks:
    """Presses what it is told to, as a person would, and counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, role: str, name: str) -> "Clicks":
        self.page.get_by_role("main").get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]
        self.count += 1
        return self


def test_gdpr_7_withdrawing_takes_no_more_steps_than_giving(site: Site) -> None:
    """By link, at the desk, by word. At the till ending takes two presses (tests/journeys/test_stop.py)."""
    chen, address = site.known["persons"]["Chen"], f"/family/c/{site.known['links']['Dora']}/"
    page = site.open(address, size=PHONE)
    giving = Clicks(page).on("button", "Yes").count
    ending = Clicks(page).on("button", "Withdraw consent").count
    expect(page.locator(".choice")).to_contain_text("You withdrew your consent.")
    assert (giving, ending) == (1, 1)

    desk = site.open(f"/staff/people/{chen}/#face", staff=True)
    giving = Clicks(desk).on("link", "Ask at the desk").on("button", "Yes").count
    ending = Clicks(desk).on("button", "Stop using their face").count
    expect(desk.get_by_role("status")).to_contain_text("Consent withdrawn.")
    assert ending <= giving == 2

    told = site.open("/staff/no/?q=ana+silva", staff=True, size=PHONE)
    check(told, "find who said no")
    found = Clicks(told)
    told.locator(".row-link").click()
    check(told, "who said no")
    ending = 1 + found.on("button", "Ana said no").count
    expect(told.get_by_role("status")).to_contain_text("The no is recorded.")
    assert ending <= giving
    assert keys(site) == 0


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_policy_and_the_forms_are_readable_touchable_and_accessible(site: Site, language: str) -> None:
    chen = site.known["persons"]["Chen"]
    page = site.open("/family/policy/", size=PHONE, language=language)
    check(page, "policy")
    staff = site.open(f"/staff/people/{chen}/paper/canteen/", staff=True, size=PHONE, language=language)
    check(staff, "paper")
    staff.goto(f"{site.address}/staff/people/{chen}/")
    check(staff, "person")
