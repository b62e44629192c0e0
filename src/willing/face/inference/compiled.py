"""Compile a network once for a machine, keep it, and read it back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from willing.face.errors import ModelUnusable
from willing.face.inference.file_cache import read_checked, write_checked
from willing.face.inference.kernels import quickest
from willing.face.inference.runtime import Compute, capabilities, openvino


def compile_cached(core: Any, models: Sequence[Callable[[], Any]], compute: Compute, blob: Path) -> Any:
    """Return the compiled model, from `blob` where it holds one for this runtime, else compiled and kept.

    models: functions of no arguments that return the OpenVINO model, called only where they are needed. Where
    there are several they are the same model prepared in other ways, and the quickest here is kept. A blob
    that is damaged, or of another version, is compiled anew: the cache can only save time.
    Raises ModelUnusable where a model itself cannot be compiled.
    """
    compiled = _read_blob(core, compute, blob)
    if compiled is not None:
        return compiled
    try:
        chosen = quickest([core.compile_model(model(), "CPU", compute.options()) for model in models])
    except RuntimeError as error:
        raise ModelUnusable(f"OpenVINO cannot compile the model: {str(error)[:200]}") from None
    # Another process may have been first, and have chosen another way: all of them shall run the same one.
    compiled = _read_blob(core, compute, blob)
    if compiled is not None:
        return compiled
    exported = chosen.export_model()
    write_checked(blob, exported if isinstance(exported, bytes) else exported.read())
    return chosen


def _read_blob(core: Any, compute: Compute, blob: Path) -> Any | None:
    cached = read_checked(blob)
    if cached is None:
        return None
    try:
        return core.import_model(cached, "CPU", compute.options())
    except RuntimeError:
        blob.unlink(missing_ok=True)
        return None


def read_side_by_side(core: Any, compute: Compute, blob: Path) -> Any | None:
    """Return a copy of a network that runs requests side by side, a core each; None without its blob."""
    content = read_checked(blob)
    if content is None:
        return None
    try:
        return core.import_model(content, "CPU", compute.side_by_side().options())
    except RuntimeError:
        return None


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
