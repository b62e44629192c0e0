"""A new data protection officer goes from nothing to a signed assessment by the one button that leads on."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.pages.console.site import Site
from tests.support import held
from tests.support.keyboard import press, tab_to
from tests.support.migrated import give_tables
from tests.support.presses import Hand, note
from tests.support.server import ROOT, environment

STEPS = "Record how families were asked", "Consider the risks", "Read the assessment"


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A school in which nobody was asked and nothing assessed, served."""
    home = tmp_path_factory.mktemp("bare") / "home"
    give_tables(home)
    command = [sys.executable, "-m", "tests.screens.seed", "empty"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    known = {"session": json.loads(done.stdout)["sessions"]["staff"]}
    browsers, server = held.browsers(), held.server(Path(home))
    site = Site(browsers, server, known)
    yield site
    browsers.end_test()
    assert "Traceback" not in server.news()
    assert site.errors == []


def test_a_new_officer_is_led_to_the_signature_by_one_button(bare: Site, capsys: Any) -> None:
    page, officer = bare.open("/staff/data-protection/", staff=True), Hand()
    for wanted in STEPS:
        [following] = page.locator("main a.button.primary").all()
        expect(following).to_contain_text(wanted)
        officer.press(following)
        if wanted == STEPS[0]:
            day = page.locator("html").evaluate("() => new Date().toISOString().slice(0, 10)")
            officer.type(page.get_by_label("On which day"), day)
            officer.type(page.get_by_label("How", exact=True), "Parents' evening")
            officer.type(page.get_by_label("How many families were reached"), "80")
            officer.type(page.get_by_label("What they said"), "Two objected")
            officer.press(page.get_by_role("button", name="Record it"))
        elif wanted == STEPS[1]:
            officer.type(page.get_by_label("Risk", exact=True), "A card is lost")
            officer.choose(page.get_by_label("How likely"), "High")
            officer.choose(page.get_by_label("How harmful"), "Low")
            officer.type(page.get_by_label("What is done about it"), "It is revoked")
            officer.press(page.get_by_role("button", name="Write it down"))
    expect(page.get_by_role("button", name="Sign the assessment")).to_have_count(0)
    officer.press(page.get_by_role("button", name="I have read it"))
    officer.press(page.get_by_role("button", name="Sign the assessment"))
    expect(page.get_by_text("Nothing is left to do.")).to_be_visible()
    expect(page.get_by_text("Unlocked")).to_be_visible()
    with capsys.disabled():
        sys.stdout.write(f"\nfrom nothing to a signed assessment: {officer}\n")
    note("from nothing to a signed assessment", officer.presses, characters=officer.characters)


def test_an_assessment_is_signed_with_the_keyboard_alone(bare: Site) -> None:
    page = bare.open("/staff/data-protection/", staff=True)
    day = page.locator("html").evaluate("() => new Date().toISOString().slice(0, 10)")
    press(page, STEPS[0])
    expect(page.get_by_label("On which day")).to_be_visible()
    tab_to(page, "On which day")
    page.keyboard.type(f"{day[5:7]}{day[8:]}{day[:4]}")  # as this browser asks for it
    expect(page.get_by_label("On which day")).to_have_value(day)
    for field, text in (("How", "Parents' evening"), ("How many families", "80"), ("What they said", "Two")):
        tab_to(page, field)
        page.keyboard.type(text)
    press(page, "Record it")
    page.wait_for_load_state()
    expect(page.get_by_label("On which day")).to_have_count(0)
    press(page, STEPS[1])
    expect(page.get_by_label("How likely")).to_be_visible()
    for field, text in (("Risk", "A card is lost"), ("How likely", "High"), ("How harmful", "Low")):
        tab_to(page, field)
        page.keyboard.type(text)
    tab_to(page, "What is done about it")
    page.keyboard.type("It is revoked")
    press(page, "Write it down")
    expect(page.get_by_text("It is revoked")).to_be_visible()
    page.wait_for_load_state()
    press(page, STEPS[2])
    expect(page.get_by_role("button", name="I have read it")).to_be_visible()
    press(page, "I have read it")
    expect(page.get_by_role("button", name="Sign the assessment")).to_be_visible()
    press(page, "Sign the assessment")
    expect(page.get_by_text("Nothing is left to do.")).to_be_visible()
