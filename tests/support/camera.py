"""A camera, and faces enrolled at the desk; the engine is loaded when a test puts a face in front of it."""

from typing import Any

import pytest

from willing.biometrics.enrolment import add_capture_frame, finish_capture, start_capture


@pytest.fixture
def camera(cast: Any, portrait: Any) -> Any:
    """Return a function that puts a portrait in front of a camera."""
    from willing.biometrics.engine import require_engine
    from willing.demo.frames import CameraLike

    return lambda name: CameraLike(portrait(name), require_engine(cast.school), seed=1)


@pytest.fixture
def enrol(cast: Any, camera: Any) -> Any:
    """Return a function that enrols one of the cast from a portrait, at the desk."""

    def enrol_(name: str, picture: str, *, frames: int = 3) -> Any:
        user, shots = cast.user("office"), camera(picture)
        capture = start_capture(cast.person(name), "canteen", user=user)
        for _ in range(frames):
            add_capture_frame(capture, shots.frame(), user=user)
        return finish_capture(capture, user=user)

    return enrol_


def mark_faces(items: list[pytest.Item]) -> None:
    """Mark every test that puts a face in front of the camera: it needs the engine."""
    for item in items:
        if "camera" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.face)
