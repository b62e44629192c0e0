"""Tell a head that turns from a picture that is turned, by YuNet's five points alone.

Eyes and mouth corners lie nearly in one plane: whatever is flat moves as that plane does, its nose with it.
The nose of a head stands out, so it moves further when the head turns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from willing.face.types import Float32

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
# How far the nose has to miss the plane's movement, in lengths from the eyes to the mouth. Pictures that were
# held, moved and bent reached 0.26; people who turned on purpose 0.31 to 0.51 (docs/face-accuracy.md).
MISS_MIN = 0.30
TURN_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class HeadTurn:
    """One turn that was asked for. side: the person's own. straight: (5, 2), the straight look."""

    side: Side
    straight: Float32
    asked_at: float

    def is_over(self, at: float) -> bool:
        """Say whether its time has passed. at: seconds of the clock that `asked_at` is of."""
        return not 0 <= at - self.asked_at <= TURN_SECONDS

    def is_done(self, landmarks: Float32) -> bool:
        """Say whether this look answers it: the head turned to that side, and far enough."""
        miss = nose_miss(self.straight, landmarks)
        # The person's left is the picture's right.
        return miss >= MISS_MIN if self.side == "left" else miss <= -MISS_MIN


def nose_miss(straight: Float32, turned: Float32) -> float:
    """Return how far the nose misses the movement of eyes and mouth corners, in eye-to-mouth lengths.

    Both (5, 2), as Face.landmarks_px. Positive: to the picture's right. 0 where the points make no plane.
    """
    four = [0, 1, 3, 4]
    length = float(np.linalg.norm(turned[:2].mean(axis=0) - turned[3:].mean(axis=0)))
    plane = cv2.getPerspectiveTransform(
        np.asarray(straight[four], np.float32), np.asarray(turned[four], np.float32)
    )
    x, y, scale = (float(value) for value in plane @ np.array([*straight[2], 1.0]))
    if length < 1e-3 or abs(scale) < 1e-6:
        return 0.0
    aside, down = float(turned[2, 0]) - x / scale, float(turned[2, 1]) - y / scale
    miss = float(np.hypot(aside, down)) / length
    if not np.isfinite(miss) or abs(aside) < abs(down):
        return 0.0  # it moved down or up: that is a nod
    return miss if aside > 0 else -miss
