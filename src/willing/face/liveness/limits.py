"""Judge what a session's frames say about a living person. Pure: numbers in, verdict out.

docs/face-accuracy.md says on which data each number was chosen, and what it gave on data that was kept back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean


class AliveVerdict(StrEnum):
    """What the frames say: too few of them, a living person, in doubt (one turn is asked for), a picture."""

    MORE = "more"
    LIVE = "live"
    DOUBT = "doubt"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Limits:
    """Where the verdicts begin. Scores are natural log odds of "living"; their mean over a session counts.

    live_above, picture_below: what lies between is in doubt. frames_min: frames that a verdict needs.
    yaw_deg_max: a head turned further is not scored. face_height_max: of the frame's height; the surroundings
    of a nearer face are not in the picture, and a screen that fills the view is nearer. noise_blur,
    noise_max: grey levels of sensor noise from which on the picture is softened, or more light is asked for.
    """

    live_above: float = 1.5
    picture_below: float = -3.0
    frames_min: int = 3
    yaw_deg_max: float = 20.0
    face_height_max: float = 0.45
    noise_blur: float = 3.0
    noise_max: float = 8.0


LIMITS = Limits()


def judge(scores: Sequence[float], limits: Limits = LIMITS, *, frames_min: int | None = None) -> AliveVerdict:
    """Return the verdict over the scores of a session. frames_min: for a single photograph, 1."""
    if len(scores) < (frames_min or limits.frames_min):
        return AliveVerdict.MORE
    mean = fmean(scores)
    if mean > limits.live_above:
        return AliveVerdict.LIVE
    # Written so that what is not a number is a picture.
    return AliveVerdict.DOUBT if mean >= limits.picture_below else AliveVerdict.PICTURE
