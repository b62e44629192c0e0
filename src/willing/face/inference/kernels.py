"""Choose the kernels that run a network soonest here, by trying them: no table of processors is needed.

docs/develop/inference.md says which are tried and why. The choice is made once a machine (`compiled`).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from typing import Any

# OpenVINO's key for the kernels that a layer shall be run by, and the reading of a model that carries it: its
# Python interface can hand such a value on, but not make one.
_PRIORITY_KEY = "primitives_priority_0"

_CARRIER = """<?xml version="1.0"?><net name="carrier" version="11"><layers>
<layer id="0" name="in" type="Parameter" version="opset1"><data shape="1" element_type="f32"/>
<rt_info><attribute name="primitives_priority" version="0" value="{kernels}"/></rt_info>
<output><port id="0" precision="FP32"><dim>1</dim></port></output></layer>
<layer id="1" name="out" type="Result" version="opset1">
<input><port id="0" precision="FP32"><dim>1</dim></port></input></layer>
</layers><edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges></net>"""

# Kernels that may run the recogniser sooner than OpenVINO's own choice: its older ones, for all layers or for
# the depthwise ones only, as for processors whose newest instructions (AMX) the older ones do not know.
# A change raises graph.VERSION, so that the race is run again.
KERNELS = (
    (
        "jit_avx512_dw",
        "jit_avx512_1x1",
        "jit_avx512",
        "jit_avx2_dw",
        "jit_avx2_1x1",
        "jit_avx2",
    ),
    ("jit_avx512_dw", "jit_avx2_dw"),
)

_CONVOLUTIONS = ("Convolution", "GroupConvolution")


def prefer_kernels(core: Any, model: Any, kernels: Sequence[str]) -> Any:
    """Return the model with its convolutions asking for these kernels, the first that fits; changed in place.

    kernels: names as OpenVINO's performance counters give them, for example "jit_avx512_dw". Layers that none
    of them can run get OpenVINO's own choice, and so do all on a processor that has none of them, or where
    OpenVINO no longer knows such wishes.
    """
    names = ",".join(f"cpu:{name}" for name in kernels)
    carrier = core.read_model(model=_CARRIER.format(kernels=names).encode(), weights=b"")
    carried = carrier.get_parameters()[0].get_rt_info()
    if _PRIORITY_KEY not in carried.keys():  # noqa: SIM118  # OpenVINO's map cannot be asked itself
        return model
    for layer in model.get_ops():
        if layer.get_type_name() in _CONVOLUTIONS:
            layer.set_rt_info(carried[_PRIORITY_KEY], _PRIORITY_KEY)
    return model


# How often each way to run a network is tried before the quickest is chosen, once for a machine.
CHOICE_RUNS = 25


def quickest(compiled: Sequence[Any]) -> Any:
    """Return the compiled model that answers first, in turns, so that a busy moment hits all alike.

    The first one is kept unless another saves a twentieth: noise alone shall not choose.
    """
    if len(compiled) == 1:
        return compiled[0]
    requests = [model.create_infer_request() for model in compiled]
    times: list[list[float]] = [[] for _ in requests]
    for _ in range(CHOICE_RUNS):
        for request, found in zip(requests, times, strict=True):
            started = time.perf_counter()
            request.infer()
            found.append(time.perf_counter() - started)
    medians = [statistics.median(found) for found in times]
    best = min(range(len(medians)), key=medians.__getitem__)
    return compiled[best if medians[best] < 0.95 * medians[0] else 0]
