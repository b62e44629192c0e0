"""A face that only its owner's card opens: printed, enrolled, and paid with, in a real browser.

Few sales, and no wait after them. `make faults` asks for more (docs/operate/proofs.md):
FACE_SALES=50 FACE_WAIT_SECONDS=60.
"""

import base64
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from playwright.sync_api import Locator, Route, expect
from tests.journeys.conftest import OpenTill
from tests.journeys.test_card_shares import Recorder, files_with, spelled
from tests.journeys.test_printed_card import PRINT, memory_with
from tests.journeys.test_reader import sign_in
from tests.support.browser import Books, Till
from tests.support.clips import frame, jpeg, one_person
from tests.support.server import ROOT, environment
from tests.support.squares import read_square

from willing.credentials.shares import read_card_text

pytestmark = pytest.mark.face
SALES = int(os.environ.get("FACE_SALES", "2"))
WAIT_SECONDS = float(os.environ.get("FACE_WAIT_SECONDS", "0"))
# A pupil may look three times for one basket.
LOOKS_MAX = 3
# After the meal, what twenty pounds are enough for fifty times.
SMALL = "Pencil"


def print_card_of(till: Till, pupil: dict[str, Any]) -> str:
    """Print a pupil's card at the office, and return what its square says."""
    till.page.goto(f"{till.server.address}/staff/people/{UUID(pupil['id'])}/")
    status, _, content = till.page.evaluate(PRINT)
    assert status == 200
    return read_square(bytes(content))


def begin_with_photographs(
    till: Till, pupil: dict[str, Any], folder: Path, portrait: str = "obama"
) -> Locator:
    """Open a pupil's enrolment at the desk and give it photographs; return "Done", which can be pressed.

    portrait: another than this where a journey of the same server looks for it in memory.
    """
    till.page.goto(f"{till.server.address}/staff/enrol/?q={pupil['given_name']}")
    till.page.get_by_role("button", name="Start").click()
    pictures = []
    for number, (height, light) in enumerate(((480, 1.0), (460, 0.92), (440, 1.08), (420, 1.0))):
        path = folder / f"{number}.jpeg"
        path.write_bytes(jpeg(frame(portrait, height=height, light=light)))
        pictures.append(path)
    till.page.locator("#pictures").set_input_files(pictures)
    till.page.get_by_role("button", name="Look at them").click()
    done = till.page.get_by_role("button", name="Done", exact=True)
    expect(done).to_be_enabled()
    return done


def enrol_with_card(till: Till, pupil: dict[str, Any], square: str, folder: Path) -> None:
    """Enrol a pupil at the desk from photographs, with the card that was read."""
    done = begin_with_photographs(till, pupil, folder)
    till.page.get_by_role("radio", name="No, none", exact=True).check()
    done.click()
    expect(till.page.locator("[data-card-state]")).to_contain_text("first")
    till.page.locator("h1").click()
    till.scan(square)
    expect(till.page.locator("[data-card-state]")).to_contain_text("is read")
    done.click()
    till.page.wait_for_url(re.compile(rf"/enrol/{UUID(pupil['id'])}/canteen/$"))


def forms_of(till: Till, pupil: dict[str, Any], share: bytes) -> list[bytes]:
    """Return how the share, and parts of the template that it opens, could lie in a memory."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.opened", pupil["id"]],
        cwd=ROOT,
        env=environment(till.server.home),
        input=share.hex(),
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [np.frombuffer(bytes.fromhex(line), "<f4") for line in done.stdout.split()]
    assert len(rows) >= 3
    parts = [row[at : at + 16] for row in rows for at in (32, 96)]
    numbers = [part.astype(kind).tobytes() for part in parts for kind in ("<f4", "<f2")]
    encoded = [base64.b64encode(share)[:20], base64.b32encode(share)[:24], share.hex().upper().encode()]
    written = spelled(share)[:4] + spelled(share)[-1:]
    return [share, numbers[0], written[-1].encode(), *encoded, *(one.encode() for one in written), *numbers]


class Watched:
    """Looks into the server's memory when the first frame of a session comes: the template is open."""

    def __init__(self, till: Till, forms: list[bytes]) -> None:
        self.till, self.forms = till, forms
        self.found: list[str] | None = None
        till.page.route("**/frame/", self._look)

    def _look(self, route: Route) -> None:
        if self.found is None:
            self.found = self.now(3)  # a session lasts for eight seconds
        route.continue_()

    def now(self, most: int | None = None) -> list[str]:
        """Return which of the forms (the first `most`) the server has in its memory now, by their numbers."""
        process = self.till.server.process
        assert process is not None
        return memory_with(process.pid, self.forms[:most])

    def anywhere(self) -> dict[int, list[str]]:
        """Return the same of the server and of every process that it has started, by their ids."""
        process = self.till.server.process
        assert process is not None
        return {pid: memory_with(pid, self.forms) for pid in [process.pid, *children_of(process.pid)]}

    def sell(self, square: str) -> None:
        """Sell the basket with card and face; while that is on its way the server knows nothing of either."""
        self.found = None
        matched = self.till.pupil.get_by_text("It is you.")
        over = self.till.pupil.get_by_text("The camera is off.")
        for _ in range(LOOKS_MAX):
            self.till.scan(square)  # what the page holds lasts for half a minute
            self.till.stage("identified")
            self.till.press("Use my face")
            expect(matched.or_(over)).to_be_visible()
            if matched.count():  # on a busy machine eight seconds may be over first
                break
        expect(matched).to_be_visible()
        self.till.stage("identified")
        self.till.expect_camera_off()
        assert self.found == []
        self.till.press("Yes, pay")
        again = self.till.page.get_by_role("button", name="Sell it again")
        expect(self.till.page.locator("#screen[data-stage=paid]").or_(again)).to_be_visible()
        if again.count():  # the same sum, to the same person, within two minutes
            again.click()
        self.till.stage("paid")


def children_of(process_id: int) -> list[int]:
    """Return the processes that a process has started and that still run, and theirs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(") ")[2].split()[1])
        except OSError:  # it is gone
            continue
        if parent == process_id:
            found += [int(path.parent.name), *children_of(int(path.parent.name))]
    return found


def refresh(till: Till, watched: Watched, square: str, pupil: str) -> None:
    """Sell once more, when the desk's pictures are old, and press what is offered then."""
    with closing(sqlite3.connect(till.server.home / "willing.sqlite3", timeout=10)) as database, database:
        made = "UPDATE biometrics_template SET enrolled_at = datetime('now', '-61 days') WHERE person_id = ?"
        database.execute(made, (pupil,))
    till.add("Water")
    watched.sell(square)
    till.press("Refresh my picture")
    expect(till.pupil).to_contain_text("Your picture is refreshed.")
    expect(till.pupil.get_by_role("button", name="Refresh my picture")).to_have_count(0)
    [(references, issue)] = Books(till.server.home).rows(
        'SELECT "references", issue FROM biometrics_template WHERE person_id = ?', pupil
    )
    assert (references, issue) == (4, 2)


def test_a_pupil_enrols_with_a_printed_card_and_pays_with_card_and_face(
    open_till: OpenTill, books: Books, tmp_path: Path
) -> None:
    till = open_till(one_person(tmp_path / "a.mjpeg", "obama2"))
    hana = till.cast["agrees_only"]
    recorder = Recorder(till.context)
    cashier = till.school["session"]
    sign_in(till, "office_session")
    square = print_card_of(till, hana)
    printed = read_card_text(square)
    assert printed is not None
    enrol_with_card(till, hana, square, tmp_path)
    [(holder, mode, issue)] = books.rows(
        "SELECT holder, mode, issue FROM biometrics_template WHERE person_id = ?", hana["id"]
    )
    assert (holder, mode, issue) == ("card", "verify", 1)

    till.context.add_cookies([{"name": "sessionid", "value": cashier, "url": till.server.address}])
    till.page.goto(f"{till.server.address}/till/")
    till.stage("empty")
    till.wait_for_script()
    till.add()
    till.scan(printed.code)  # typed or an old card's code: it pays, and opens no face
    till.stage("identified")
    expect(till.pupil.get_by_role("button", name="Use my face")).to_be_hidden()
    till.scan(square)
    till.stage("identified")
    till.expect_camera_untouched()
    forms = forms_of(till, hana, printed.share)
    watched = Watched(till, forms)
    assert watched.now() == []  # the desk's computer forgot what it had enrolled
    for number in range(SALES):
        if number:
            till.add(SMALL)
        watched.sell(square)
    refresh(till, watched, square, hana["id"])
    forms = watched.forms = forms_of(till, hana, printed.share)
    time.sleep(WAIT_SECONDS)
    held = watched.anywhere()
    assert set(map(tuple, held.values())) == {()}, held
    assert memory_with(till.server.process.pid, [printed.code.encode()]) == ["0"]  # it was really read
    assert {(person, way) for person, way, _, _ in books.sales()} == {(hana["id"], "face")}
    assert len(books.sales()) == SALES + 1
    assert recorder.find(printed.share) == []
    assert files_with(till.server.home, printed.share) == []
    after = f"{SALES} sales with card and face and {WAIT_SECONDS:.0f} s"
    sys.stdout.write(f"nothing after {after}; processes searched: {len(held)}\n")
