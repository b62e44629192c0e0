"""The open-set protocol counts right, on made-up scores whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.face.evaluation.people import Make, made_up

from willing.face import BadProtocol, Engine, Policy
from willing.face.evaluation.open_set import ProbeSession, build_open_set, discard_curve, evaluate_open_set
from willing.face.evaluation.report import det_points
from willing.face.evaluation.samples import Sample
from willing.face.evaluation.statistics import ErrorRate


def test_an_open_set_is_built_as_described(at_cosine: Make) -> None:
    samples = [
        *made_up(at_cosine, 3, 7, start=0),
        *made_up(at_cosine, 4, 3, start=10_000),
        *made_up(at_cosine, 5, 1, start=20_000),
    ]
    built = build_open_set(samples, references=3, frames=3)
    assert len(built.gallery) == 3
    assert [len(session.frames) for session in built.mated] == [3, 3, 3]
    assert built.left_over == 3
    assert len(built.non_mated) == 5
    assert {len(session.frames) for session in built.non_mated} == {3}
    assert (built.failures_to_enrol, built.failures_to_acquire) == (0, 0)


def test_unreadable_photographs_are_errors_and_are_counted(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 4, 5), *made_up(at_cosine, 4, 1, start=10_000)]
    samples[0] = Sample(samples[0].person, samples[0].name, None, 0, "no_face")
    samples[4] = Sample(samples[4].person, samples[4].name, None, 0, "no_face")
    result = evaluate_open_set(samples, references=3)
    assert (result.failures_to_enrol, result.failures_to_acquire) == (1, 1)
    assert result.rank1 == ErrorRate.of(1, 8)
    assert result.points[0].fnir.errors == 1


def test_rates_come_out_as_put_in(at_cosine: Make) -> None:
    samples = [*made_up(at_cosine, 40, 5), *made_up(at_cosine, 60, 1, start=10_000)]
    # One stranger is in truth a person of the gallery under another name.
    double = samples[0].template
    samples.append(Sample("q", "q_0001", double, 50))
    result = evaluate_open_set(samples, references=3)
    assert (result.people, result.mated, result.non_mated) == (40, 80, 61)
    assert result.rank1.errors == 0
    asked = result.default[-1]
    assert asked.fpir == ErrorRate.of(1, 61)
    assert (asked.wrong_person.errors, asked.not_recognised.errors, asked.ambiguous) == (0, 0, 0)
    assert result.worst[-1]["kind"] == "non_mated"
    assert not any("p0" in str(value) for row in result.worst for value in row.values())


def test_an_open_set_needs_both_kinds_of_people(at_cosine: Make) -> None:
    with pytest.raises(BadProtocol):
        evaluate_open_set(made_up(at_cosine, 3, 5), references=3)
    with pytest.raises(BadProtocol):
        evaluate_open_set(made_up(at_cosine, 3, 1), references=3)


def test_discarding_the_worst_quality_first_lowers_the_error_where_quality_means_something() -> None:
    sessions = [ProbeSession("p", 0, (), quality) for quality in (10, 20, 30, 40)]
    curve = discard_curve(sessions, np.array([0.1, 0.9, 0.9, 0.9]), np.ones(4, bool), 0.5, (0, 0.25, 0.5))
    assert curve == [(0, 0.25), (0.25, 0.0), (0.5, 0.0)]


def test_a_det_curve_falls() -> None:
    fpir, fnir = det_points([0.5, 0.6, 0.7], [0.1, 0.2, 0.55])
    assert fpir == pytest.approx([2 / 3, 1 / 3, 0])
    assert fnir == pytest.approx([0, 0, 1 / 3])


@pytest.mark.whole
@pytest.mark.shared_data
def test_the_targets_are_reached_on_the_research_photographs(lfw: Path, engine: Engine) -> None:
    # A few of the people keep this short; benchmarks/accuracy.py measures all of them.
    samples = [s for s in _some(lfw, engine) if s.template is not None]
    result = evaluate_open_set(samples, references=3, frames=3, policy=Policy())
    assert result.default[-1].wrong_person.errors == 0
    assert result.default[-1].not_recognised.errors <= 1
    assert result.default[-1].fpir.low <= 0.001


def _some(lfw: Path, engine: Engine) -> list[Sample]:
    from willing.face.evaluation.dataset import photographs, read_all
    from willing.face.evaluation.samples import sample_of

    people = sorted(entry.name for entry in lfw.iterdir())[::25]
    items = [item for item in photographs(lfw) if item.person in set(people)]
    return [sample_of(reading) for reading in read_all(engine, items)]
