"""The office prints cards for many in a real browser: what came out counts, and a tab may be closed."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.test_card_shares import files_with
from tests.journeys.test_printed_card import forms_of, memory_with
from tests.journeys.test_reader import sign_in
from tests.support.browser import WAIT_SECONDS_MAX, Books, HeldBack, Till
from tests.support.papers import pages_of
from tests.support.presses import Hand, note
from tests.support.squares import read_squares

from willing.core.codes import normalise_code
from willing.credentials.shares import read_card_text

SHOWN = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
SHEETS = re.compile(r"/people/(print/cards|printed/[^/]+/anew)/$")
RUN = re.compile(r"/people/printed/[^/]+/$")
PRESSES_MOST = 5
NEW = "external_id,given_name,family_name,year\n" + "".join(
    f"{number},Pupil,Number {number},Year 9\n" for number in range(11, 23)
)
PRINT = """async () => {
  const form = document.querySelector("form[data-run-form]");
  form.querySelector("[data-all]").checked = true;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  return [answer.status, form.dataset.runForm, Array.from(new Uint8Array(await answer.arrayBuffer()))];
}"""


def office_with_twelve(till: Till, folder: Path) -> Page:
    """Import a class in which nobody has a card, which is more than fits on a sheet."""
    listed = folder / "list.csv"
    listed.write_text(NEW, encoding="utf-8")
    sign_in(till, "office_session")
    page = till.page
    page.goto(f"{till.server.address}/staff/people/import/")
    page.get_by_label("The list").set_input_files(listed)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("12 people were added.")).to_be_visible()
    page.goto(f"{till.server.address}/staff/people/")
    return page


def codes_on(page: Page, sheets: list[bytes]) -> list[list[str]]:
    """Return the codes of the cards on each sheet, once the other tab has them."""
    until = time.monotonic() + WAIT_SECONDS_MAX
    while not sheets:
        assert time.monotonic() < until, "no sheets came"
        page.wait_for_timeout(50)
    return [[normalise_code(one) for one in SHOWN.findall(text)] for text in pages_of(sheets.pop())]


def keep_sheets(till: Till) -> list[bytes]:
    """Return what every tab is sent to print, as it comes; a browser without windows shows no PDF."""
    sheets: list[bytes] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        sheets.append(answer.body())
        route.fulfill(response=answer)

    till.context.route(SHEETS, keep)
    return sheets


def scan_each(till: Till, *, unknown: str, known: list[str]) -> None:
    """Hold cards to the till's reader, with something in the basket."""
    sign_in(till, "session")
    till.page.goto(f"{till.server.address}/till/")
    till.wait_for_script()
    till.add()
    till.stage("choose")
    till.scan(unknown)
    expect(till.page.get_by_text("This card or code is not recognised.").first).to_be_visible()
    for code in known:
        till.scan(code)
        till.stage("identified")
        till.press("Not me")
        till.stage("choose")


def test_cards_that_did_not_come_out_are_printed_anew_and_pay_no_more(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till()
    page, hand = office_with_twelve(till, tmp_path), Hand()
    sheets = keep_sheets(till)
    expect(page.get_by_role("button", name="Print cards")).to_be_disabled()
    hand.press(page.get_by_role("link", name=re.compile("Without a card")))
    hand.press(page.get_by_label("Select all 12 in this list"))
    expect(page.get_by_text("12 chosen")).to_be_visible()
    hand.press(page.get_by_role("button", name="Print cards"))
    expect(page.get_by_text("12 on 2 sheets, in the other tab.")).to_be_visible()
    first = codes_on(page, sheets)
    assert [len(one) for one in first] == [10, 2]

    hand.type(page.get_by_label("Only up to sheet"), "1")
    hand.press(page.get_by_role("button", name="Confirm these"))
    expect(page.get_by_text("10 are confirmed.")).to_be_visible()
    note("print cards for a class, and say which came out", hand.presses, characters=hand.characters)
    assert hand.presses <= PRESSES_MOST

    # The tab is closed before the sheets are there; what they would have been asks to be answered.
    till.context.unroute(SHEETS)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Print 2 anew").click()
    opened.value.close()
    page.close()
    wait_for_runs(books, 2)
    till.page = page = till.context.new_page()
    sheets = keep_sheets(till)
    page.goto(f"{till.server.address}/staff/people/")
    script = HeldBack(page, "**/print_run*.js")
    page.get_by_role("link", name="2 wait for your answer").click(no_wait_after=True)
    page.wait_for_url(RUN, wait_until="commit")
    script.wait_until_asked()
    expect(page.get_by_role("button", name="Print 2 anew")).to_have_count(0)
    script.let_through()  # whoever presses it at once presses with the script
    broken_off = page.url
    page.get_by_role("button", name="Print 2 anew").click()
    page.wait_for_url(lambda address: address != broken_off)
    page.get_by_role("button", name="Yes, all of them").click()
    expect(page.get_by_text("2 are confirmed.")).to_be_visible()
    last = codes_on(page, sheets)
    assert [len(one) for one in last] == [2]

    states = "SELECT state, COUNT(*) FROM credentials_printeditem GROUP BY state ORDER BY state"
    assert books.rows(states) == [("confirmed", 12), ("void", 4)]
    pays = "SELECT COUNT(*) FROM credentials_card c JOIN people_person p ON p.id = c.person_id"
    assert books.rows(f"{pays} WHERE p.family_name LIKE 'Number %' AND c.revoked_at IS NULL") == [(12,)]
    scan_each(till, unknown=first[1][0], known=[first[0][0], last[0][0]])


def wait_for_runs(books: Books, count: int) -> None:
    """Wait until so many runs are made, whoever still looks at them."""
    until = time.monotonic() + WAIT_SECONDS_MAX
    ready = "SELECT COUNT(*) FROM credentials_printrun WHERE ready_at IS NOT NULL"
    while books.rows(ready) != [(count,)]:
        assert time.monotonic() < until, books.rows("SELECT made, total FROM credentials_printrun")
        time.sleep(0.1)


@pytest.mark.face
def test_the_shares_of_a_sheet_are_on_the_paper_and_nowhere_else(open_till: OpenTill) -> None:
    till = open_till(paired=False)
    sign_in(till, "office_session")
    page, people = till.page, f"{till.server.address}/staff/people/"
    page.goto(people)
    status, run, content = page.evaluate(PRINT)
    assert status == 200
    printed = [read_card_text(one) for one in read_squares(bytes(content))]
    shares = [one.share for one in printed if one is not None]
    assert len(shares) == len(till.cast)
    process = till.server.process
    assert process is not None
    forms = [form for share in shares for form in forms_of(share)]
    assert memory_with(process.pid, [one.code.encode() for one in printed if one is not None]) != [], (
        "the memory that was read is the server's"
    )
    assert memory_with(process.pid, forms) == []
    for share in shares:
        assert files_with(till.server.home, share) == []
    asked = (people, till.server.address + run, f"{till.server.address}{run}?part=1")
    answers = [page.request.get(one).body() for one in asked]
    assert [form for form in forms if any(form in one for one in answers)] == []
    assert page.evaluate(PRINT)[0] == 409
