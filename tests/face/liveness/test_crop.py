"""The square that the check sees, and the noise in it."""

from __future__ import annotations

import numpy as np
import pytest

from willing.face.liveness.crop import noise_of, surroundings

BOX = np.array([280, 200, 80, 100], np.float32)


def ramp() -> np.ndarray:
    """Return a frame whose blue is the column and whose green is the row, in parts of the frame."""
    frame = np.zeros((480, 640, 3), np.uint8)
    frame[..., 0] = np.linspace(0, 255, 640).astype(np.uint8)[None, :]
    frame[..., 1] = np.linspace(0, 255, 480).astype(np.uint8)[:, None]
    return frame


def test_the_square_reaches_two_and_seven_tenths_of_the_longer_side_around_the_face() -> None:
    square = surroundings(ramp(), BOX)
    assert square.shape == (128, 128, 3)
    # 270 pixels a side around (320, 250): columns 185 to 455, rows 115 to 385.
    assert square[64, 0, 0] == pytest.approx(185 / 639 * 255, abs=2)
    assert square[64, -1, 0] == pytest.approx(454 / 639 * 255, abs=2)
    assert square[0, 64, 1] == pytest.approx(115 / 479 * 255, abs=2)
    assert square[-1, 64, 1] == pytest.approx(384 / 479 * 255, abs=2)


@pytest.mark.parametrize(
    ("x", "y", "left", "top"), [(0, 0, 0, 0), (600, 400, 640 - 270, 480 - 270), (-30, 150, 0, 65)]
)
def test_at_the_edge_the_square_is_pushed_back_inside_and_keeps_its_size(
    x: int, y: int, left: int, top: int
) -> None:
    square = surroundings(ramp(), np.array([x, y, 80, 100], np.float32))
    assert square[64, 0, 0] == pytest.approx(left / 639 * 255, abs=2)
    assert square[64, -1, 0] == pytest.approx((left + 269) / 639 * 255, abs=2)
    assert square[0, 64, 1] == pytest.approx(top / 479 * 255, abs=2)


def test_a_face_that_fills_the_picture_gives_the_whole_height() -> None:
    square = surroundings(ramp(), np.array([220, 40, 200, 400], np.float32))
    assert square[0, 64, 1] == pytest.approx(0, abs=2)
    assert square[-1, 64, 1] == pytest.approx(255, abs=2)


@pytest.mark.parametrize("deviation", [4.0, 8.0, 12.0])
def test_noise_is_measured_in_grey_levels(deviation: float) -> None:
    noise = np.random.default_rng(3).normal(0, deviation, (480, 640, 1))
    frame = np.clip(ramp().mean(axis=2, keepdims=True) * 0.5 + 60 + noise, 0, 255)
    assert noise_of(np.repeat(frame, 3, axis=2).astype(np.uint8), BOX) == pytest.approx(deviation, rel=0.15)
    assert noise_of(ramp(), BOX) < 1


def test_a_face_outside_the_picture_has_no_noise() -> None:
    assert noise_of(ramp(), np.array([900, 900, 80, 100], np.float32)) == 0


def test_a_noisy_square_is_softened_and_a_clean_one_is_not() -> None:
    frame = np.random.default_rng(3).integers(0, 255, (480, 640, 3), np.uint8)
    assert surroundings(frame, BOX, noise=3.0).std() < 0.8 * surroundings(frame, BOX, noise=2.9).std()
    assert (surroundings(frame, BOX, noise=2.9) == surroundings(frame, BOX)).all()
