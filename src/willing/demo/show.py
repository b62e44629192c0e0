"""Print the story and the greeting."""

import json
import os
import shlex
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from willing.biometrics.engine import is_available
from willing.core.codes import show_code
from willing.core.money import format_minor
from willing.demo import portraits
from willing.demo.school import FACE_KINDS, SIGNS_IN, DemoSchool, open_demo_school
from willing.demo.story import PORTRAITS, Story, StoryStep
from willing.terminals.pairing import start_pairing

WIDTH_IN_A_LOG = 130
YOUR_OWN_FACE = """
[bold]With your own face[/bold]: sign in as office, open Bea under People, press Erase the face, and enrol her
again with your camera.
  till 1  At the end press “Done, without the card”: the school alone can open this template. Then
          press a dish and “Use my face”.
  till 2  Print Bea's card on her page first. Read its QR code (with a reader that types) where the
          desk asks for it, and at the till after a dish; then press “Use my face”. Half of the key is
          on that print alone."""


def show(*, as_json: bool) -> DemoSchool:
    """Build the school where there is none, tell the story, and return the school."""
    console = Console(stderr=as_json)
    if not console.is_terminal:
        console = Console(stderr=as_json, width=WIDTH_IN_A_LOG)
    table = _table()
    with console.status("Building the demo school and loading the engine …") as status:
        demo = open_demo_school()
        without_faces = _why_without_faces(demo, console)
        for step in Story(demo, without_faces=without_faces).run():
            status.update(f"{step.step} … done")
            if as_json:
                sys.stdout.write(json.dumps(asdict(step)) + "\n")
                sys.stdout.flush()
            else:
                _add(table, step, demo.school.currency)
    if not as_json:
        console.print(f"[bold]{demo.school.name}[/bold]: one lunch hour, real software, sample portraits\n")
        console.print(table)
    if without_faces:
        console.print(f"\nNobody paid by face: {without_faces}.", soft_wrap=True, markup=False)
    return demo


def _why_without_faces(demo: DemoSchool, console: Console) -> str:
    """Return why the story has to do without faces; where only portraits are missing, fetch them first."""
    if not is_available(demo.school):
        return "the face engine is not installed (willing[face]), or this school locked faces"
    wanted = portraits.missing(PORTRAITS)
    if wanted:
        console.print(f"Fetching {len(wanted)} sample portraits with pip into {portraits.folder()} …")
    try:
        portraits.fetch(wanted)
    except portraits.PortraitsMissing as missing:
        return f"no sample portraits, {missing}"
    return ""


def _table() -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("step", "way", "person", "outcome"):
        table.add_column(title)
    for title in ("amount", "balance", "ms"):
        table.add_column(title, justify="right")
    return table


def _add(table: Table, step: StoryStep, currency: str) -> None:
    amount, balance = (
        "" if minor is None else format_minor(minor, currency) for minor in (step.amount, step.balance)
    )
    table.add_row(step.step, step.way, step.person, step.outcome, amount, balance, f"{step.ms:.0f}")


def command() -> str:
    """Return what runs this program again, typed in the folder where it was run now."""
    called = [sys.executable, "-m", "willing.cli"] if sys.argv[0].endswith(".py") else [sys.argv[0]]
    home = os.environ.get("WILLING_HOME")
    return " ".join([*([f"WILLING_HOME={shlex.quote(home)}"] if home else []), *map(shlex.quote, called)])


def greet(demo: DemoSchool, port: int) -> None:
    """Print where to go and with which sign-ins; they were made for this demo only."""
    console = Console()
    base = f"http://localhost:{port}"  # by name: browsers tie passkeys to names, never to numbers
    codes = {name: start_pairing(demo.till(name)) for name in FACE_KINDS}
    places = {
        "front door": f"{base}/",
        "till 1": f"{base}/till/pair/?code={codes['Till 1']}",
        "till 2": f"{base}/till/pair/?code={codes['Till 2']}",
        "sign in": f"{base}/sign-in/",
        "a guardian's": f"{base}{_consent_path(demo, 'Bea')}",
        "evening list": f"{base}/staff/boarding/",
        "the HTTP API": f"{base}/api/v1/docs",
    }
    console.print("\n[bold]Open the pages[/bold] (end with Ctrl+C); sign in as cashier and pair a till once,")
    console.print("as teacher to take a register or a boarding house's evening list")
    for name, address in places.items():
        console.print(f"  {name:<14} {address}", soft_wrap=True)  # an address that wraps cannot be opened
    console.print()
    users = Table("user name", "password", "then", title="Demo sign-ins", title_justify="left", box=None)
    for user, password in demo.passwords.items():
        users.add_row(user, password, "six digits, see below" if user in demo.factors else "")
    console.print(users)
    for user in demo.factors:
        # A command that wraps, or that is not found, cannot be typed.
        asked = f"{command()} demo --code {user}"
        console.print(f"{user}'s six digits, new every half minute: {asked}", soft_wrap=True, markup=False)
    for name, letter in demo.letters.items():
        address = f"{base}/sign-in/code/#{show_code(letter)}"
        console.print(f"\n{demo.guardian(name).name}'s letter, which works once: {address}", soft_wrap=True)
    who = " and ".join(SIGNS_IN)
    console.print(
        f"{who} may sign in as a pupil, with card code and PIN: {base}/sign-in/card/", soft_wrap=True
    )
    pupils = Table("pupil", "card code", "number", "PIN", title="\nPay with", title_justify="left", box=None)
    for name, card in demo.cards.items():
        pupils.add_row(name, card, str(demo.person(name).till_number), demo.pins[name])
    console.print(pupils)
    if is_available(demo.school):
        console.print(YOUR_OWN_FACE, soft_wrap=True)


def _consent_path(demo: DemoSchool, name: str) -> str:
    from django.urls import reverse

    from willing.consent.links import sign_link

    return reverse("portal:consent", args=[sign_link(demo.guardian(name))])
