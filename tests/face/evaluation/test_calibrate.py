"""A calibration keeps its rate on people whom it never saw."""

from __future__ import annotations

import numpy as np
import pytest
from tests.face.evaluation.people import Make, made_up

from willing.face import BadProtocol
from willing.face.evaluation.calibrate import fit_calibration, held_out


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
