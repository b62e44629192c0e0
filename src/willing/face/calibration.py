"""Turn the wrong-person rate that a school accepts into a score threshold for its gallery's size, and back.

What is known is the tail of the comparison score between a probe and a person who is someone else: how often
one such comparison reaches a score. A gallery of N people gives a stranger N chances, so

    FPIR(N, T) = 1 - (1 - FMR(T)) ** N

which is exact for independent comparisons and errs to the safe side for the alike (docs/face-accuracy.md has
the check on people that the numbers never saw).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calibration:
    """The tail of non-mated scores, as points (log10 FMR falling, score rising), and where it comes from.

    Between the points it is read by straight lines, and past the last one by the last line's slope: a
    bell-shaped tail falls faster than a straight line there, so the threshold can only be too high.
    """

    log10_fmr: tuple[float, ...]
    score: tuple[float, ...]
    source: str

    def threshold(self, fpir: float, people: int) -> float:
        """Return the least score that keeps the wrong-person rate at or under `fpir` among `people`.

        fpir: 0 < fpir < 1, for each decision about someone who is not in the gallery.
        """
        if not 0 < fpir < 1:
            raise ValueError("fpir lies between 0 and 1")
        fmr = -math.expm1(math.log1p(-fpir) / max(1, people))
        return self._score_at(math.log10(fmr))

    def false_match_rate(self, score: float) -> float:
        """Return how often one comparison with someone else reaches this score."""
        return float(10 ** self._log_at(score))

    def wrong_person_probability(self, score: float, people: int) -> float:
        """Return how often someone who is not in a gallery of `people` reaches this score in it."""
        fmr = min(self.false_match_rate(score), 1 - 1e-12)
        return float(-math.expm1(max(1, people) * math.log1p(-fmr)))

    def _score_at(self, log_fmr: float) -> float:
        points = list(zip(self.log10_fmr, self.score, strict=True))
        if log_fmr >= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if log_fmr >= x1 or (x1, y1) == points[-1]:
                return y0 + (log_fmr - x0) * (y1 - y0) / (x1 - x0)
        raise AssertionError("the last pair of points covers the rest")

    def _log_at(self, score: float) -> float:
        points = list(zip(self.log10_fmr, self.score, strict=True))
        if score <= points[0][1]:
            return points[0][0] if score > -1 else 0.0
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            if score <= y1 or (x1, y1) == points[-1]:
                return x0 + (score - y0) * (x1 - x0) / (y1 - y0)
        raise AssertionError("the last pair of points covers the rest")
