"""A family's money from the desk to the statement: pay-in, a part refund, a sister, a pay-out in cash."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.conftest import OpenTill
from tests.support.browser import Books, Till
from tests.support.presses import Hand

pytestmark = pytest.mark.journey


def say(capsys: Any, what: str, hand: Hand, most: int) -> None:
    """Print what a part of the journey took, also where tests capture their output."""
    with capsys.disabled():
        print(f"\n{what}: {hand}, at most {most} presses wanted")  # noqa: T201
    assert hand.presses <= most, what


def be(page: Page, till: Till, session: str, path: str) -> None:
    """Go on in the same browser as somebody else."""
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": till.server.address}])
    page.goto(till.server.address + path)


def test_every_penny_of_a_family_is_on_its_statement(
    open_till: OpenTill, school: dict[str, Any], books: Books, capsys: Any
) -> None:
    till, chen = open_till(), school["cast"]["pays_by_card"]
    till.add()
    till.add("Apple juice")
    till.scan(chen["card"])
    till.press("Yes, pay")
    till.stage("paid")
    page, person = till.page, UUID(chen["id"])
    be(page, till, school["office_session"], f"/staff/people/{person}/")
    pay_in_cash(page, capsys)
    refund_the_juice(page, capsys)
    ask_for_cash(page, person, till, capsys)
    be(page, till, school["guardian_session"], f"/family/child/{person}/money/")
    give_to_the_sister(page, capsys)
    read_the_statement(page, person, till)
    wallets = books.rows(
        "SELECT credits_posted - debits_posted FROM ledger_account WHERE person_id IN (?, ?) ORDER BY 1",
        person.hex,
        school["cast"]["sister"]["id"],
    )
    assert wallets == [(2500,), (3150,)]


def pay_in_cash(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.type(page.get_by_label("Amount in GBP"), "30")
    hand.press(page.get_by_role("button", name="Pay in"))
    expect(page.get_by_role("status")).to_contain_text("£30.00 was paid in. Receipt 1.")
    say(capsys, "pay in by cash", hand, 2)


def refund_the_juice(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.press(page.get_by_role("link", name="Refund").first)
    hand.type(page.get_by_label("Chicken curry with rice"), "0")
    hand.press(page.get_by_role("button", name="Yes, refund it"))
    expect(page.get_by_role("status")).to_contain_text("Receipt 1: the money was refunded.")
    say(capsys, "refund a part", hand, 3)


def ask_for_cash(page: Page, person: UUID, till: Till, capsys: Any) -> None:
    page.goto(f"{till.server.address}/staff/people/{person}/")
    hand = Hand()
    hand.press(page.get_by_role("link", name="Pay out"))
    hand.type(page.get_by_label("Amount in GBP"), "11")
    hand.press(page.get_by_role("button", name="Record the request"))
    hand.press(page.get_by_role("button", name="Paid in cash, signed for"))
    expect(page.get_by_role("status")).to_contain_text("Approved.")
    say(capsys, "pay out in cash", hand, 4)


def give_to_the_sister(page: Page, capsys: Any) -> None:
    hand = Hand()
    hand.type(page.get_by_role("region", name="To a brother or sister").get_by_label("Amount"), "5")
    hand.press(page.get_by_role("button", name="Continue"))
    hand.press(page.locator("main form[method=post] button").first)
    expect(page.get_by_role("status")).to_contain_text("Mei")
    say(capsys, "money to a sister", hand, 3)


def read_the_statement(page: Page, person: UUID, till: Till) -> None:
    month = datetime.now(UTC).strftime("%Y-%-m")
    page.goto(f"{till.server.address}/family/child/{person}/statement/{month}/")
    rows = [re.sub(r"\s+", " ", one) for one in page.locator("tbody tr").all_inner_texts()]
    told = " | ".join(rows)
    for sum_ in ("30.00", "0.80", "11.00", "5.00", "3.30"):
        assert sum_ in told, told
    assert "31.50" in rows[-1]
    assert "adjust" not in told.lower()
