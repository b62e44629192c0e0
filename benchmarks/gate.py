"""Time each way through a lane of the gate: from what its page sends to the screen that turns green.

In one process, the lane's own pages included and the network not. What a person does meanwhile, to find a
card or to look at the camera, is not in it; the office's page of the gate has what people really waited.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.migrated import give_tables
from tests.support.server import environment

from benchmarks.measure import Row
from benchmarks.rooms import ROOT, START

ROUNDS, FIRST_ROUNDS = 30, 3
CARD, CODE, PIN, LOOK_UP, FACE = (
    "a card",
    "a code",
    "a number and a PIN",
    "staff look a pupil up",
    "card and face",
)
# From a second on a person notices that they wait.
WAIT_MS_MAX = 1_000.0

_WAYS = (
    START
    + """
import json, statistics
from datetime import timedelta
from itertools import count
from uuid import uuid4
from django.test import Client
from tests.journeys.gate_faces import run
from tests.journeys.seed_data import PIN
from tests.support.clips import frame, jpeg
from tests.support.clocks import stopped_at
from tests.support.statements import statements
from willing.biometrics.models import FaceSession
from willing.core.clock import now
from willing.gate.models import Passage
from willing.pages.lane.access import COOKIE
from willing.people.models import Person
from willing.terminals.models import Device
from willing.terminals.pairing import pair_terminal
seeded, rounds, first = json.loads(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
made = run("verify")
lane = Client(headers={"X-Lane-Screen": "1"}, SERVER_NAME="localhost")
lane.cookies[COOKIE] = pair_terminal(made["pairing_code"], key="bench", device=Device.KIOSK).token
guard = Client(headers={"X-Lane-Screen": "1"}, SERVER_NAME="localhost")
guard.cookies[COOKIE], guard.cookies["sessionid"] = lane.cookies[COOKIE].value, seeded["session"]
ana, chen = seeded["cast"]["agrees"], seeded["cast"]["pays_by_card"]
frames = [jpeg(frame("person_a_2", height=480 - 5 * step, light=1 - 0.01 * step)) for step in range(8)]
keys = " ".join(f"Digit{one}" if one.isdigit() else f"Key{one}" for one in chen["card"])
def ask(client, path, **sent):
    return client.post(f"/gate/{path}", {"press": str(uuid4()), "waited": "0", **sent})
def face():
    press = str(uuid4())
    ask(lane, "face/", press=press, code=ana["card"])
    session = FaceSession.objects.get(state="open")
    for one in frames:
        path = f"/gate/face/{session.pk}/frame/"
        if lane.post(path, one, content_type="image/jpeg").json()["state"] != "looking":
            break
    return ask(lane, f"passed/{press}/")
def look_up():
    ask(guard, "staff/", text="Chen")
    return ask(guard, "staff/person/", person=chen["id"])
ways = {
    "a card": lambda: ask(lane, "card/", code=chen["card"], keys=keys),
    "a code": lambda: ask(lane, "card/", code=chen["card"]),
    "a number and a PIN": lambda: ask(lane, "pin/", number=chen["number"], pin=PIN),
    "staff look a pupil up": look_up,
    "card and face": face,
}
# Each passage is another one: of the same person, it would be the same within two seconds.
begun, numbers = now(), count(1)
later = lambda: stopped_at(begun + timedelta(seconds=3 * next(numbers)))
took, counted = {way: [] for way in ways}, {}
for number in range(first + rounds):
    for way, pass_by in ways.items():
        with later():
            began = time.perf_counter()
            answer = pass_by()
            ended = time.perf_counter()
        if number >= first:
            took[way].append((ended - began) * 1e3)
        assert b"is-green" in answer.content, (way, answer.status_code, answer.content[:2000])
for way, pass_by in ways.items():
    with later(), statements() as asked:
        pass_by()
    counted[way] = len(asked)
assert set(Passage.objects.values_list("way", flat=True)) == {"card", "pin", "staff", "face"}
print(json.dumps({way: [statistics.median(took[way]), max(took[way]), counted[way]] for way in ways}))
"""
)


def gate() -> Iterator[Row]:
    """Yield how long each way through a lane takes, in the middle and at most, and its statements."""
    found = _ways()
    for way, (median, _, _) in found.items():
        yield Row("gate", f"{way}: median", median, "ms", WAIT_MS_MAX)
    for way, (_, slowest, _) in found.items():
        yield Row("gate", f"{way}: slowest of {ROUNDS}", slowest, "ms")
    for way, (_, _, asked) in found.items():
        yield Row("gate", f"{way}: statements", asked, "")
    face = found[FACE][0]
    for way in (CARD, CODE, PIN, LOOK_UP):
        yield Row("gate", f"{way} / {FACE}", found[way][0] / face, "times", 1)


def _ways() -> dict[str, tuple[float, float, int]]:
    with tempfile.TemporaryDirectory(prefix="willing-bench-") as folder:
        home = Path(folder) / "home"
        give_tables(home)
        seeded = _run(home, "-m", "tests.journeys.seed")
        found: dict[str, tuple[float, float, int]] = _run(
            home, "-c", _WAYS, json.dumps(seeded), str(ROUNDS), str(FIRST_ROUNDS)
        )
    return found


def _run(home: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"the ways broke off: {done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
