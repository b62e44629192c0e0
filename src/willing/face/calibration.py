"""Turn the wrong-person rate that a school accepts into a score threshold for its gallery's size, and back.

What is known is the tail of the comparison score between a probe and a person who is someone else: how often
one such comparison reaches a score. A gallery of N people gives a stranger N chances, so

    FPIR(N, T) = 1 - (1 - FMR(T)) ** N

which is exact for independent comparisons and errs to the safe side for the alike (docs/face-accuracy.md has
the check on people that the numbers never saw).

What the engine ships with is at the end: numbers measured on photographs, none of them of a person.
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


# At each rate the higher score of two tails: one photograph against one reference (8.1 million comparisons of
# different people) and against the mean of three (1.3 million). References that a school takes in one sitting
# are worth something between the two. Made by `fit_calibration`; checked in docs/face-accuracy.md.
DEFAULT_CALIBRATION = Calibration(
    log10_fmr=(0.0, -0.3, -1.0, -2.0, -3.0, -3.5, -4.0, -4.5, -5.0, -6.0, -8.0),
    score=(-0.408, -0.001, 0.120, 0.220, 0.296, 0.332, 0.362, 0.399, 0.430, 0.502, 0.627),
    source="Labeled Faces in the Wild, 2,848 people, SFACE as PIPELINE_VERSION 2 uses it",
)

# The point around which SFace's answers for all faces lie (`weights.centre` says what for): the mean over
# 2,848 people of the mean of each one's unit templates, five decimals, of nobody in particular. Photographs:
# Labeled Faces in the Wild. Belongs to weights.SFACE as this package aligns faces, and to no other model.
# fmt: off
SFACE_CENTRE = (
    -0.06185, -0.01994, 0.03667, 0.02247, 0.04870, 0.03102, 0.01516, 0.01857, -0.04665,
    0.00446, -0.02114, 0.03646, -0.00780, 0.00576, 0.01744, -0.01269, -0.05140, -0.01482,
    -0.08328, 0.00717, 0.00104, 0.00807, 0.01650, -0.01769, 0.00263, -0.02137, -0.01425,
    -0.00931, -0.00100, -0.01821, 0.00221, 0.04810, 0.00519, -0.01224, 0.01131, 0.00761,
    -0.02771, 0.03126, 0.01463, -0.00111, 0.02845, -0.02396, -0.01845, 0.00733, 0.02099,
    -0.00655, -0.02117, 0.03495, -0.01118, 0.00560, -0.02514, 0.01778, 0.00034, 0.01126,
    -0.01126, -0.02620, 0.02705, -0.01632, -0.01629, 0.00268, 0.00062, 0.04556, -0.08213,
    0.00743, 0.01441, -0.01592, 0.00868, -0.01002, 0.01105, -0.01562, 0.03943, -0.01109,
    0.00195, -0.03154, 0.03120, -0.02307, -0.01622, -0.00170, -0.06094, 0.00689, -0.02622,
    0.00010, -0.02367, 0.00420, -0.04248, -0.00348, 0.03061, -0.01498, -0.01012, -0.00911,
    0.00260, 0.03335, 0.05621, 0.02580, -0.03112, -0.02917, -0.00263, 0.03790, -0.01826,
    0.00625, 0.00580, -0.01658, -0.02314, -0.05097, -0.00569, -0.03359, -0.00984, 0.01256,
    0.04775, -0.02455, 0.04398, -0.02390, -0.02626, -0.00349, 0.04890, 0.03065, -0.02825,
    -0.00398, 0.01490, -0.00404, -0.01943, -0.03475, 0.04884, -0.01378, 0.03944, -0.03327,
    -0.01600, 0.02338,
)
# fmt: on
