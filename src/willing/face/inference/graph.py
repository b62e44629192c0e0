"""Change the networks so that pixels go in and one table comes out, with nothing copied between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from willing.face.errors import ModelUnusable
from willing.face.inference.runtime import openvino

# Raise it whenever these functions make another graph of the same model: compiled copies are kept under it.
VERSION = 2


def read(core: Any, model: bytes, source: Path) -> Any:
    """Return an ONNX model as OpenVINO reads it. Raises ModelUnusable."""
    try:
        return core.read_model(model=model, weights=b"")
    except RuntimeError as error:
        raise ModelUnusable(f"{source}: OpenVINO cannot read it: {str(error)[:200]}") from None


def reshape(model: Any, shape: Sequence[int], source: Path) -> None:
    """Fix the size of a model's one input. Raises ModelUnusable."""
    try:
        model.reshape(list(shape))
    except RuntimeError as error:
        raise ModelUnusable(f"{source}: it has no 1x3xHxW input: {str(error)[:200]}") from None


def from_pixels(model: Any, shape: tuple[int, ...], source: Path, *, swap: bool) -> Any:
    """Return the model with uint8 BGR pixels, height x width x colour, as its input.

    swap: whether the model wants RGB. Raises ModelUnusable.

    The change of type, order and colours becomes part of the graph, so no Python code copies a picture. The
    two factors undo each other: they keep OpenVINO from turning the picture as bytes first, which it would
    then do once more. With arithmetic before it the turn is only another way to read the same numbers, and
    the second factor disappears in the first layer. Halves of 0 to 255 are exact in bf16 as well.
    """
    op = openvino().opset13
    parameters = model.get_parameters()
    wanted = [1, 3, *shape[1:3]]
    if len(parameters) != 1 or list(parameters[0].partial_shape.to_shape()) != wanted:
        raise ModelUnusable(f"{source}: the model does not take one colour picture")
    pixels = op.parameter(list(shape), np.uint8, name="pixels")
    halves = op.multiply(op.convert(pixels, "f32"), op.constant(np.float32(0.5)))
    turned = op.transpose(halves, np.array([0, 3, 1, 2]))
    if swap:
        turned = op.gather(turned, np.array([2, 1, 0]), np.int64(1))
    whole = op.multiply(turned, op.constant(np.float32(2)))
    for target in parameters[0].output(0).get_target_inputs():
        target.replace_source_output(whole.output(0))
    return openvino().Model(model.get_results(), [pixels], "from_pixels")


def join_outputs(model: Any, groups: Sequence[Sequence[str]], source: Path) -> Any:
    """Return the model with one output: each group's outputs side by side, the groups one below the other.

    groups: names of outputs of 1 x rows x columns. All other outputs are left out, and the layers that only
    they need. Raises ModelUnusable.
    """
    op = openvino().opset13
    sources = [result.input_value(0) for result in model.get_results()]
    ends = {name: end for end in sources for name in end.get_names()}
    missing = [name for group in groups for name in group if name not in ends]
    if missing:
        raise ModelUnusable(f"{source}: a detector has the outputs {', '.join(missing)}")
    try:
        rows = [op.concat([ends[name] for name in group], 2) for group in groups]
        table = op.concat(rows, 1) if len(rows) > 1 else rows[0]
        return openvino().Model([op.result(table)], model.get_parameters(), "joined")
    except RuntimeError as error:
        raise ModelUnusable(f"{source}: its outputs do not fit together: {str(error)[:200]}") from None
