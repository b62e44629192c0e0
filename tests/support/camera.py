"""A camera, and faces enrolled at the desk; the engine is loaded when a test puts a face in front of it."""

from itertools import count
from typing import Any, NamedTuple

import pytest

from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture
from willing.biometrics.models import FaceSession
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import open_face_session, submit_frame
from willing.till.models import Basket


class Shots:
    """A portrait in front of a camera, from its first frame on.

    The same seed gives the same frames, so each is drawn once for all tests of a process.
    """

    _drawn: dict[str, tuple[Any, list[bytes]]] = {}  # noqa: RUF012  # shared on purpose

    def __init__(self, name: str, portrait: Any, school: Any) -> None:
        if name not in self._drawn:
            from willing.biometrics.engine import require_engine
            from willing.demo.frames import CameraLike

            self._drawn[name] = CameraLike(portrait(name), require_engine(school), seed=1), []
        self._source, self._frames = self._drawn[name]
        self._next = count()

    def frame(self) -> bytes:
        """Return the next frame."""
        number = next(self._next)
        if number == len(self._frames):
            self._frames.append(self._source.frame())
        return self._frames[number]


@pytest.fixture
def camera(cast: Any, portrait: Any) -> Any:
    """Return a function that puts a portrait in front of a camera."""
    return lambda name: Shots(name, portrait, cast.school)


@pytest.fixture
def enrol(cast: Any, camera: Any) -> Any:
    """Return a function that enrols one of the cast from a portrait, at the desk."""

    def enrol_(name: str, picture: str, *, frames: int = 3) -> Any:
        user, shots = cast.user("office"), camera(picture)
        capture = start_capture(cast.person(name), "canteen", user=user)
        for _ in range(frames):
            add_capture_frame(capture, shots.frame(), user=user, by_camera=False)
        return finish_capture(capture, user=user)

    return enrol_


class Looked(NamedTuple):
    """What a look of the camera came to, both as the database has them."""

    basket: Basket
    session: FaceSession


def look(cast: Any, shots: Any, *, key: str = "1") -> Looked:
    """Press "use my face" on the basket that is there, or on a meal, and look until there is an answer."""
    basket = show_basket(cast.till) or add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key=key)
    for _ in range(24):
        if submit_frame(cast.till, session.id, shots.frame()).state != "looking":
            break
    basket.refresh_from_db()
    session.refresh_from_db()
    return Looked(basket, session)


def mark_faces(items: list[pytest.Item]) -> None:
    """Mark every test that puts a face in front of the camera: it needs the engine."""
    for item in items:
        if "camera" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.face)
