"""Watch the frames of one session: their scores and five points, numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from willing.face.liveness.crop import noise_of, surroundings
from willing.face.liveness.limits import LIMITS, AliveVerdict, Limits, judge
from willing.face.liveness.turn import HeadTurn, Side
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


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One usable face: its landmarks, (5, 2), its yaw in degrees, and its score where it was straight."""

    landmarks: Float32
    yaw_deg: float
    score: float | None


class AliveWatch:
    """What one session's frames say about a living person. Belongs to one session and one thread."""

    def __init__(self, check: Liveness, limits: Limits = LIMITS) -> None:
        self._check = check
        self.limits = limits
        self._seen: list[SeenFace] = []

    def __repr__(self) -> str:
        return f"<Watch of {len(self._seen)} frames>"

    def see(self, pixels: Pixels, face: Detection, quality: Quality) -> Hint:
        """Score one usable face; return OK, or BRIGHTER where the picture is too noisy to say anything.

        Every second frame is seen in the mirror: a face is scored both ways for the price of one.
        """
        noise = noise_of(pixels, face.box)
        if noise >= self.limits.noise_max:
            return Hint.BRIGHTER
        score = None
        if abs(quality.yaw_deg) <= self.limits.yaw_deg_max:
            square = surroundings(pixels, face.box, noise=noise, limits=self.limits)
            is_mirrored = sum(one.score is not None for one in self._seen) % 2 == 1
            score = self._check.score(mirrored(square) if is_mirrored else square)
        self._seen.append(SeenFace(face.landmarks, quality.yaw_deg, score))
        return Hint.OK

    @property
    def last(self) -> SeenFace:
        """Return the face that was seen last; there has to be one."""
        return self._seen[-1]

    def verdict(self, frames: int | None = None) -> AliveVerdict:
        """Return what the last so many frames say: of the evidence and no others; None: all of them."""
        seen = self._seen if frames is None else self._seen[-frames:]
        return judge([one.score for one in seen if one.score is not None], self.limits)

    def ask(self, side: Side, at: float, frames: int) -> HeadTurn:
        """Return a turn to that side, measured from the straightest of the last so many frames."""
        straight = min(self._seen[-frames:], key=lambda one: abs(one.yaw_deg))
        return HeadTurn(side, straight.landmarks, at)


def mirrored(square: Pixels) -> Pixels:
    """Return a picture as a mirror shows it."""
    return np.ascontiguousarray(square[:, ::-1])
