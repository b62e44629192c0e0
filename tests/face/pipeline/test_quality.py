"""Quality tells apart what a person can change, and says it in one hint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from willing.face import QUALITY_LIMITS, Engine, Face, Hint
from willing.face.pipeline.images import decode
from willing.face.pipeline.quality import failing_hint, head_pose

Read = Callable[[str], bytes]
Find = Callable[[str], Face]
FRONTAL = np.array([[40, 50], [80, 50], [60, 70], [45, 90], [75, 90]], np.float32)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"inter_eye_px": 10}, Hint.CLOSER),
        ({"exposure": 20}, Hint.BRIGHTER),
        ({"exposure": 250}, Hint.DARKER),
        ({"yaw_deg": -60}, Hint.LOOK_STRAIGHT),
        ({"pitch_deg": 60}, Hint.LOOK_STRAIGHT),
        ({"occlusion": 1.0}, Hint.UNCOVER),
        ({"contrast": 2}, Hint.BRIGHTER),
        ({"sharpness": 0.01}, Hint.HOLD_STILL),
    ],
    ids=str,
)
@pytest.mark.parametrize("purpose", ["till", "enrolment"])
def test_each_failing_component_has_its_hint(
    change: dict[str, float], hint: Hint, purpose: str, face: Find
) -> None:
    good = face("obama").quality
    assert failing_hint(good, QUALITY_LIMITS[purpose]) is Hint.OK
    assert failing_hint(replace(good, **change), QUALITY_LIMITS[purpose]) is hint


def test_enrolment_never_asks_less_than_the_till() -> None:
    till, desk = QUALITY_LIMITS["till"], QUALITY_LIMITS["enrolment"]
    for name in ("inter_eye_px_min", "sharpness_min", "exposure_min", "contrast_min"):
        assert getattr(desk, name) >= getattr(till, name)
    for name in ("exposure_max", "yaw_deg_max", "pitch_deg_max", "occlusion_max"):
        assert getattr(desk, name) <= getattr(till, name)


def test_pose_is_nought_from_the_front_and_follows_the_nose() -> None:
    yaw, pitch, roll = head_pose(FRONTAL)
    assert (yaw, pitch, roll) == pytest.approx((0, 0, 0), abs=1)
    turned = FRONTAL.copy()
    turned[2, 0] += 10
    assert head_pose(turned)[0] > 15
    turned[2, 0] -= 20
    assert head_pose(turned)[0] < -15
    lowered = FRONTAL.copy()
    lowered[2, 1] += 8
    assert head_pose(lowered)[1] > 10


@pytest.mark.parametrize("angle", [-40, -10, 25])
def test_roll_is_measured_and_does_not_pass_for_yaw(angle: float) -> None:
    radians = np.radians(angle)
    turn = np.array([[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]])
    yaw, _, roll = head_pose((FRONTAL @ turn.T).astype(np.float32))
    assert roll == pytest.approx(angle, abs=0.5)
    assert yaw == pytest.approx(0, abs=1)


@pytest.mark.parametrize("name", ["person_b_2", "obama3", "biden", "impostor_2"])
def test_covering_half_of_a_face_shows(name: str, engine: Engine, face: Find, read: Read) -> None:
    free = face(name)
    pixels = decode(read(name)).pixels.copy()
    left, top, _, height = (int(value) for value in free.box_px)
    pixels[top : top + height, left : int(free.landmarks_px[2][0])] = 90
    covered = engine.portrait(pixels)
    assert covered is None or covered.quality.occlusion > free.quality.occlusion + 0.4
    assert covered is None or failing_hint(covered.quality, QUALITY_LIMITS["enrolment"]) is Hint.UNCOVER


def test_blur_lowers_sharpness_and_nothing_else(engine: Engine, face: Find, read: Read) -> None:
    sharp = face("person_b_2").quality
    blurred = engine.portrait(
        np.asarray(cv2.GaussianBlur(decode(read("person_b_2")).pixels, (0, 0), 6), np.uint8)
    )
    assert blurred is not None
    assert blurred.quality.sharpness < sharp.sharpness / 2
    assert blurred.quality.exposure == pytest.approx(sharp.exposure, abs=5)
    assert blurred.quality.inter_eye_px == pytest.approx(sharp.inter_eye_px, rel=0.05)
