"""Fit a calibration to a folder's non-mated scores, and check it on people whom it never saw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from willing.face.calibration import Calibration
from willing.face.errors import BadProtocol
from willing.face.evaluation.samples import Sample, by_person
from willing.face.evaluation.statistics import FPIRS, ErrorRate
from willing.face.gallery import Gallery
from willing.face.types import Float32, Template


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a calibration of half of the people reaches on the other half."""

    fpir_asked: float
    threshold: float
    fpir: ErrorRate


def non_mated_tail(samples: Sequence[Sample], references: int) -> Float32:
    """Return the scores of all comparisons of one person's last photograph with another one's references.

    References: of everyone with at least that many photographs, their first ones. (comparisons,)
    float32. Raises BadProtocol where nobody has.
    """
    people = by_person(sample for sample in samples if sample.template is not None)
    held = [person for person, rows in people.items() if len(rows) >= references]
    if not held:
        raise BadProtocol(f"nobody has {references} usable photographs")
    kept = (np.stack([one.as_reference().vector for one in people[person][:references]]) for person in held)
    centroids = np.stack([rows.mean(axis=0) for rows in kept])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    probes = np.stack([rows[-1].template.vector for rows in people.values() if rows[-1].template])
    scores = probes @ centroids.T
    own = {person: index for index, person in enumerate(people)}
    keep = np.ones(scores.shape, bool)
    for column, person in enumerate(held):
        keep[own[person], column] = False
    return np.asarray(scores[keep], np.float32)


def fit_calibration(scores: Float32, source: str) -> Calibration:
    """Return the calibration of a sample of non-mated scores.

    Down to the rate that leaves 30 comparisons above it the points are the sample's own quantiles. Past it
    the tail is a straight line in log rate, its slope from the median excess of the highest 100: the median,
    not the mean or the maximum, because a few pairs of a large collection are one person under two names. Of
    eight such fits this one kept its rate best on people it had not seen (docs/face-accuracy.md).
    """
    ranked = np.sort(scores.astype(np.float64))[::-1]
    if len(ranked) < 10_000:
        raise BadProtocol(f"{len(ranked)} comparisons of different people; a calibration needs 10,000")
    deepest = math.log10(30 / len(ranked))
    logs = [log for log in (-0.3, -1.0, -2.0, -3.0, -3.5, -4.0, -4.5, -5.0) if log > deepest + 0.1] + [
        deepest
    ]
    points = [(0.0, float(ranked[-1])), *((log, float(ranked[int(10**log * len(ranked))])) for log in logs)]
    slope = float(np.median(ranked[:100] - ranked[100])) / math.log(2) * math.log(10)
    points.append((deepest - 3, points[-1][1] + 3 * slope))
    return Calibration(tuple(log for log, _ in points), tuple(score for _, score in points), source)


def held_out(samples: Sequence[Sample], references: int, seed: int) -> list[HeldOut]:
    """Calibrate on a random half of the people, and return what the rates asked for become on the rest.

    The rest with enough photographs are the gallery; the rest with fewer are strangers, one session
    each: their first photograph. Every comparison is of people whom the calibration never saw.
    Raises BadProtocol.
    """
    seen = random_half({sample.person for sample in samples}, seed)
    tail = non_mated_tail([sample for sample in samples if sample.person in seen], references)
    calibration = fit_calibration(tail, "half")
    gallery, strangers = gallery_and_strangers([s for s in samples if s.person not in seen], references)
    best = np.array([gallery.identify(row, top=1)[0].score for row in strangers])
    reached = []
    for fpir in FPIRS:
        threshold = calibration.threshold(fpir, len(gallery))
        reached.append(HeldOut(fpir, threshold, ErrorRate.of(int((best >= threshold).sum()), len(best))))
    return reached


def random_half(names: set[str], seed: int) -> set[str]:
    """Return about half of the people; the same seed draws the same."""
    people = sorted(names)
    chosen = np.random.default_rng(seed).random(len(people)) < 0.5
    return {person for person, inside in zip(people, chosen, strict=True) if inside}


def gallery_and_strangers(samples: Sequence[Sample], references: int) -> tuple[Gallery, list[Template]]:
    """Return those with enough photographs as a gallery, and the first template of each of the others.

    Raises BadProtocol where either is empty.
    """
    gallery, strangers = Gallery(), []
    for person, rows in by_person(samples).items():
        usable = [sample for sample in rows if sample.template is not None]
        if len(usable) >= references:
            gallery.add(person, [sample.as_reference() for sample in usable[:references]])
        else:
            strangers += [sample.template for sample in usable[:1] if sample.template is not None]
    if not len(gallery) or not strangers:
        raise BadProtocol("the other half has no gallery or no strangers")
    return gallery, strangers
