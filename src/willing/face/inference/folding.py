"""Compute away what OpenVINO does not read well: block-quantised weights become float32."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from willing.face.errors import ModelUnusable
from willing.face.inference.file_cache import cache_folder, read_checked, write_checked
from willing.face.inference.weights import SFACE, digest

FOLDING_VERSION = 4


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
