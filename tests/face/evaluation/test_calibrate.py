"""A calibration keeps its rate on people whom it never saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.face.evaluation.people import Make, made_up

from willing.face import BadProtocol
from willing.face.evaluation.calibrate import fit_calibration, held_out
from willing.face.evaluation.splits import over_splits


def test_a_calibration_keeps_its_rate_on_numbers_it_never_saw() -> None:
    rng = np.random.default_rng(3)
    fitted = fit_calibration(rng.normal(0, 0.09, 400_000).astype(np.float32), "test")
    for people, fpir in ((300, 0.01), (300, 0.001), (30, 0.01)):
        threshold = fitted.threshold(fpir, people)
        best = rng.normal(0, 0.09, (20_000, people)).max(axis=1) if people < 100 else None
        reached = (
            float((best >= threshold).mean())
            if best is not None
            else float(1 - (1 - _tail(threshold / 0.09)) ** people)
        )
        assert fpir / 3 < reached < fpir * 2
    with pytest.raises(BadProtocol):
        fit_calibration(np.zeros(50, np.float32), "too few")


def _tail(z: float) -> float:
    from math import erfc

    return 0.5 * erfc(z / 2**0.5)


def test_held_out_people_are_nobody_the_calibration_saw(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 120, 4), *made_up(at_cosine, 300, 1, start=50_000)]
    rows = held_out(samples, 3, seed=1)
    assert [row.fpir_asked for row in rows] == [0.01, 0.003, 0.001]
    assert all(row.fpir.trials == rows[0].fpir.trials > 100 for row in rows)
    assert rows[0].threshold < rows[-1].threshold
    assert rows == held_out(samples, 3, seed=1)


def test_over_many_splits_errors_are_counted_on_people_the_thresholds_never_saw(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 120, 4), *made_up(at_cosine, 300, 1, start=50_000)]
    one, many = over_splits(samples, 3, [1]), over_splits(samples, 3, range(1, 6))
    for row, single in zip(one, held_out(samples, 3, seed=1), strict=True):
        assert (row.fpir_asked, row.splits, row.fpir.rate) == (single.fpir_asked, 1, single.fpir.rate)
        assert row.fpir.low == row.fpir.rate == row.fpir.high
    assert [row.splits for row in many] == [5, 5, 5]
    assert all(row.fnir.low <= row.fnir.rate <= row.fnir.high for row in many)
    assert [row.fnir.rate for row in many] == sorted(row.fnir.rate for row in many)
    assert many == over_splits(samples, 3, range(1, 6))


def test_whoever_is_taken_for_another_counts_as_missed_in_every_split(at_cosine: Make) -> None:
    people = made_up(at_cosine, 120, 4)
    strangers = made_up(at_cosine, 300, 1, start=50_000)
    swapped = [
        replace(one, template=people[(at + 4) % len(people)].template) if at % 4 == 3 else one
        for at, one in enumerate(people)
    ]
    rows = over_splits([*swapped, *strangers], 3, range(1, 4))
    assert all(row.fnir.rate == row.fnir_met.rate == 1 for row in rows)


def test_splits_need_somebody_with_more_photographs_than_references(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 120, 3), *made_up(at_cosine, 300, 1, start=50_000)]
    with pytest.raises(BadProtocol, match="more photographs than references"):
        over_splits(samples, 3, [1])
