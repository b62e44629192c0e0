"""A mark that a family finds wrong: asked on a phone, answered by staff with a correction, read again."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.pages.console.site import check_sizes
from tests.support import held
from tests.support.browser import DESKTOP, PHONE, Books
from tests.support.migrated import give_tables
from tests.support.server import ROOT, Server, environment

Be = Callable[..., Page]


@pytest.fixture
def school(tmp_path: Path) -> tuple[Server, dict[str, Any]]:
    home = tmp_path / "home"
    give_tables(home)
    command = [sys.executable, "-m", "tests.journeys.seed_correction"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return held.server(home), json.loads(done.stdout)


@pytest.fixture
def be(school: tuple[Server, dict[str, Any]]) -> Iterator[Be]:
    """Open a page in a browser of somebody's own."""
    server, known = school
    browsers = held.browsers()

    def be_(who: str, path: str, *, size: tuple[int, int] = DESKTOP) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browsers.open(None, allowed=False, viewport=viewport, locale="en-GB")
        session = {"name": "sessionid", "value": known["sessions"][who], "url": server.address}
        context.add_cookies([session])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(server.address + path)
        return page

    yield be_
    browsers.end_test()


@pytest.mark.journey
def test_a_family_asks_that_a_mark_be_corrected_and_reads_what_staff_answered(
    be: Be, school: tuple[Server, dict[str, Any]]
) -> None:
    server, known = school
    marks = f"/family/child/{known['ada']}/marks/"
    said, answer = "She was at the dentist, the letter is in her bag.", "The letter came, thank you."
    family = be("mia", marks, size=PHONE)
    expect(family.get_by_text("Reason not yet known")).to_be_visible()
    family.get_by_role("link", name="Is this wrong?").click()
    expect(family.get_by_role("heading", name="Ask for a correction")).to_be_visible()
    check_sizes(family, "asking for a correction")
    family.locator("textarea").fill(said)
    family.get_by_role("button", name="Send", exact=True).click()
    expect(family.get_by_text("Sent to the school. The answer will appear on this page.")).to_be_visible()
    expect(family.get_by_text("The school has not answered yet.")).to_be_visible()

    office = be("olga", "/staff/registers/notes/")
    expect(office.get_by_text(said)).to_be_visible()
    check_sizes(office, "what families wrote")
    office.get_by_role("link", name="Answer").click()
    expect(office.get_by_text("The mark that they saw")).to_be_visible()
    office.get_by_label("The mark").select_option("M")
    office.get_by_role("button", name="Answer").click()
    # A correction without its reason is refused, and what was chosen stays chosen.
    expect(office.get_by_role("alert")).to_be_visible()
    expect(office.get_by_label("The mark")).to_have_value("M")
    check_sizes(office, "a correction without a reason")
    office.get_by_label("Answer").fill(answer)
    office.get_by_role("button", name="Answer").click()
    expect(office.get_by_text("Answered. The family reads it on their page.")).to_be_visible()

    teacher = be("rosa", f"/staff/registers/{known['register']}/")
    expect(teacher.get_by_text("Here: 1. Away: 1. Not marked: 0.")).to_be_visible()
    row = teacher.locator("ul.register > li", has_text="Ada")
    expect(row).to_contain_text("Medical or dental appointment")

    family.reload()
    expect(family.get_by_text("corrected by the school")).to_be_visible()
    expect(family.get_by_text("Medical or dental appointment")).to_be_visible()
    expect(family.get_by_text(answer)).to_be_visible()
    check_sizes(family, "marks with an answer")
    # The other guardian reads the same mark, and nothing of what the first one wrote.
    other = be("noel", marks, size=PHONE)
    expect(other.get_by_text("Medical or dental appointment")).to_be_visible()
    expect(other.get_by_text(said)).to_have_count(0)
    expect(other.get_by_text(answer)).to_have_count(0)

    books = Books(server.home)
    assert books.rows(
        "SELECT m.symbol, m.source, m.reason, u.username FROM attendance_mark m"
        " JOIN people_person p ON p.id = m.person_id JOIN accounts_user u ON u.id = m.user_id"
        " WHERE p.given_name = 'Ada' ORDER BY m.number"
    ) == [("N", "register", "", "rosa"), ("M", "correction", answer, "olga")]
    told = books.rows(
        "SELECT g.name, m.topic FROM mail_mail m JOIN people_guardian g ON g.id = m.guardian_id"
    )
    assert told == [("Mia Elm", "answer")]
