"""Cut out a face with its surroundings as the passive check sees them, and measure the sensor's noise."""

from __future__ import annotations

import cv2
import numpy as np

from willing.face.liveness.limits import LIMITS, Limits
from willing.face.types import Float32, Pixels

SIDE = 128
# The square reaches this many times the face box's longer side: a screen's or a sheet's edge lies within it.
REACH = 2.7
# Of a face, pixels a side are enough to estimate noise.
_PATCH = 96
_SECOND_DIFFERENCES = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
# What the median of the differences' sizes is for noise of 1: they have a deviation of 6, and 0.6745 of it.
_MEDIAN_OF_ONE = 6 * 0.6745


def surroundings(pixels: Pixels, box: Float32, *, noise: float = 0.0, limits: Limits = LIMITS) -> Pixels:
    """Return (128, 128, 3) uint8, colours as given: a square around a face, pushed back inside the picture.

    noise: as `noise_of` estimates it; from `limits.noise_blur` on the square is softened first, because noise
    hides the fine pattern that a screen or a print has.
    """
    height, width = pixels.shape[:2]
    x, y, wide, high = (float(value) for value in box)
    side = max(1, round(min(REACH * max(wide, high), height, width)))
    left = round(min(max(x + wide / 2 - side / 2, 0), width - side))
    top = round(min(max(y + high / 2 - side / 2, 0), height - side))
    square = pixels[top : top + side, left : left + side]
    if noise >= limits.noise_blur:
        square = np.asarray(cv2.GaussianBlur(square, (0, 0), 0.9), np.uint8)
    return np.asarray(cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR), np.uint8)


def noise_of(pixels: Pixels, box: Float32) -> float:
    """Return the sensor's noise in the middle of a face, in grey levels (one standard deviation).

    The median of second differences, which a face's own lines hardly move. Source: Immerkaer 1996, with the
    median instead of the mean. 0 where the face reaches outside the picture altogether.
    """
    height, width = pixels.shape[:2]
    x, y = float(box[0] + box[2] / 2), float(box[1] + box[3] / 2)
    half_x, half_y = min(_PATCH, float(box[2])) / 2, min(_PATCH, float(box[3])) / 2
    left, right = max(0, int(x - half_x)), min(width, int(x + half_x))
    top, bottom = max(0, int(y - half_y)), min(height, int(y + half_y))
    if right - left < 3 or bottom - top < 3:
        return 0.0
    grey = cv2.cvtColor(pixels[top:bottom, left:right], cv2.COLOR_BGR2GRAY)
    differences = cv2.filter2D(grey, cv2.CV_32F, _SECOND_DIFFERENCES)
    return float(np.median(np.abs(differences))) / _MEDIAN_OF_ONE
