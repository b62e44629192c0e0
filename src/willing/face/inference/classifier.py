"""Load a network that says of one small picture which kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from willing.face.errors import ModelUnusable
from willing.face.inference import graph, weights
from willing.face.inference.compiled import blob_name, compile_cached, read_side_by_side
from willing.face.inference.file_cache import cache_folder
from willing.face.inference.network import Network
from willing.face.inference.runtime import Compute, openvino


def load_classifier(source: Path, side: int, compute: Compute) -> Network:
    """Return the network that turns (side, side, 3) BGR pixels into one row of at least two numbers.

    Raises ModelMissing, ModelUnusable.
    """
    core, shape = openvino().Core(), (1, side, side, 3)
    name = blob_name("classifier", compute, weights.digest(source), shape, graph.VERSION)
    blob = cache_folder() / name

    def model() -> Any:
        read = graph.read(core, source.read_bytes(), source)
        graph.reshape(read, [1, 3, side, side], source)
        return graph.from_pixels(read, shape, source, swap=False)

    compiled = compile_cached(core, [model], compute, blob)
    answer = list(compiled.output(0).shape) if len(compiled.outputs) == 1 else []
    if len(answer) != 2 or answer[0] != 1 or answer[1] < 2:
        raise ModelUnusable(f"{source}: a classifier has one output of 1 x 2 or more")
    return Network(compiled, lambda: read_side_by_side(core, compute, blob), shape)
