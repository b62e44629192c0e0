"""What a watch keeps of a session's frames: scores, the straightest look, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmarks.frames import till_frame
from tests.face.liveness.fixed import Fixed

from willing.face import AliveWatch, Engine, Hint
from willing.face.liveness.limits import AliveVerdict
from willing.face.pipeline.detect import Detection
from willing.face.types import Quality

STRAIGHT = Quality(80, 0.5, 120, 40, 0, 0, 0, 60, 0, 0.95)
POINTS = np.array([[300, 220], [340, 220], [320, 245], [305, 265], [335, 265]], np.float32)
FACE = Detection(np.array([280, 200, 80, 100], np.float32), POINTS, 0.95)
Read = Callable[[str], bytes]


@pytest.fixture
def frame() -> np.ndarray:
    """Return a frame that is bright on its left."""
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[:] = np.linspace(200, 20, 640).astype(np.uint8)[None, :, None]
    return frame


def test_every_second_frame_is_seen_in_the_mirror(frame: np.ndarray) -> None:
    check = Fixed(2.0)
    watch = AliveWatch(check)
    for _ in range(3):
        assert watch.see(frame, FACE, STRAIGHT) is Hint.OK
    assert watch.verdict(3) is AliveVerdict.LIVE
    first, second, third = check.squares
    assert first[64, 0, 0] > first[64, -1, 0]
    assert (second == first[:, ::-1]).all()
    assert (third == first).all()


def test_a_head_that_is_turned_is_not_scored(frame: np.ndarray) -> None:
    check = Fixed(9.0)
    watch = AliveWatch(check)
    for yaw in (21, -30, 40):
        assert watch.see(frame, FACE, replace(STRAIGHT, yaw_deg=yaw)) is Hint.OK
        assert watch.last.score is None
    assert check.squares == []
    assert watch.verdict(3) is AliveVerdict.MORE


def test_a_turn_is_measured_from_the_straightest_look(frame: np.ndarray) -> None:
    watch = AliveWatch(Fixed(-1.0))
    for yaw in (12, -3, 8):
        watch.see(frame, replace(FACE, landmarks=POINTS + yaw), replace(STRAIGHT, yaw_deg=yaw))
    assert watch.verdict(3) is AliveVerdict.DOUBT
    turn = watch.ask("left", 5.0, 3)
    assert (turn.straight == POINTS - 3).all()
    assert (turn.side, turn.asked_at) == ("left", 5.0)


def test_only_the_frames_of_the_evidence_count(frame: np.ndarray) -> None:
    watch = AliveWatch(Fixed(9.0, 9.0, 9.0, -5.0))
    for _ in range(6):
        watch.see(frame, FACE, STRAIGHT)
    assert watch.verdict(6) is AliveVerdict.LIVE
    assert watch.verdict(3) is AliveVerdict.PICTURE
    assert watch.verdict(2) is AliveVerdict.MORE
    assert repr(watch) == "<Watch of 6 frames>"


def test_a_picture_in_the_dark_asks_for_light_and_scores_nothing() -> None:
    noisy = np.random.default_rng(5).normal(110, 12, (480, 640, 1))
    check = Fixed(9.0)
    watch = AliveWatch(check)
    frame = np.repeat(np.clip(noisy, 0, 255), 3, axis=2).astype(np.uint8)
    assert watch.see(frame, FACE, STRAIGHT) is Hint.BRIGHTER
    assert check.squares == []


def test_the_engine_shows_a_watch_usable_faces_only(engine: Engine, read: Read) -> None:
    check = Fixed(1.0)
    watch = AliveWatch(check)
    assert engine.process_frame(np.zeros((480, 640, 3), np.uint8), watch=watch).hint is Hint.NO_FACE
    assert check.squares == []
    portrait = till_frame(engine, "person_b_1")
    assert engine.process_frame(portrait, watch=watch).hint is Hint.OK
    assert len(check.squares) == 1
    pixels = cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    dark = np.clip(pixels * 0.5 + np.random.default_rng(2).normal(0, 14, pixels.shape[:2])[..., None], 0, 255)
    looked = engine.process_frame(dark.astype(np.uint8), watch=watch)
    assert (looked.hint, looked.face) == (Hint.BRIGHTER, None)
