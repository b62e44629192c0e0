"""Measure how much templates under two secrets tell of each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.frames import PORTRAITS
from benchmarks.measure import Row
from willing.face import Engine, Rotation


def unlinkability(engine: Engine, secrets: int = 60) -> Iterator[Row]:
    """Yield scores of one person under two secrets beside those of two people (ISO/IEC 30136).

    Single templates only: two opened sets are linked by their pairwise scores (`willing.face.protect`).
    """
    names = ("person_a_1", "person_b_1", "obama", "biden", "impostor_2")
    faces = [engine.portrait((PORTRAITS / f"{name}.jpg").read_bytes()) for name in names]
    plain = [face.template for face in faces if face is not None]
    rotations = [Rotation.from_secret(bytes([index]) * 32) for index in range(secrets)]
    turned = np.stack([[rotation.apply(template).vector for template in plain] for rotation in rotations])
    mated, strangers = [], []
    for first in range(secrets):
        for second in range(first + 1, secrets):
            scores = turned[first] @ turned[second].T
            mated += np.diag(scores).tolist()
            strangers += scores[~np.eye(len(plain), dtype=bool)].tolist()
    for name, values in (("one person", mated), ("two people", strangers)):
        yield Row("unlinkability", f"{name} under two secrets: mean score", float(np.mean(values)), "")
        yield Row("unlinkability", f"{name} under two secrets: standard deviation", float(np.std(values)), "")
    yield Row(
        "unlinkability", "D-sys between the two, 0 is unlinkable", linkability(mated, strangers), "", 0.05
    )


def linkability(mated: list[float], strangers: list[float], bins: int = 20) -> float:
    """Return the global linkability D-sys, 0 to 1, of two samples of scores.

    Source: Gomez-Barrero et al. 2018, doi:10.1109/TIFS.2017.2788000, with equal prior odds. Scores are sorted
    into equally filled bins, so that the estimate does not see structure in nearly empty ones.
    """
    edges = np.quantile(mated + strangers, np.linspace(0, 1, bins + 1))
    one = np.histogram(mated, edges)[0] / len(mated)
    other = np.histogram(strangers, edges)[0] / len(strangers)
    ratio = np.divide(one, other, out=np.zeros(bins), where=other > 0)
    local = np.where(ratio > 1, 2 * ratio / (1 + ratio) - 1, 0)
    return float((local * one).sum())
