"""Folding and 8-bit layers change how fast a network runs and not what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from willing.face import Engine, ModelUnusable, Template
from willing.face.inference import weights
from willing.face.inference.file_cache import read_checked
from willing.face.inference.folding import fold, folded
from willing.face.inference.quantise import quantise
from willing.face.inference.runtime import openvino
from willing.face.inference.weights import default_models
from willing.face.pipeline.images import load


def test_folding_changes_no_answer(engine: Engine) -> None:
    known = default_models().recogniser
    reference = cv2.dnn.readNetFromONNX(str(known))
    core = openvino().Core()
    compiled = core.compile_model(
        core.read_model(model=fold(known.read_bytes()), weights=b""),
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32"},
    )
    for seed in range(3):
        data = np.random.default_rng(seed).uniform(0, 255, (1, 3, 112, 112)).astype(np.float32)
        reference.setInput(data, "data")
        wanted = reference.forward().reshape(-1)
        found = compiled([data])[0].reshape(-1)
        unit = np.linalg.norm(wanted)
        assert np.abs(wanted / unit - found / unit).max() < 5e-6


@pytest.mark.parametrize("name", ["obama", "biden", "person_a_1", "person_b_2", "impostor_2"])
def test_eight_bit_layers_and_half_precision_leave_templates_where_they_were(
    name: str, engine: Engine, tmp_path: Path, read: Callable[[str], bytes]
) -> None:
    known = default_models()
    picture = load(read(name))
    _, crop = engine.align(picture, engine.detect(picture)[0])
    core = openvino().Core()
    exact = core.compile_model(
        core.read_model(model=fold(known.recogniser.read_bytes()), weights=b""),
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32"},
    )
    pixels = crop[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
    row = exact([pixels])[0].reshape(-1)
    wanted = Template.from_array(
        row / np.linalg.norm(row) - weights.centre(known.recogniser), model_id="exact"
    )
    for precision in (None, "f32"):
        made = Engine.from_default_weights(precision=precision).embed(crop)
        assert float(wanted.vector @ made.vector) > 0.995


def test_only_a_graph_like_sface_is_quantised() -> None:
    with pytest.raises(ModelUnusable, match="SFace"):
        quantise(default_models().detector.read_bytes())


def test_the_folded_model_is_cached_and_a_damaged_cache_is_made_anew(cache: Path) -> None:
    known = default_models().recogniser
    first = folded(known)
    kept = next(cache.glob("folded-*.onnx"))
    assert read_checked(kept) == first
    kept.write_bytes(kept.read_bytes()[:-100])
    assert read_checked(kept) is None
    assert folded(known) == first
    assert read_checked(kept) == first
    assert not list(cache.glob("*.part"))
