from collections.abc import Callable

import pytest

from willing.biometrics import actions
from willing.biometrics.engine import require_engine
from willing.demo.frames import CameraLike


@pytest.fixture
def camera(cast, portrait) -> Callable[[str], CameraLike]:
    """Return a function that puts a portrait in front of a camera."""
    return lambda name: CameraLike(portrait(name), require_engine(cast.school), seed=1)


@pytest.fixture
def enrol(cast, camera):
    """Return a function that enrols one of the cast from a portrait, at the desk."""

    def enrol(name, picture, *, frames=3):
        user, shots = cast.user("office"), camera(picture)
        capture = actions.start_capture(cast.person(name), "canteen", user=user)
        for _ in range(frames):
            actions.add_capture_frame(capture, shots.frame(), user=user)
        return actions.finish_capture(capture, user=user)

    return enrol
