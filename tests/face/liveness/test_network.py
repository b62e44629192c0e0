"""The passive check on a file: what it says, and which files it takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.face.liveness.warmth import ODDS_A_LEVEL, write_warmth

from willing.face import Engine, ModelMissing, ModelUnusable


@pytest.mark.parametrize("outputs", [2, 3])
def test_the_answer_is_the_log_odds_of_the_first_output_and_colours_come_in_the_cameras_order(
    engine: Engine, cache: Path, tmp_path: Path, outputs: int
) -> None:
    check = engine.liveness(write_warmth(tmp_path / "own.onnx", outputs=outputs))
    square = np.zeros((128, 128, 3), np.uint8)
    square[:] = (60, 100, 110)
    others = np.log(outputs - 1)
    assert check.score(square) == pytest.approx(50 * ODDS_A_LEVEL - others, abs=0.1)
    square[:] = (110, 100, 60)
    assert check.score(square) == pytest.approx(-50 * ODDS_A_LEVEL - others, abs=0.1)


def test_a_file_of_another_form_is_refused(engine: Engine, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable):
        engine.liveness(write_warmth(tmp_path / "one.onnx", outputs=1))
    with pytest.raises(ModelUnusable):
        engine.liveness(engine.models.detector)
    (tmp_path / "no.onnx").write_bytes(b"no model")
    with pytest.raises(ModelUnusable):
        engine.liveness(tmp_path / "no.onnx")
    with pytest.raises(ModelMissing):
        engine.liveness(tmp_path / "missing.onnx")


def test_two_files_have_two_names(engine: Engine, cache: Path, tmp_path: Path) -> None:
    one, other = write_warmth(tmp_path / "one.onnx"), write_warmth(tmp_path / "three.onnx", outputs=3)
    assert engine.liveness(one).name != engine.liveness(other).name
