"""A guardian's way in: a letter, a passkey, out and in again; and all that they do there."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from tests.pages.console.site import Site, check, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import PHONE, HeldBack
from tests.support.papers import words_of
from tests.support.server import ROOT, environment

PHONE_WITH_LOCK = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

LETTER_CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")

# Its name carries its hash.
PASSKEY_SCRIPT = re.compile(r"/mfa/js/webauthn(\.\w+)?\.js")


def give_phone(context: BrowserContext, page: Page) -> None:
    """Let the browser behave as a phone that its owner unlocks."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE_WITH_LOCK})


def localhost(site: Site) -> str:
    """Return the address by name: a passkey belongs to a name, never to a number."""
    return site.address.replace("127.0.0.1", "localhost")


def print_letter(site: Site, person: str) -> tuple[str, str]:
    """Let the office print a guardian's letter. Return the address and the code on it."""
    settings = site.open("/staff/settings/", staff=True)
    # A letter never carries by itself an address that only this computer has.
    part = settings.locator("form", has=settings.get_by_label("Public address"))
    part.get_by_label("Public address").fill(localhost(site))
    part.get_by_role("button", name="Save", exact=True).click()
    expect(settings.get_by_text("Saved.")).to_be_visible()
    page = site.open(f"/staff/people/{site.known['persons'][person]}/#family", staff=True)
    printed: list[bytes] = []

    def keep(route: Route) -> None:  # a browser without windows shows no PDF
        answer = route.fetch()
        printed.append(answer.body())
        route.fulfill(status=204)

    page.context.route(re.compile(r"/letter/[^/]+/$"), keep)
    check(page, "who signs in")
    family = page.locator("#family")
    with page.context.expect_event("response", lambda answer: "/letter/" in answer.url):
        family.get_by_role("button", name="Letter with a code").click()
    said = words_of(printed.pop())
    [address], [code] = re.findall(r"http://\S+", said), LETTER_CODE.findall(said)
    return address, code


def open_letter(site: Site, page: Page, code: str) -> None:
    """Open what the letter's square says."""
    page.goto(f"{localhost(site)}/sign-in/code/#{code}")
    expect(page.get_by_label("Code from the letter")).to_have_value(code)
    check(page, "code")
    page.get_by_role("button", name="Continue").click()


@pytest.fixture
def phone(site: Site) -> Page:
    """A guardian's phone."""
    page = site.open("/sign-in/", size=PHONE)
    give_phone(page.context, page)
    return page


@pytest.fixture
def signed_in(site: Site, phone: Page) -> Page:
    """The phone of Chen's guardian, with a passkey, on the first page of the family."""
    _, code = print_letter(site, "Chen")
    open_letter(site, phone, code)
    passkey = phone.get_by_role("button", name="Create a passkey")
    expect(passkey).to_be_enabled()
    check(phone, "passkey or password")
    passkey.click()
    phone.wait_for_url("**/family/")  # the page before greets with the same heading
    expect(phone.get_by_role("heading", name="Welcome, Dora Wei")).to_be_visible()
    return phone


def test_a_guardian_makes_a_passkey_from_the_letter_and_comes_back_with_it(
    site: Site, signed_in: Page
) -> None:
    page = signed_in
    expect(page.get_by_role("heading", name="Chen")).to_be_visible()
    check(page, "family")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{localhost(site)}/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Chen")).to_be_visible()
    page.get_by_role("link", name="Dora Wei").click()
    expect(page.get_by_role("heading", name="My sign-in")).to_be_visible()
    check(page, "my sign-in")
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("main")).to_contain_text("your only way to sign in")
    events = [event for (event,) in site.books.rows("SELECT event FROM audit_entry ORDER BY sequence")]
    for event in (
        "invitation.issued",
        "invitation.used",
        "user.second_factor_added",
        "user.signed_in",
        "user.signed_out",
    ):
        assert event in events


def test_a_press_before_the_scripts_are_there_is_not_lost(site: Site, phone: Page) -> None:
    script = HeldBack(phone, PASSKEY_SCRIPT)
    _, code = print_letter(site, "Chen")
    phone.goto(f"{localhost(site)}/sign-in/code/#{code}")
    phone.get_by_role("button", name="Continue").click()
    passkey = phone.get_by_role("button", name="Create a passkey")
    expect(passkey).to_be_disabled()  # an enabled one would be pressed, and nothing would come of it
    script.let_through()
    passkey.click()
    expect(phone.get_by_role("heading", name="Chen")).to_be_visible()


def test_scripts_that_do_not_come_are_told_of(site: Site, phone: Page) -> None:
    phone.route(PASSKEY_SCRIPT, lambda route: route.abort())
    phone.goto(f"{localhost(site)}/sign-in/")
    expect(phone.get_by_role("alert")).to_contain_text("No passkey was used")
    expect(phone.get_by_role("button", name="Sign in with a passkey")).to_be_disabled()
    assert len(site.errors) == 1  # allauth's own, which misses its other half
    site.errors.clear()


def test_who_holds_no_passkey_here_is_told_and_finds_the_other_ways(site: Site, phone: Page) -> None:
    phone.goto(f"{localhost(site)}/sign-in/")
    phone.get_by_role("button", name="Sign in with a passkey").click()
    expect(phone.get_by_role("alert")).to_contain_text("No passkey was used")
    phone.get_by_role("link", name="I have a letter with a code").click()
    expect(phone.get_by_label("Code from the letter")).to_be_visible()


def test_a_guardian_says_yes_reports_a_charge_ends_it_and_checks_the_receipt(
    site: Site, signed_in: Page
) -> None:
    page = signed_in
    page.get_by_role("link", name="Open Chen's page").click()
    check(page, "before the answer")
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.locator("#notices")).to_contain_text("Your consent is recorded.")
    eats = [sys.executable, "-m", "tests.journeys.face_lunch"]
    subprocess.run(eats, cwd=ROOT, env=environment(site.books.home), check=True)
    page.reload()
    uses = page.get_by_role("region", name="Stored face")
    expect(uses).to_contain_text("Recognised")
    uses.get_by_role("link", name="Report a problem").click()
    check(page, "report")
    page.get_by_label("In a few words").fill("Chen was at home.")
    page.get_by_role("button", name="That was not Chen").click()
    expect(page.get_by_role("region", name="Complaints and requests")).to_contain_text(
        "Waiting for the school"
    )
    check(page, "reported")
    page.get_by_role("button", name="Withdraw consent").click()  # one press, and the receipt is here
    expect(page.get_by_role("heading", name="Proof: a face was deleted")).to_be_visible()
    expect(page.get_by_text("Checked on this device", exact=True)).to_be_visible()
    check(page, "receipt")
    assert site.books.key_rows("SELECT count(*) FROM keys_personkey")[0][0] == 1  # Ana's alone
    page.get_by_role("link", name="Chen", exact=True).click()
    page.get_by_role("link", name="Read everything").click()
    expect(page.get_by_role("heading", name="Everything held about Chen Wei")).to_be_visible()
    check(page, "everything held")
    page.go_back()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{localhost(site)}/family/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
