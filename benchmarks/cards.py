"""Time what a face that only a card opens adds to one use of the camera, in processes as a till has them."""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Iterator
from uuid import uuid4

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from benchmarks.measure import Row
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
