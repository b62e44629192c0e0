"""The pairs protocol counts right, on numbers whose answer is known and on real portraits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.face.evaluation.people import PAIRS

from willing.face import BadProtocol, Engine
from willing.face.evaluation.cli import read_samples
from willing.face.evaluation.pairs import best_threshold, evaluate_pairs, read_pairs


def test_the_best_threshold_makes_the_fewest_errors() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.8])
    assert best_threshold(scores, np.array([0, 0, 0, 1, 1, 1], bool)) == pytest.approx(0.45)
    assert best_threshold(scores, np.array([0, 0, 1, 0, 1, 1], bool)) == pytest.approx(0.65)
    assert best_threshold(scores, np.ones(6, bool)) < 0.1


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
