"""Whatever kernels run a network, it answers alike, and the quickest way of this machine is kept."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from willing.face import Engine
from willing.face.inference import graph
from willing.face.inference.compiled import compile_cached
from willing.face.inference.file_cache import write_checked
from willing.face.inference.folding import folded
from willing.face.inference.kernels import KERNELS, prefer_kernels, quickest
from willing.face.inference.runtime import Compute, openvino
from willing.face.inference.weights import default_models
from willing.face.pipeline.images import load


def recogniser_with(kernels: Sequence[str], precision: str = "f32") -> Any:
    core, source = openvino().Core(), default_models().recogniser
    model = graph.read(core, folded(source), source)
    graph.reshape(model, [1, 3, 112, 112], source)
    if kernels:
        prefer_kernels(core, model, kernels)
    return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})


def kinds(compiled: Any) -> set[str]:
    layers = compiled.get_runtime_model().get_ops()
    return {layer.get_rt_info()["primitiveType"].astype(str) for layer in layers}


@pytest.mark.parametrize("kernels", KERNELS)
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
    monkeypatch.setattr("willing.face.inference.kernels._PRIORITY_KEY", "something_else_0")
    assert kinds(recogniser_with(KERNELS[0])) == kinds(recogniser_with(()))


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
    monkeypatch.setattr("willing.face.inference.kernels.time.perf_counter", lambda: clock[0])
    ways = [Timed(clock, each) for each in seconds]
    assert quickest(ways) is ways[expected]


def test_whoever_compiles_later_runs_what_the_first_process_chose(tmp_path: Path) -> None:
    core, blob = openvino().Core(), tmp_path / "one.blob"
    first = recogniser_with(KERNELS[0]).export_model()

    def meanwhile() -> Any:
        write_checked(blob, first if isinstance(first, bytes) else first.read())
        source = default_models().recogniser
        model = graph.read(core, folded(source), source)
        graph.reshape(model, [1, 3, 112, 112], source)
        return model

    compiled = compile_cached(core, [meanwhile], Compute(1, "f32"), blob)
    assert kinds(compiled) == kinds(recogniser_with(KERNELS[0])) != kinds(recogniser_with(()))
