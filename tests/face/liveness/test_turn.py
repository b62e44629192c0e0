"""A head that turns against a picture that is turned: five points, seen by a camera that is modelled."""

from __future__ import annotations

import numpy as np
import pytest

from willing.face.liveness.turn import MISS_MIN, TURN_SECONDS, HeadTurn, Side, nose_miss

# Eyes, nose tip, mouth corners in millimetres: to the picture's right, down, towards the camera.
HEAD = np.array([[-32, 0, 0], [32, 0, 0], [0, 35, 44], [-25, 68, 8], [25, 68, 8]], float)
FLAT = HEAD * [1, 1, 0]


def seen(points: np.ndarray, yaw: float = 0.0, pitch: float = 0.0, distance: float = 600.0) -> np.ndarray:
    """Return where a camera of 700 pixels' focal length sees points turned by yaw and pitch, degrees."""
    turn, nod = np.radians(yaw), np.radians(pitch)
    across = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    down = np.array([[1, 0, 0], [0, np.cos(nod), np.sin(nod)], [0, -np.sin(nod), np.cos(nod)]])
    turned = (points - [0, 34, 0]) @ across.T @ down.T
    depth = distance - turned[:, 2]
    return np.asarray(320 + 700 * turned[:, :2] / depth[:, None], np.float32)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_head_that_turns_to_the_side_asked_for_answers(side: Side) -> None:
    turn = HeadTurn(side, seen(HEAD), asked_at=0)
    towards = 1 if side == "left" else -1
    assert turn.is_done(seen(HEAD, yaw=40 * towards))
    assert not turn.is_done(seen(HEAD, yaw=8 * towards))
    assert not turn.is_done(seen(HEAD, yaw=-40 * towards))
    assert not turn.is_done(seen(HEAD))


@pytest.mark.parametrize("yaw", [-60, -40, -20, 20, 40, 60])
def test_a_flat_picture_answers_no_turn_however_it_is_turned(yaw: float) -> None:
    for pitch in (-20, 0, 20):
        miss = nose_miss(seen(FLAT), seen(FLAT, yaw=yaw, pitch=pitch, distance=450))
        assert abs(miss) < 0.01


def test_a_nod_is_no_turn() -> None:
    for pitch in (-35, 35):
        for side in ("left", "right"):
            assert not HeadTurn(side, seen(HEAD), asked_at=0).is_done(seen(HEAD, pitch=pitch))


def test_points_that_make_no_plane_answer_nothing() -> None:
    assert nose_miss(seen(HEAD), np.zeros((5, 2), np.float32)) == 0
    assert nose_miss(np.zeros((5, 2), np.float32), seen(HEAD, yaw=40)) == 0


def test_a_turn_has_four_seconds_and_no_clock_that_runs_back_gives_more() -> None:
    turn = HeadTurn("left", seen(HEAD), asked_at=100.0)
    assert not turn.is_over(100.0)
    assert not turn.is_over(100.0 + TURN_SECONDS)
    assert turn.is_over(100.1 + TURN_SECONDS)
    assert turn.is_over(99.9)


def test_the_threshold_lies_above_what_pictures_reached() -> None:
    assert pytest.approx(0.30) == MISS_MIN
