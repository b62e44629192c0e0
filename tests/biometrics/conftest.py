from collections.abc import Callable

import pytest

from willing.biometrics.engine import require_engine
from willing.biometrics.enrolment import add_capture_frame, finish_capture, start_capture
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
        capture = start_capture(cast.person(name), "canteen", user=user)
        for _ in range(frames):
            add_capture_frame(capture, shots.frame(), user=user)
        return finish_capture(capture, user=user)

    return enrol
