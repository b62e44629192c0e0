"""Watch the frames of one session: their scores and their straightest look, numbers only."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from willing.face.liveness.crop import noise_of, surroundings
from willing.face.liveness.limits import LIMITS, Limits, Verdict, judge
from willing.face.liveness.turn import Side, Turn
from willing.face.pipeline.detect import Detection
from willing.face.types import Float32, Hint, Pixels, Quality


class Liveness(Protocol):
    """Anything that scores one face with its surroundings. `name` says which it is, for the office."""

    @property
    def name(self) -> str:
        """Return which check it is."""
        ...

    def score(self, square: Pixels) -> float:
        """Return the natural log odds that (128, 128, 3) uint8 BGR shows a living face."""
        ...


class Watch:
    """What one session's frames say about a living person. Belongs to one session and one thread."""

    def __init__(self, check: Liveness, limits: Limits = LIMITS) -> None:
        self._check = check
        self.limits = limits
        self._scores: list[float] = []
        self._straight: tuple[float, Float32] | None = None
        self.landmarks: Float32 | None = None
        self.yaw_deg = 0.0

    def __repr__(self) -> str:
        return f"<Watch of {len(self._scores)} frames>"

    def see(self, pixels: Pixels, face: Detection, quality: Quality) -> Hint:
        """Score one usable face; return OK, or BRIGHTER where the picture is too noisy to say anything.

        Every second frame is seen in the mirror: both ways of a face are looked at for the price of one.
        """
        noise = noise_of(pixels, face.box)
        if noise >= self.limits.noise_max:
            return Hint.BRIGHTER
        self.landmarks, self.yaw_deg = face.landmarks, quality.yaw_deg
        if abs(quality.yaw_deg) <= self.limits.yaw_deg_max:
            square = surroundings(pixels, face.box, noise=noise, limits=self.limits)
            is_mirrored = len(self._scores) % 2 == 1
            self._scores.append(self._check.score(mirrored(square) if is_mirrored else square))
            if self._straight is None or abs(quality.yaw_deg) < self._straight[0]:
                self._straight = (abs(quality.yaw_deg), face.landmarks)
        return Hint.OK

    @property
    def is_straight(self) -> bool:
        """Return whether the last face looked straight enough to be scored."""
        return abs(self.yaw_deg) <= self.limits.yaw_deg_max

    def verdict(self) -> Verdict:
        """Return what the frames seen so far say."""
        return judge(self._scores, self.limits)

    def ask(self, side: Side, at: float) -> Turn:
        """Return a turn to that side, measured from the straightest look so far. Only after a verdict."""
        assert self._straight is not None, "a verdict rests on straight looks"
        return Turn(side, self._straight[1], at)

    def reset(self) -> None:
        """Forget all frames: the person left, or another face came in."""
        self._scores.clear()
        self._straight = self.landmarks = None


def mirrored(square: Pixels) -> Pixels:
    """Return a picture as a mirror shows it."""
    return np.ascontiguousarray(square[:, ::-1])
