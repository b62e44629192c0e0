"""What a session's scores mean: too few, a living person, in doubt, a picture."""

from __future__ import annotations

import math

import pytest

from willing.face.liveness.limits import LIMITS, AliveVerdict, judge


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (1.51, AliveVerdict.LIVE),
        (1.5, AliveVerdict.DOUBT),
        (-3.0, AliveVerdict.DOUBT),
        (-3.01, AliveVerdict.PICTURE),
        (math.nan, AliveVerdict.PICTURE),
        (-math.inf, AliveVerdict.PICTURE),
    ],
)
def test_the_mean_of_a_session_decides_and_what_is_no_number_is_a_picture(
    mean: float, verdict: AliveVerdict
) -> None:
    assert judge([mean] * 3) is verdict
    assert judge([mean], frames_min=1) is verdict


def test_fewer_than_three_frames_say_nothing() -> None:
    assert judge([]) is judge([9.0]) is judge([9.0, 9.0]) is AliveVerdict.MORE


def test_one_lucky_frame_among_three_passes_no_picture() -> None:
    assert judge([-9.0, 4.0, -9.0]) is AliveVerdict.PICTURE


def test_the_limits_are_those_that_were_frozen_before_the_kept_back_people_were_looked_at() -> None:
    assert (LIMITS.live_above, LIMITS.picture_below, LIMITS.frames_min) == (1.5, -3.0, 3)
    assert (LIMITS.yaw_deg_max, LIMITS.face_height_max) == (20, 0.45)
    assert (LIMITS.noise_blur, LIMITS.noise_max) == (3, 8)
