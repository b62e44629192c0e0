"""Thresholds chosen on one half of the people, errors counted on the other, over many random halves.

One split of a few hundred people says little about rare errors: one pair more or less is a factor of two. The
splits share people, so what is given beside each rate is how far it went between splits, no interval of
confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from willing.face.errors import BadProtocol
from willing.face.evaluation.calibrate import (
    fit_calibration,
    gallery_and_strangers,
    non_mated_tail,
    random_half,
)
from willing.face.evaluation.samples import Sample, by_person
from willing.face.evaluation.statistics import FPIRS, Flags, Scores
from willing.face.gallery import Gallery


@dataclass(frozen=True, slots=True)
class Spread:
    """A rate over all splits together, and the 5th and 95th percentile of the splits' own."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OverSplits:
    """What a wrong-person rate that was asked for becomes on people whom the calibration never saw.

    fpir, fnir: at the threshold that the calibration of the other half gives. fnir_met: where all thresholds
    are moved by one step, the same for all splits, so that just the rate asked for is reached.
    """

    fpir_asked: float
    splits: int
    fpir: Spread
    fnir: Spread
    fnir_met: Spread


@dataclass(frozen=True, slots=True)
class _Split:
    """One half's probes: the best score of each, and of mated ones whether it is the right person's."""

    mated: Scores
    right: Flags
    strangers: Scores
    thresholds: tuple[float, ...]


def over_splits(samples: Sequence[Sample], references: int, seeds: Sequence[int]) -> list[OverSplits]:
    """Return the rates over one split for each seed; the roles are those of `calibrate.held_out`.

    Mated probes are single photographs beyond the references. Raises BadProtocol.
    """
    splits = [_split(samples, references, seed) for seed in seeds]
    return [_together(splits, column, fpir) for column, fpir in enumerate(FPIRS)]


def _split(samples: Sequence[Sample], references: int, seed: int) -> _Split:
    seen = random_half({sample.person for sample in samples}, seed)
    tail = non_mated_tail([sample for sample in samples if sample.person in seen], references)
    calibration = fit_calibration(tail, "half")
    rest = [sample for sample in samples if sample.person not in seen]
    gallery, strangers = gallery_and_strangers(rest, references)
    scores, right = _mated(rest, references, gallery)
    return _Split(
        scores,
        right,
        np.array([gallery.identify(row, top=1)[0].score for row in strangers]),
        tuple(calibration.threshold(fpir, len(gallery)) for fpir in FPIRS),
    )


def _mated(samples: Sequence[Sample], references: int, gallery: Gallery) -> tuple[Scores, Flags]:
    scores, right = [], []
    for person, rows in by_person(samples).items():
        usable = [sample.template for sample in rows if sample.template is not None]
        for template in usable[references:]:
            best = gallery.identify(template, top=1)[0]
            scores.append(best.score)
            right.append(best.person == person)
    if not scores:
        raise BadProtocol("nobody of the other half has more photographs than references")
    return np.array(scores), np.array(right)


def _together(splits: Sequence[_Split], column: int, fpir: float) -> OverSplits:
    above = np.sort(np.concatenate([one.strangers - one.thresholds[column] for one in splits]))[::-1]
    step = float(above[int(fpir * len(above))])
    taken = [one.strangers >= one.thresholds[column] for one in splits]
    missed = [~((one.mated >= one.thresholds[column]) & one.right) for one in splits]
    met = [~((one.mated - one.thresholds[column] > step) & one.right) for one in splits]
    return OverSplits(fpir, len(splits), _spread(taken), _spread(missed), _spread(met))


def _spread(errors: Sequence[Flags]) -> Spread:
    own = [float(one.mean()) for one in errors]
    low, high = np.percentile(own, (5, 95))
    return Spread(float(np.concatenate(errors).mean()), float(low), float(high))
