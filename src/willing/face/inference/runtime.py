"""Import OpenVINO without its usage reporting, and describe how it runs here."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import Any

from willing.face.threads import usable_cores

# `openvino` imports its model converter, and that imports `openvino_telemetry`, which reports to its makers
# over the network. We never convert a model, so we keep the converter out while importing: nothing that
# could report is loaded at all (a test holds it), and the import is faster by a third.
_CONVERTER = "openvino.tools.ovc"


def openvino() -> Any:
    """Return the `openvino` module, imported without its converter and its telemetry."""
    if "openvino" in sys.modules or _CONVERTER in sys.modules:
        return importlib.import_module("openvino")
    sys.modules[_CONVERTER] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("openvino")
    finally:
        del sys.modules[_CONVERTER]


@dataclass(frozen=True, slots=True)
class Compute:
    """How inference runs: threads in all, "bf16" or "f32" arithmetic, and requests run side by side."""

    threads: int
    precision: str
    streams: int = 1

    @classmethod
    def default(cls, threads: int | None = None, precision: str | None = None) -> Compute:
        """Return all usable cores, and bf16 where the processor has it.

        bf16 halves the time and costs no accuracy that the data shows (docs/face-accuracy.md).
        """
        wanted = precision or ("bf16" if "BF16" in capabilities() else "f32")
        return cls(max(1, threads or usable_cores()), wanted)

    def side_by_side(self) -> Compute:
        """Return the same for several callers at once: each on one core, none waiting for another's half.

        Two threads on one request agree with each other many times a frame; two requests never do. A single
        caller is served sooner by the first, several by the second: docs/performance.md has both.
        """
        cores = usable_cores()
        return Compute(cores, self.precision, cores)

    def options(self) -> dict[str, object]:
        """Return the OpenVINO properties of this choice."""
        return {
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": self.precision,
            "NUM_STREAMS": self.streams,
            # A thread tied to one core waits for it while another is idle, as soon as anything else runs:
            # beside one busy thread a frame took 17.8 ms with pinning and 13.4 without.
            "ENABLE_CPU_PINNING": False,
        }


def capabilities() -> tuple[str, ...]:
    """Return what OpenVINO can use of this processor, for example ("BF16", "FP32", "INT8")."""
    return tuple(openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
