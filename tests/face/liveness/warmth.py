"""A network in place of the real one, which no test may need: it takes whatever is warm for a living face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# Natural log odds of "living" for each grey level that red outweighs blue by.
ODDS_A_LEVEL = 0.1


def write_warmth(path: Path, *, outputs: int = 2, odds: float = ODDS_A_LEVEL) -> Path:
    """Write an ONNX file of the passive check's form: BGR squares in, logits out, "living" first.

    odds: 0 lets it be in doubt about everybody.
    """
    weights = np.zeros((3, outputs), np.float32)
    weights[:, 0] = np.array([-1, 0, 1], np.float32) * odds
    nodes = [
        helper.make_node("GlobalAveragePool", ["data"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "warmth",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 128, 128])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, outputs])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path
