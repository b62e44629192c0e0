"""Mutated pictures, a bounded number of them; `python -m benchmarks.fuzz` runs a hundred thousand."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.fuzz import SECONDS_MAX, feed, inputs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willing.face import Engine, FaceError
from willing.face.pipeline.images import read_header

TYPED = {"faces", "no_face", "unreadable_image", "image_too_large"}


def test_mutated_pictures_give_a_result_or_a_typed_error_and_never_hang(
    portraits: Path, engine: Engine
) -> None:
    outcomes = set()
    for data in inputs(seed=7, count=400):
        started = time.process_time()
        outcomes.add(feed(engine, data))
        assert time.process_time() - started < SECONDS_MAX
    assert outcomes <= TYPED
    assert {"faces", "unreadable_image"} <= outcomes


SIGNATURES = st.sampled_from(
    [b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF", b"BM", b"\xff\xd8\xff\xc0", b""]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=SIGNATURES, rest=st.binary(max_size=200))
def test_any_bytes_have_a_header_or_a_typed_error(start: bytes, rest: bytes) -> None:
    try:
        header = read_header(start + rest)
    except FaceError:
        return
    assert header.width_px >= 0
    assert header.height_px >= 0
