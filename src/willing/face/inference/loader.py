"""Make of two ONNX files the networks that the engine runs: pixels in, one table out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from willing.face.errors import ModelUnusable
from willing.face.inference import graph, weights
from willing.face.inference.compiled import blob_name, compile_cached, read_side_by_side
from willing.face.inference.file_cache import cache_folder
from willing.face.inference.folding import FOLDING_VERSION, folded
from willing.face.inference.kernels import KERNELS, prefer_kernels
from willing.face.inference.network import Network
from willing.face.inference.runtime import Compute, openvino
from willing.face.inference.weights import Models


class Loader:
    """Load the networks of a detector and a recogniser, compiled copies kept in the cache folder."""

    def __init__(self, models: Models, compute: Compute) -> None:
        """Read which files they are. Raises ModelMissing."""
        self._models, self._compute = models, compute
        self._core = openvino().Core()
        self._cache = cache_folder()
        self._detector_key = weights.digest(models.detector)[:16]
        self._model_id = weights.model_id(models.recogniser)

    def recogniser(self, side: int, length: int) -> Network:
        """Return the network that turns a (side, side, 3) BGR face into `length` numbers.

        OpenVINO's own choice of kernels is one way to run it, each of KERNELS another; the quickest is kept.
        Raises ModelUnusable.
        """
        shape, source = (1, side, side, 3), self._models.recogniser

        def model() -> Any:
            read = graph.read(self._core, folded(source), source)
            graph.reshape(read, [1, 3, side, side], source)
            return graph.from_pixels(read, shape, source, swap=True)

        def preferring(kernels: Sequence[str]) -> Callable[[], Any]:
            return lambda: prefer_kernels(self._core, model(), kernels)

        ways = [model, *(preferring(kernels) for kernels in KERNELS)]
        name = blob_name("recogniser", self._compute, self._model_id, FOLDING_VERSION, graph.VERSION)
        compiled = compile_cached(self._core, ways, self._compute, self._cache / name)
        if len(compiled.outputs) != 1 or tuple(compiled.output(0).shape) != (1, length):
            raise ModelUnusable(f"{source}: a recogniser has one output of 1x{length}")
        return self._network(compiled, name, shape)

    def detector(self, height: int, width: int, outputs: tuple[tuple[str, ...], ...]) -> Network:
        """Return the network that finds faces in (height, width, 3) BGR pixels.

        outputs: the names of those that are read, joined as `graph.join_outputs` says. Raises ModelUnusable.
        """
        shape, source = (1, height, width, 3), self._models.detector

        def model() -> Any:
            read = graph.read(self._core, source.read_bytes(), source)
            graph.reshape(read, [1, 3, height, width], source)
            joined = graph.join_outputs(read, outputs, source)
            return graph.from_pixels(joined, shape, source, swap=False)

        name = blob_name("detector", self._compute, self._detector_key, shape, outputs, graph.VERSION)
        compiled = compile_cached(self._core, [model], self._compute, self._cache / name)
        return self._network(compiled, name, shape)

    def _network(self, compiled: Any, name: str, shape: tuple[int, ...]) -> Network:
        return Network(
            compiled, lambda: read_side_by_side(self._core, self._compute, self._cache / name), shape
        )
