"""An administrator invites a cashier, who makes a sign-in on their own phone and stands at the till."""

import sys
from typing import Any

from playwright.sync_api import Page, expect
from tests.pages.console.site import Site, check, check_sizes, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import PHONE
from tests.support.presses import Hand, note

PASSWORD = "four quite ordinary words"


def test_an_administrator_invites_a_cashier_who_signs_in(site: Site, capsys: Any) -> None:
    page = site.open("/", staff=True)
    office, casey = Hand(), Hand()
    office.press(page.get_by_role("link", name="Staff Who signs in"))
    expect(page.get_by_role("heading", name="Invite a colleague")).to_be_visible()
    check_sizes(page, "staff")
    office.type(page.get_by_label("Full name"), "Casey Hill")
    office.press(page.get_by_role("checkbox", name="Cashier"))
    office.press(page.get_by_role("button", name="Make a link"))
    expect(page.get_by_text("The link is shown once.")).to_be_visible()
    check_sizes(page, "link")
    link = page.locator(".address").inner_text()

    phone = site.open("/sign-in/", size=PHONE)
    phone.goto(link)
    casey.press(phone.get_by_role("button", name="Continue"))
    expect(phone.get_by_role("heading", name="Welcome, Casey Hill")).to_be_visible()
    casey.press(phone.get_by_role("link", name="Choose a password"))
    casey.type(phone.get_by_label("Username"), "Casey")
    casey.type(phone.get_by_label("Password"), PASSWORD)
    casey.press(phone.get_by_role("button", name="Continue"))
    expect(phone.get_by_role("link", name="Till")).to_be_visible()
    say(capsys, "invite a cashier", office)
    say(capsys, "accept the invitation with a password", casey)

    phone.locator(".account > summary").click()
    phone.get_by_role("button", name="Sign out").click()
    phone.goto(f"{site.address}/sign-in/")
    phone.get_by_label("Username").fill("CASEY")  # as a phone's keyboard writes it
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign in", exact=True).click()
    expect(phone.get_by_role("link", name="Till")).to_be_visible()

    disable(page, site)
    phone.reload()
    phone.goto(f"{site.address}/staff/today/")
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()


def disable(page: Page, site: Site) -> None:
    """Disable the cashier, and look at the pages on the way."""
    page.goto(f"{site.address}/staff/staff/")
    page.get_by_role("link", name="Casey Hill").click()
    check_sizes(page, "member")
    page.get_by_role("link", name="Disable").click()
    check(page, "disable")
    page.get_by_role("button", name="Yes, disable").click()
    expect(page.get_by_role("status")).to_contain_text("Casey Hill is disabled")
    expect(page.get_by_role("button", name="Enable again")).to_be_visible()


def say(capsys: Any, what: str, hand: Hand) -> None:
    """Print what a journey took, also where tests capture their output."""
    with capsys.disabled():
        sys.stdout.write(f"\n{what}: {hand}\n")
    note(what, hand.presses, characters=hand.characters)
