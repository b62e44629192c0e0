"""Time a card, a PIN, and a card with the face that it opens; and what the process that opens it adds."""

from __future__ import annotations

import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import uuid4

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from benchmarks.measure import Row
from benchmarks.rooms import ROOT, START, installation
from willing.biometrics.card_messages import Message, Occasion
from willing.biometrics.card_processes import CardProcess
from willing.biometrics.card_search import CardSearch
from willing.face.card_seal import CARD_SHARE_BYTES, Halves, seal_with_card
from willing.face.protect import SECRET_BYTES, SealContext
from willing.face.types import TEMPLATE_LENGTH, Float32, Template

SESSIONS, COLD = 20, 5
ADDED_MS_MAX = 60
# Between the scan of a card and the press that follows: in this time the process starts.
SCAN_TO_PRESS_SECONDS = 1.5
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def cards() -> Iterator[Row]:
    """Yield what the process adds to a session: begun when it is ready, opened, and two frames compared."""
    rows = np.random.default_rng(1).normal(size=(5, TEMPLATE_LENGTH)).astype("<f4")
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    sessions = [_session(rows, waits=True) for _ in range(SESSIONS)]
    added = [sum(parts) for parts in sessions]
    yield Row("cards", "added to a session, median", statistics.median(added), "ms", ADDED_MS_MAX)
    yield Row("cards", "added to a session, the slowest of 20", max(added), "ms")
    for place, name in enumerate(("session begun", "share and template opened", "two frames compared")):
        median = statistics.median(parts[place] for parts in sessions)
        yield Row("cards", f"of these: {name}", median, "ms")
    cold = [sum(_session(rows, waits=False)) for _ in range(COLD)]
    yield Row("cards", "where no scan came before", statistics.median(cold), "ms", note="not at a till")
    for name, median in _ways().items():
        yield Row("cards", f"at the server, {name}", median, "ms", note="pressing and looking not counted")


# Each way through the rooms' own actions, from what the page sends to who it is.
_WAYS = (
    START
    + """
import json, statistics
from willing.keys.set_up import set_up
set_up()
from tests.support.card_faces import asked_for, enrol_with_card, pair_as_kiosk, seal
from tests.support.school import Cast, build
from willing.biometrics.engine import require_engine
from willing.biometrics.school_policy import decide_kinds
from willing.demo import portraits
from willing.demo.frames import CameraLike
from willing.till.baskets import add_product, cancel_basket
from willing.till.face_identification import get_ready_to_look, open_look, submit_frame, submit_share
from willing.till.identification import identify_by_card, identify_by_pin
sessions, pause = int(sys.argv[1]), float(sys.argv[2])
cast = Cast(*build())
pair_as_kiosk()
decide_kinds(cast.school, "both", by=cast.user("dpo"))
camera = lambda name: CameraLike(portraits.read(name), require_engine(cast.school), seed=1)
held, shots = enrol_with_card(cast, camera, picture="person_b_1.jpg"), camera("person_b_2.jpg")
number, till = cast.person("Ada").till_number, cast.till
took = {"a card": [], "a number and a PIN": [], "then the face it opens, two frames": []}
def timed(way, deed):
    began = time.perf_counter()
    done = deed()
    took[way].append((time.perf_counter() - began) * 1e3)
    return done
def look(basket):
    session = open_look(till, basket.id, key="1")
    public, info = asked_for(session)
    sealed = seal(public, info, held.share)
    assert submit_share(till, session.id, sealed).state == "looking"
    for frame in frames:
        state = submit_frame(till, session.id, frame).state
        if state != "looking":
            break
    assert state == "matched"
for _ in range(sessions):
    basket = add_product(till, cast.meal)
    timed("a number and a PIN", lambda: identify_by_pin(till, basket.id, number, cast.pins["Ada"]))
    cancel_basket(till, basket.id)
    basket = add_product(till, cast.meal)
    basket = timed("a card", lambda: identify_by_card(till, basket.id, cast.cards["Ada"]))
    get_ready_to_look(basket)
    frames = [shots.frame() for _ in range(8)]
    time.sleep(pause)
    timed("then the face it opens, two frames", lambda: look(basket))
    cancel_basket(till, basket.id)
print(json.dumps({way: statistics.median(times) for way, times in took.items()}))
"""
)


def _ways() -> dict[str, float]:
    """Return how long each way takes in one process, without HTTP, in the middle, in milliseconds."""
    with installation() as environment:
        command = [sys.executable, "-c", _WAYS, str(SESSIONS), str(SCAN_TO_PRESS_SECONDS)]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the ways broke off: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _session(rows: Float32, *, waits: bool) -> tuple[float, float, float]:
    """Return what begin, open and two frames took, in milliseconds. waits: the process may get ready."""
    half, share = secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(CARD_SHARE_BYTES)
    context = {"person": "person", "school": "school", "model": "model", "version": 1}
    sealed = seal_with_card(rows, Halves(half, share), SealContext("person", "school", "model", 1))
    occasion = Occasion("school", str(uuid4()), "basket")
    started = time.perf_counter()
    process = CardProcess()
    try:
        if waits:
            time.sleep(SCAN_TO_PRESS_SECONDS)
            started = time.perf_counter()
        process.begin(occasion)
        begun = time.perf_counter()
        # The page seals; it is no part of what the server adds.
        said = {"deed": "open", "share": _seal(process, occasion, share), "half": half.hex()}
        sealed_at = time.perf_counter()
        answer = process.ask(Message({**said, "context": context}, sealed))
        opened = time.perf_counter()
        if answer.said.get("is_refused"):
            raise RuntimeError("the process did not open what was sealed for it")
        search = CardSearch(process, uuid4(), keeps=False)
        for _ in range(2):
            search.add(Template.from_array(rows[0], model_id="model"))
        compared = time.perf_counter()
    finally:
        process.close()
    return (begun - started) * 1e3, (opened - sealed_at) * 1e3, (compared - opened) * 1e3


def _seal(process: CardProcess, occasion: Occasion, share: bytes) -> str:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(process.public))
    return _SUITE.encrypt(share, key, occasion.info()).hex()
