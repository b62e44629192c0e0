"""The main jobs with the keyboard alone: all is reached in turn, is seen to have the focus, and lets go."""

from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.seed_data import PIN
from tests.pages.console.site import Site, serve_site  # noqa: F401  (a fixture)
from tests.support.browser import Books

TABS_MAX = 80
# What has the focus: its words, and whether a ring is drawn around it or around what is drawn for it.
HERE = """() => {
  const one = document.activeElement;
  const shown = [one, one.nextElementSibling, one.closest('label')].filter(Boolean);
  return [
    (one.getAttribute('aria-label') || one.labels?.[0]?.textContent || one.textContent).trim(),
    shown.some((part) => getComputedStyle(part).outlineStyle !== 'none'
      && parseFloat(getComputedStyle(part).outlineWidth) >= 2),
    one.outerHTML.slice(0, 100),
  ];
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something of these words has the focus; each stop on the way is to be seen."""
    passed: list[str] = []
    for number in range(TABS_MAX):
        if number or not page.locator("[autofocus]:focus").count():  # a page may begin there
            page.keyboard.press("Tab")
        said, is_ringed, shown = page.evaluate(HERE)
        if shown.startswith("<body"):
            continue
        assert is_ringed, f"no focus to be seen: {shown}"
        if words in said:
            return
        passed.append(said[:40])
    raise AssertionError(f"{words} is not reached by Tab; passed: {passed}")


def press(page: Page, words: str, key: str = "Enter") -> None:
    """Go to something by Tab and press it."""
    tab_to(page, words)
    page.keyboard.press(key)


def test_a_lunch_is_sold_by_pin_and_escape_leads_back(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    page, pupil = till.page, till.cast["pays_by_card"]
    press(page, "Chicken curry with rice")
    till.stage("choose")
    press(page, "PIN")
    till.stage("pin")
    page.keyboard.press("Escape")
    till.stage("choose")
    press(page, "PIN")
    till.stage("pin")
    page.keyboard.type(str(pupil["number"]))
    if page.evaluate("document.activeElement.id") != "pin-pin":
        page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    if till.screen.get_attribute("data-stage") == "pin":
        page.keyboard.press("Enter")
    till.stage("identified")
    press(page, "Yes, pay")
    till.stage("paid")
    assert len(books.sales()) == 1


def test_a_lunch_is_sold_by_a_card_that_is_scanned(open_till: OpenTill, books: Books) -> None:
    till = open_till()
    press(till.page, "Chicken curry with rice")
    till.stage("choose")
    till.scan(till.cast["pays_by_card"]["card"])
    till.stage("identified")
    press(till.page, "Yes, pay")
    till.stage("paid")
    assert len(books.sales()) == 1


def test_a_guardian_says_yes_and_withdraws(site: Site) -> None:
    page = site.open(f"/family/c/{site.known['links']['Dora']}/")
    press(page, "Yes")
    expect(page.locator("main")).to_contain_text("Withdraw")
    press(page, "Withdraw")
    expect(page.get_by_role("button", name="Withdraw")).to_have_count(0)
    decided = site.books.rows("SELECT answer FROM consent_decision ORDER BY rowid DESC LIMIT 2")
    assert [answer for (answer,) in decided] == ["withdrawn", "yes"]


def test_the_office_adds_a_person_and_opens_the_desk(site: Site) -> None:
    page = site.open("/staff/people/", staff=True)
    press(page, "Add a person")
    expect(page.get_by_label("Given name")).to_be_visible()
    tab_to(page, "Given name")
    page.keyboard.type("Milo")
    tab_to(page, "Family name")
    page.keyboard.type("Ferrara")
    press(page, "Or a new class", "Escape")
    page.keyboard.type("Year 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Milo Ferrara")).to_be_visible()
    page.wait_for_load_state()
    press(page, "Permissions and face")
    expect(page.locator("#face")).to_be_visible()
    press(page, "School")
    page.keyboard.press("Escape")
    expect(page.locator("details.area[open]")).to_have_count(0)
