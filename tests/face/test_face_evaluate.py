"""The evaluation counts right: on made-up scores whose answer is known, and on real portraits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from willing.face import BadProtocol, BadSecret, Engine, Policy, SealBroken, Template
from willing.face.cli import face as commands
from willing.face.evaluation.cache import Store, load_key
from willing.face.evaluation.calibrate import fit_calibration, held_out
from willing.face.evaluation.cli import read_samples
from willing.face.evaluation.open_set import Session, build_open_set, discard_curve, evaluate_open_set
from willing.face.evaluation.pairs import best_threshold, evaluate_pairs, read_pairs
from willing.face.evaluation.report import det_points
from willing.face.evaluation.samples import Sample
from willing.face.evaluation.statistics import Rate, interval

Make = Callable[..., Template]
# As where plotly is not installed: importing it fails.
WITHOUT_PLOTLY = """
import sys
sys.modules["plotly"] = None
from willing.face.cli import face
face(["evaluate", sys.argv[1], "--protocol", "open-set", "--references", "1", "--json"])
"""
PEOPLE = {
    "ann": ["person_b_1", "person_b_2"],
    "barack": ["obama", "obama2", "obama3", "impostor_1"],
    "joe": ["biden"],
    "rishi": ["impostor_2"],
}


@pytest.fixture
def folder(tmp_path: Path, portraits: Path) -> Path:
    place = tmp_path / "people"
    for person, names in PEOPLE.items():
        (place / person).mkdir(parents=True)
        for index, name in enumerate(names, 1):
            shutil.copy(portraits / f"{name}.jpg", place / person / f"{person}_{index:04d}.jpg")
    return place


def made_up(make: Make, people: int, photos: int, cosine: float = 0.8, start: int = 0) -> list[Sample]:
    """Return samples of people who are random directions, and of their photographs around them."""
    base_of = np.random.default_rng(start)
    found = []
    for person in range(people):
        base = Template.from_array(base_of.standard_normal(128), model_id="test")
        for photo in range(photos):
            template = make(base, cosine, seed=start + person * 100 + photo)
            found.append(
                Sample(f"p{start + person:05d}", f"p{start + person:05d}_{photo + 1:04d}", template, 50)
            )
    return found


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    # From R's binom.test, the usual reference for exact intervals.
    [
        (0, 100, 0.0, 0.03622),
        (3, 100, 0.006230, 0.08518),
        (100, 100, 0.96378, 1.0),
        (2, 2022, 0.00011979, 0.0035684),
    ],
)
def test_intervals_are_exact(errors: int, trials: int, low: float, high: float) -> None:
    assert interval(errors, trials) == pytest.approx((low, high), rel=2e-3, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(trials=st.integers(1, 400), share=st.floats(0, 1))
def test_an_interval_holds_its_rate(trials: int, share: float) -> None:
    rate = Rate.of(int(share * trials), trials)
    assert 0 <= rate.low <= rate.rate <= rate.high <= 1


def test_no_trials_say_nothing() -> None:
    assert Rate.of(0, 0) == Rate(0, 0, 0.0, 0.0, 1.0)


def test_the_best_threshold_makes_the_fewest_errors() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    assert best_threshold(scores, np.array([0, 0, 0, 1, 1, 1], bool)) == pytest.approx(0.45)
    assert best_threshold(scores, np.array([0, 0, 1, 0, 1, 1], bool)) == pytest.approx(0.65)
    assert best_threshold(scores, np.ones(6, bool)) < 0.1


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
    assert result.rank1 == Rate.of(1, 8)
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
    assert asked.fpir == Rate.of(1, 61)
    assert (asked.wrong_person.errors, asked.not_recognised.errors, asked.ambiguous) == (0, 0, 0)
    assert result.worst[-1]["kind"] == "non_mated"
    assert not any("p0" in str(value) for row in result.worst for value in row.values())


def test_an_open_set_needs_both_kinds_of_people(at_cosine: Make) -> None:
    with pytest.raises(BadProtocol):
        evaluate_open_set(made_up(at_cosine, 3, 5), references=3)
    with pytest.raises(BadProtocol):
        evaluate_open_set(made_up(at_cosine, 3, 1), references=3)


def test_discarding_the_worst_quality_first_lowers_the_error_where_quality_means_something() -> None:
    sessions = [Session("p", 0, (), quality) for quality in (10, 20, 30, 40)]
    curve = discard_curve(sessions, np.array([0.1, 0.9, 0.9, 0.9]), np.ones(4, bool), 0.5, (0, 0.25, 0.5))
    assert curve == [(0, 0.25), (0.25, 0.0), (0.5, 0.0)]


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


def test_a_det_curve_falls() -> None:
    fpir, fnir = det_points([0.5, 0.6, 0.7], [0.1, 0.2, 0.55])
    assert fpir == pytest.approx([2 / 3, 1 / 3, 0])
    assert fnir == pytest.approx([0, 0, 1 / 3])


PAIRS = "2\t3\nann 1 2\nbarack 1 2\nann 1 barack 1\nbarack 3 4\nann 2 joe 1\njoe 1 rishi 1\n"


def test_pairs_on_real_portraits(folder: Path, tmp_path: Path, engine: Engine) -> None:
    listed = tmp_path / "pairs.txt"
    listed.write_text(PAIRS)
    result = evaluate_pairs(read_samples(folder, engine), listed)
    assert (result.pairs, result.accuracy, result.failures) == (6, 1.0, 0)
    assert len(result.mated) == len(result.non_mated) == 3


def test_a_pair_with_an_unreadable_photograph_is_wrong(folder: Path, tmp_path: Path, engine: Engine) -> None:
    listed = tmp_path / "pairs.txt"
    listed.write_text(PAIRS)
    (folder / "joe" / "joe_0001.jpg").write_bytes(b"\xff\xd8 nothing")
    result = evaluate_pairs(read_samples(folder, engine), listed)
    assert result.failures == 2
    assert result.accuracy == pytest.approx(4 / 6)


@pytest.mark.parametrize("text", ["", "x", "2 3\nann 1 2\n", "1 1\nann one two\n", "1 1\nann 1 2 3 4 5\n"])
def test_a_malformed_pairs_file_is_refused(text: str, tmp_path: Path) -> None:
    listed = tmp_path / "pairs.txt"
    listed.write_text(text)
    with pytest.raises(BadProtocol):
        read_pairs(listed)


def test_a_pair_that_is_not_there_is_refused(folder: Path, tmp_path: Path, engine: Engine) -> None:
    listed = tmp_path / "pairs.txt"
    listed.write_text("1 1\nann 1 9\n")
    with pytest.raises(BadProtocol, match="pair 0"):
        evaluate_pairs(read_samples(folder, engine), listed)


def test_the_command_prints_json_and_writes_a_page_without_outside_assets(
    folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "out.html"
    arguments = ["evaluate", str(folder), "--protocol", "open-set", "--references", "1", "--json"]
    run = CliRunner().invoke(commands, [*arguments, "--report", str(page)])
    assert run.exit_code == 0, run.output
    numbers = json.loads(run.stdout)
    assert (numbers["people"], numbers["mated"], numbers["non_mated"]) == (2, 4, 2)
    assert numbers["rank1"]["errors"] == 0
    text = page.read_text()
    assert "Detection error trade-off" in text
    assert "<script src" not in text
    assert "<link" not in text
    assert not any(person in text.split("</style>")[1].split("<script")[0] for person in PEOPLE)


def test_the_commands_speak_to_people_too(folder: Path, tmp_path: Path) -> None:
    listed, page = tmp_path / "pairs.txt", tmp_path / "pairs.html"
    listed.write_text(PAIRS)
    base = ["evaluate", str(folder), "--protocol"]
    run = CliRunner().invoke(commands, [*base, "pairs", "--pairs", str(listed), "--report", str(page)])
    assert "6 pairs: 100.00% right" in run.output
    assert "Pairs" in page.read_text()
    assert json.loads(CliRunner().invoke(commands, [*base, "pairs", "--pairs", str(listed), "--json"]).stdout)
    assert "rank 1: 100.00%" in CliRunner().invoke(commands, [*base, "open-set", "--references", "1"]).output
    assert CliRunner().invoke(commands, [*base, "pairs"]).exit_code == 2
    assert "bad_protocol" in CliRunner().invoke(commands, [*base, "held-out"]).output


def test_a_report_without_plotly_is_refused_by_name_before_any_photograph_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    monkeypatch.setattr(
        "willing.face.evaluation.cli.read_samples", lambda *_, **__: pytest.fail("photographs were read")
    )
    page = tmp_path / "out.html"
    arguments = ["evaluate", str(folder), "--protocol", "open-set", "--report", str(page)]
    run = CliRunner().invoke(commands, arguments)
    assert run.exit_code == 1
    assert "plotly" in run.output
    assert "pip install 'willing[evaluate]'" in run.output
    assert "[package_missing]" in run.output
    assert not page.exists()


def test_the_engine_and_the_figures_need_no_plotly(folder: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_PLOTLY, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["people"] == 2


def test_enrolling_a_folder_is_resumed_and_sealed(folder: Path, tmp_path: Path, engine: Engine) -> None:
    held = tmp_path / "templates.jsonl"
    first = CliRunner().invoke(commands, ["enrol", str(folder), "--store", str(held), "--json"])
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == {"photographs": 8, "enrolled": 8, "failures": 0, "failed": []}
    lines = held.read_text().splitlines()
    # A crash in the middle of a line, and one line lost: both are done again, the others are not.
    held.write_text("\n".join(lines[:5]) + "\n" + lines[5][:40])
    read = []
    samples = read_samples(folder, _counting(engine, read), held)
    assert len(samples) == 8
    assert len(read) == 3
    assert held.read_text().count("\n") == 8
    fresh = read_samples(folder, engine)
    for kept, new in zip(samples, fresh, strict=True):
        assert (kept.person, kept.name) == (new.person, new.name)
        assert kept.template is not None
        assert new.template is not None
        assert np.abs(kept.template.vector - new.template.vector).max() < 1e-6
    assert (
        CliRunner()
        .invoke(commands, ["enrol", str(folder), "--store", str(held)])
        .output.startswith("photographs 8")
    )


def _counting(engine: Engine, read: list[int]) -> Engine:
    class Counting:
        model_id = engine.model_id

        def portrait(self, image: bytes) -> object:
            read.append(len(image))
            return engine.portrait(image)

    return Counting()  # type: ignore[return-value]


def test_a_store_opens_with_its_own_key_only(folder: Path, tmp_path: Path, engine: Engine) -> None:
    held = tmp_path / "templates.jsonl"
    read_samples(folder, engine, held)
    key = tmp_path / "templates.jsonl.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(load_key(key)) == 32
    with pytest.raises(SealBroken):
        Store(held, bytes(32), engine.model_id).read()
    held.write_text(held.read_text().replace('"sealed": "', '"sealed": "*', 1))
    with pytest.raises(SealBroken):
        Store(held, load_key(key), engine.model_id).read()
    key.write_bytes(b"short")
    with pytest.raises(BadSecret):
        load_key(key)


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
