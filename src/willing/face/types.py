"""Hold the frozen values that pass through the engine: faces, quality, templates, hints, candidates."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from willing.face.errors import BlankTemplate, WrongArray

TEMPLATE_LENGTH = 128

Float32 = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Purpose = Literal["till", "enrolment"]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One face as a point on the unit sphere, with the names of the model and rotation it belongs to.

    vector: (128,) float32, norm 1 within 1e-5, read-only. model_id: `Engine.model_id` of the engine that
    made it. rotation_id: "" as it leaves the engine, else `Rotation.id`. Two templates compare only where
    both names agree. The repr shows neither the vector nor anything computed from it.
    """

    vector: Float32 = field(repr=False)
    model_id: str
    rotation_id: str = ""

    @classmethod
    def from_array(cls, vector: NDArray[np.floating], *, model_id: str, rotation_id: str = "") -> Template:
        """Return a template from a (128,) vector of any length but 0, scaled to norm 1.

        Raises WrongArray on another shape or non-finite values, BlankTemplate where the norm is 0.
        """
        row = np.array(vector, dtype=np.float32, copy=True)
        wide = row.astype(np.float64).reshape(-1)
        norm = math.sqrt(float(wide @ wide))
        if row.shape != (TEMPLATE_LENGTH,) or not math.isfinite(norm):
            raise WrongArray(f"a template is {TEMPLATE_LENGTH} finite numbers, not an array {row.shape}")
        if norm < 1e-6:
            raise BlankTemplate("the vector's length is 0")
        row /= np.float32(norm)
        row.setflags(write=False)
        return cls(row, model_id, rotation_id)

    def __reduce__(self) -> tuple[object, ...]:
        # Pickling is the commonest way for a template to leave a process unnoticed (caches, task queues).
        raise TypeError("a template is not pickled; seal it with willing.face.protect.seal")


@dataclass(frozen=True, slots=True)
class Quality:
    """How fit one face is for comparison, after the components of ISO/IEC 29794-5.

    score: 0-100, the higher the better; `pipeline.quality` says how it is made and which errors it predicts.
    sharpness: 0-1, share of fine detail in the aligned face. exposure: mean luminance 0-255 of the face.
    contrast: standard deviation of that luminance. yaw_deg, pitch_deg, roll_deg: head turn estimated from
    five landmarks, about +-10 degrees exact; yaw is positive where the nose points to the picture's right.
    inter_eye_px: distance of the eye centres in pixels of the picture given. occlusion: 0-1, 0 where
    nothing seems to cover the face. detection_score: 0-1, the detector's own.
    """

    score: float
    sharpness: float
    exposure: float
    contrast: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    inter_eye_px: float
    occlusion: float
    detection_score: float


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face.

    box_px: (left, top, width, height) and landmarks_px: (right eye, left eye, nose tip, right mouth corner,
    left mouth corner) as (x, y), in pixels of the upright picture, origin at its top-left corner. "Right"
    is the person's own right. detection_score: 0-1. template: what is compared with a gallery. reference:
    what a gallery keeps of the person; taken at enrolment it is the middle between the face and its mirror
    image, otherwise it is the template.
    """

    box_px: tuple[float, float, float, float]
    landmarks_px: tuple[tuple[float, float], ...] = field(repr=False)
    detection_score: float
    quality: Quality
    template: Template = field(repr=False)
    reference: Template = field(repr=False)


class Hint(StrEnum):
    """One thing for the person in front of the camera to change; `OK` where there is nothing.

    Left and right are the person's own.
    """

    OK = "ok"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    CLOSER = "closer"
    FURTHER = "further"
    CENTRE = "centre"
    BRIGHTER = "brighter"
    DARKER = "darker"
    HOLD_STILL = "hold_still"
    LOOK_STRAIGHT = "look_straight"
    UNCOVER = "uncover"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True, slots=True)
class Zone:
    """Describe where in a frame the one face has to be.

    left, top, right, bottom: the rectangle, as fractions of width and height, that holds the face's centre.
    face_height_min, face_height_max: the face box's height as a fraction of the frame's height.
    rival_share: another face counts as a second person in front of the camera from this share of the first
    one's height on; the queue behind is smaller than that.
    """

    left: float = 0.2
    top: float = 0.1
    right: float = 0.8
    bottom: float = 0.9
    face_height_min: float = 0.22
    face_height_max: float = 0.95
    rival_share: float = 0.55


@dataclass(frozen=True, slots=True)
class FrameResult:
    """The answer to one frame of a camera: the one usable face, or the hint that says why there is none.

    face is None exactly where hint is not OK. faces_seen counts every face the detector found; only the one
    in the zone is ever turned into a template.
    """

    face: Face | None
    hint: Hint
    faces_seen: int
    quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person of a gallery with the comparison score of a probe, -1..1, higher is more alike."""

    person: str
    score: float
