"""Turn and scale one face so that eyes, nose and mouth corners lie where the recogniser expects them."""

from __future__ import annotations

import cv2
import numpy as np

from willing.face.types import Float32, Pixels

CROP_SIDE = 112

# Where the five landmarks lie in a 112x112 crop: the template of ArcFace (arXiv:1801.07698), which SFace
# was trained with. Order as in Face.landmarks_px.
REFERENCE_POINTS: Float32 = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)
_CENTRE = REFERENCE_POINTS.mean(axis=0)
_CENTRED = REFERENCE_POINTS - _CENTRE


def similarity(landmarks: Float32) -> Float32:
    """Return the (2, 3) matrix that maps picture pixels to crop pixels: turn, scale and shift only.

    The least-squares similarity transform between the two point sets. In the plane it has a closed form: with
    points as complex numbers it is one division. Source: Umeyama 1991 for the general case.
    landmarks: (5, 2) float32. Five equal points give the identity's scale 0, hence a crop of one colour.
    """
    centre = landmarks.mean(axis=0)
    points = landmarks - centre
    power = float((points * points).sum())
    if power < 1e-9:
        return np.zeros((2, 3), np.float32)
    cosine = float((points * _CENTRED).sum()) / power
    sine = float((points[:, 0] * _CENTRED[:, 1] - points[:, 1] * _CENTRED[:, 0]).sum()) / power
    matrix = np.array([[cosine, -sine, 0], [sine, cosine, 0]], np.float32)
    matrix[:, 2] = _CENTRE - matrix[:, :2] @ centre
    return matrix


def crop(pixels: Pixels, landmarks: Float32) -> Pixels:
    """Return the aligned face, (112, 112, 3) uint8, colours in the order of `pixels`; black outside."""
    return np.asarray(
        cv2.warpAffine(pixels, similarity(landmarks), (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR),
        np.uint8,
    )
