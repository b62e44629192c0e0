"""Import OpenVINO without its usage reporting, compile, cache and describe models, and keep threads few."""

from __future__ import annotations

import hashlib
import importlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
from threadpoolctl import threadpool_limits

from willing.face.errors import ModelUnusable

# `openvino` imports its model converter, and that imports `openvino_telemetry`, which reports to its makers
# over the network. We never convert a model, so we keep the converter out while importing: nothing that
# could report is loaded at all (tests/face/test_face_models.py looks), and the import is faster by a third.
_CONVERTER = "openvino.tools.ovc"
# How often each way to run a network is tried before the quickest is chosen, once for a machine.
CHOICE_RUNS = 25


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
    """Say how inference runs: threads in all, "bf16" or "f32" arithmetic, and requests run side by side."""

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
            # A thread tied to one core waits for it while another stands idle, as soon as anything else runs:
            # beside one busy thread a frame took 17.8 ms with pinning and 13.4 without.
            "ENABLE_CPU_PINNING": False,
        }


@cache
def one_thread_each() -> None:
    """Set OpenCV and NumPy's matrix products to one thread, once, for the whole process.

    Their threads go on spinning for milliseconds after their work, on the core that inference needs next.
    Their work on one frame is too small for two cores anyway, and with several callers every core has its own
    frame.
    """
    cv2.setNumThreads(1)
    threadpool_limits(limits=1, user_api="blas")


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def capabilities() -> tuple[str, ...]:
    """Return what OpenVINO can use of this processor, for example ("BF16", "FP32", "INT8")."""
    return tuple(openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def compile_cached(core: Any, models: Sequence[Callable[[], Any]], compute: Compute, blob: Path) -> Any:
    """Return the compiled model, from `blob` where it holds one for this runtime, else compiled and kept.

    models: functions of no arguments that return the OpenVINO model, called only where they are needed. Where
    there are several they are the same model prepared in other ways, and the quickest here is kept. A blob
    that is damaged, or of another version, is compiled anew: the cache can only save time.
    Raises ModelUnusable where a model itself cannot be compiled.
    """
    kept = _kept(core, compute, blob)
    if kept is not None:
        return kept
    try:
        compiled = quickest([core.compile_model(model(), "CPU", compute.options()) for model in models])
    except RuntimeError as error:
        raise ModelUnusable(f"OpenVINO cannot compile the model: {str(error)[:200]}") from None
    # Another process may have been first, and have chosen another way: all of them shall run the same one.
    kept = _kept(core, compute, blob)
    if kept is not None:
        return kept
    exported = compiled.export_model()
    write_checked(blob, exported if isinstance(exported, bytes) else exported.read())
    return compiled


def _kept(core: Any, compute: Compute, blob: Path) -> Any | None:
    cached = read_checked(blob)
    if cached is None:
        return None
    try:
        return core.import_model(cached, "CPU", compute.options())
    except RuntimeError:
        blob.unlink(missing_ok=True)
        return None


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


def blob_name(stem: str, compute: Compute, *parts: object) -> str:
    """Return a file name that changes with everything a compiled model depends on."""
    ov = openvino()
    facts = (
        ov.get_version(),
        ov.Core().get_property("CPU", "FULL_DEVICE_NAME"),
        capabilities(),
        compute,
        parts,
    )
    return f"{stem}-{hashlib.sha256(repr(facts).encode()).hexdigest()[:16]}.blob"


def read_checked(path: Path) -> bytes | None:
    """Return a cached file's content where its own digest agrees, else None."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[32:]
    return body if len(data) > 32 and hashlib.sha256(body).digest() == data[:32] else None


def write_checked(path: Path, body: bytes) -> None:
    """Write content behind its digest, so that a reader sees all of it or nothing.

    Two processes may do this at once: each writes a file of its own and renames it, and both contents are
    right. A cache that cannot be written (read-only home, full disk) is left out; it only saves time.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=path.name, suffix=".part", delete=False
        ) as part:
            part.write(hashlib.sha256(body).digest() + body)
        Path(part.name).replace(path)
    except OSError:
        return
