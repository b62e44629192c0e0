"""Sessions of people in motion, on real clips where they are, and on portraits that move everywhere else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from benchmarks.frames import till_frame
from benchmarks.motion import (
    AUDIENCE,
    CLIPS,
    GESTURES,
    OWNER,
    PRINT,
    TURNING,
    Part,
    crowd,
    enrol_owner,
    outcomes,
    session,
)

from willing.face import Engine, Gallery
from willing.face.types import Pixels

Read = Callable[[str], bytes]


@pytest.fixture(scope="module")
def strangers(engine: Engine) -> Gallery:
    if not CLIPS.is_dir():
        pytest.skip(f"the clips are not beside this checkout ({CLIPS.name})")
    return crowd(engine, CLIPS.parent / "faces" / "lfw", 200)


def ends(engine: Engine, gallery: Gallery, part: Part) -> Counter[str]:
    return outcomes(engine, gallery, enrol_owner(engine, gallery, part.clip), part)


@pytest.mark.shared_data
@pytest.mark.parametrize("part", TURNING, ids=lambda part: part.clip)
def test_whoever_turns_the_head_while_speaking_is_recognised_in_every_session(
    engine: Engine, strangers: Gallery, part: Part
) -> None:
    assert set(ends(engine, strangers, part)) == {"owner"}


@pytest.mark.shared_data
def test_hands_before_the_face_cost_patience_and_never_name_another(
    engine: Engine, strangers: Gallery
) -> None:
    found = ends(engine, strangers, GESTURES[0])
    assert set(found) <= {"owner", "open", "unknown"}
    assert found["owner"] > 0.8 * found.total()


@pytest.mark.shared_data
@pytest.mark.parametrize("part", [*AUDIENCE, *PRINT], ids=["audience", "couple", "print"])
def test_others_before_the_camera_are_taken_for_nobody(
    engine: Engine, strangers: Gallery, part: Part
) -> None:
    assert set(ends(engine, strangers, part)) <= {"open", "unknown"}


def moving(jpeg: bytes, count: int = 12) -> list[Pixels]:
    """Return frames of somebody who sways, nods and comes nearer, blurred where they move fastest."""
    still = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert still is not None
    frames = []
    for index in range(count):
        swing = math.sin(index / 2)
        matrix = cv2.getRotationMatrix2D((320, 240), 9 * swing, 1 + index / 60)
        matrix[:, 2] += np.array((40 * swing, 12 * math.cos(index)))
        frame = cv2.warpAffine(still, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
        frames.append(np.asarray(cv2.blur(frame, (1 + round(4 * abs(math.cos(index / 2))), 1)), np.uint8))
    return frames


@pytest.fixture(scope="module")
def enrolled(engine: Engine, read: Read) -> Gallery:
    gallery = Gallery()
    for person, name in ((OWNER, "person_b_1"), ("another", "person_a_1"), ("a third", "obama")):
        found = engine.portrait(read(name))
        assert found is not None
        gallery.add(person, [found.reference])
    return gallery


def test_a_portrait_that_moves_is_recognised_and_a_strangers_is_not(
    engine: Engine, enrolled: Gallery
) -> None:
    for first in range(8):
        assert session(engine, enrolled, moving(till_frame(engine, "person_b_2"))[first:]) == "owner"
        assert session(engine, enrolled, moving(till_frame(engine, "biden"))[first:]) in ("open", "unknown")


def test_two_who_stand_side_by_side_are_never_decided(engine: Engine, enrolled: Gallery) -> None:
    left, right = (moving(till_frame(engine, name)) for name in ("person_b_2", "person_a_2"))
    both = [np.hstack([one[:, 160:480], two[:, 160:480]]) for one, two in zip(left, right, strict=True)]
    assert session(engine, enrolled, both) == "open"
