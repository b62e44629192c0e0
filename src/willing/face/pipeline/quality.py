"""Measure how fit one face is for comparison, and find the one thing to change where it is not.

Components after ISO/IEC 29794-5, from the aligned crop and the five landmarks only. docs/face-accuracy.md has
the error-versus-discard curves behind the limits; `willing face evaluate` draws them for other data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from willing.face.pipeline.detect import Detection
from willing.face.types import Float32, Hint, Pixels, Quality

# The middle of the face in the aligned crop, from the brows to the mouth: no hair, no background.
_MIDDLE = (slice(38, 104), slice(26, 86))
# What stays of a five-point pattern when a head turns: fitted on frontal faces, see docs/face-accuracy.md.
_NOSE_DEPTH = 0.62
_NOSE_HEIGHT = 0.50


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """The least that a purpose asks of a face; units as in `Quality`."""

    inter_eye_px_min: float
    sharpness_min: float
    exposure_min: float
    exposure_max: float
    contrast_min: float
    yaw_deg_max: float
    pitch_deg_max: float
    occlusion_max: float


QUALITY_LIMITS = {
    "till": QualityLimits(28, 0.12, 35, 235, 12, 40, 35, 0.8),
    "enrolment": QualityLimits(30, 0.2, 50, 220, 18, 25, 25, 0.4),
}


def is_fit_for_reference(quality: Quality) -> bool:
    """Say whether the desk would take a face of this quality."""
    return failing_hint(quality, QUALITY_LIMITS["enrolment"]) is Hint.OK


def measure(pixels: Pixels, crop: Pixels, detection: Detection, scale: int = 1) -> Quality:
    """Return the quality of one detected face.

    pixels: the picture, (H, W, 3) BGR. crop: its aligned face, (112, 112, 3) BGR. scale: pixels of the
    original for one of `pixels`.
    """
    grey = np.asarray(cv2.cvtColor(crop[_MIDDLE], cv2.COLOR_BGR2GRAY), np.uint8)
    mean, deviation = cv2.meanStdDev(grey)
    yaw, pitch, roll = head_pose(detection.landmarks)
    eyes = detection.landmarks[1] - detection.landmarks[0]
    parts = {
        "sharpness": _sharpness(grey, float(deviation[0, 0])),
        "exposure": float(mean[0, 0]),
        "contrast": float(deviation[0, 0]),
        "yaw_deg": yaw,
        "pitch_deg": pitch,
        "roll_deg": roll,
        "inter_eye_px": float(np.hypot(eyes[0], eyes[1])) * scale,
        "occlusion": _occlusion(pixels, detection),
        "detection_score": detection.score,
    }
    return Quality(score=_score(parts), **parts)


def head_pose(landmarks: Float32) -> tuple[float, float, float]:
    """Return (yaw, pitch, roll) in degrees, estimated from five landmarks; rough, but monotone.

    After the roll is undone, the nose tip's way from the middle between eyes and mouth grows with the sine of
    the turn, times how far a nose stands out, in units of the distance between the eyes and the mouth.
    """
    (rx, ry), (lx, ly), (nx, ny), (mx, my), (ox, oy) = landmarks.tolist()
    eye_x, eye_y, mouth_x, mouth_y = (rx + lx) / 2, (ry + ly) / 2, (mx + ox) / 2, (my + oy) / 2
    across_x, across_y, down_x, down_y = lx - rx, ly - ry, mouth_x - eye_x, mouth_y - eye_y
    turn = math.atan2(across_y, across_x)
    height, width = math.hypot(down_x, down_y), math.hypot(across_x, across_y)
    aside_x, aside_y = nx - (eye_x + mouth_x) / 2, ny - (eye_y + mouth_y) / 2
    aside = (math.cos(turn) * aside_x + math.sin(turn) * aside_y) / max(height, width, 1e-6)
    lower = ((nx - eye_x) * down_x + (ny - eye_y) * down_y) / max(height * height, 1e-6) - _NOSE_HEIGHT
    yaw, pitch = (math.degrees(math.asin(max(-1, min(1, v / _NOSE_DEPTH)))) for v in (aside, lower))
    roll = math.degrees(turn)
    return yaw, pitch, roll


def failing_hint(quality: Quality, limits: QualityLimits) -> Hint:
    """Return the first thing to change, in the order in which a person can change them; OK where none."""
    checks = (
        (quality.inter_eye_px < limits.inter_eye_px_min, Hint.CLOSER),
        (quality.exposure < limits.exposure_min, Hint.BRIGHTER),
        (quality.exposure > limits.exposure_max, Hint.DARKER),
        (abs(quality.yaw_deg) > limits.yaw_deg_max, Hint.LOOK_STRAIGHT),
        (abs(quality.pitch_deg) > limits.pitch_deg_max, Hint.LOOK_STRAIGHT),
        (quality.occlusion > limits.occlusion_max, Hint.UNCOVER),
        (quality.contrast < limits.contrast_min, Hint.BRIGHTER),
        (quality.sharpness < limits.sharpness_min, Hint.HOLD_STILL),
    )
    return next((hint for failed, hint in checks if failed), Hint.OK)


def _sharpness(grey: Pixels, deviation: float) -> float:
    """Return how much of the contrast is fine detail: the Laplacian's deviation over the picture's own.

    Dividing makes it a property of focus and motion, not of light. 0 is blurred, 1 as sharp as a crop gets.
    """
    fine = float(cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_32F))[1][0, 0])
    return min(1.0, fine / max(deviation, 4.0) / 1.2)


def _occlusion(pixels: Pixels, detection: Detection) -> float:
    """Return 0 where nothing seems to cover the face, to 1: an unsure second pass, or a face cut by the edge.

    Half of 6,274 free faces score 0.942 in the second pass and 99 % of them 0.919 or more; with half of the
    face or the eyes covered, portraits score 0.84 to 0.93.
    """
    unsure = max(0.0, min(1.0, (0.94 - detection.score) / 0.06))
    left, top, width, height = detection.box.tolist()
    inside_x = min(left + width, pixels.shape[1]) - max(left, 0)
    inside_y = min(top + height, pixels.shape[0]) - max(top, 0)
    inside = max(0.0, inside_x) * max(0.0, inside_y) / max(width * height, 1e-6)
    return float(max(unsure, min(1.0, max(0.0, (1 - inside) * 3))))


def _score(parts: dict[str, float]) -> float:
    """Return 0-100: the product of how good each component is, each 0-1, with 1 from "good" on."""
    factors = (
        _ramp(parts["sharpness"], 0.05, 0.35),
        _ramp(parts["exposure"], 20, 70),
        _ramp(-parts["exposure"], -250, -200),
        _ramp(parts["contrast"], 5, 30),
        _ramp(-abs(parts["yaw_deg"]), -60, -12),
        _ramp(-abs(parts["pitch_deg"]), -60, -15),
        _ramp(parts["inter_eye_px"], 12, 45),
        _ramp(-parts["occlusion"], -1.2, -0.3),
    )
    return float(100 * math.prod(factors))


def _ramp(value: float, low: float, high: float) -> float:
    return max(0.02, min(1.0, (value - low) / (high - low)))
