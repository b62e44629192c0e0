"""Turn and scale one face so that eyes, nose and mouth corners lie where the recogniser expects them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from willing.face.types import Float32, Pixels

CROP_SIDE = 112
# The close-up reaches this many times the face box's longer side, and is shrunk to this many pixels.
CLOSE_UP_SHARE = 1.8
CLOSE_UP_MAX = 448
# The second pass reaches this many times the face box's longer side: the best of those tried.
SECOND_PASS_SHARE = 1.5

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


@dataclass(frozen=True, slots=True)
class CloseUp:
    """A face and its surroundings, cut out of a picture and shrunk where it was large.

    pixels: (h, w, 3) uint8, sides at most CLOSE_UP_MAX. left, top: where it was cut, in picture pixels.
    scale: its pixels for one of the picture, at most 1.
    """

    pixels: Pixels
    left: int
    top: int
    scale: float

    def inside(self, points: Float32) -> Float32:
        """Return points of the picture, (n, 2), as points of this close-up."""
        return np.asarray((points - (self.left, self.top) + 0.5) * self.scale - 0.5, np.float32)

    def outside(self, points: Float32) -> Float32:
        """Return points of this close-up as points of the picture."""
        return np.asarray((points + 0.5) / self.scale - 0.5 + (self.left, self.top), np.float32)


def close_up(pixels: Pixels, box: Float32, landmarks: Float32) -> CloseUp:
    """Return the close-up of one detected face.

    Shrinking by area first keeps fine patterns of large portraits from turning into false ones, which
    sampling a 112-pixel crop straight from them would do.
    """
    x, y = landmarks.mean(axis=0).tolist()
    reach = 0.5 * CLOSE_UP_SHARE * max(*box[2:].tolist(), 8.0)
    height, width = pixels.shape[:2]
    left, top = int(min(max(x - reach, 0), width - 1)), int(min(max(y - reach, 0), height - 1))
    right = int(min(max(x + reach + 1, left + 1), width))
    bottom = int(min(max(y + reach + 1, top + 1), height))
    patch = pixels[top:bottom, left:right]
    scale = min(1.0, CLOSE_UP_MAX / max(patch.shape[:2]))
    if scale < 1:
        patch = np.asarray(
            cv2.resize(patch, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    return CloseUp(patch, left, top, scale)


def fill_second_pass(near: CloseUp, box: Float32, landmarks: Float32, buffer: Pixels) -> Float32:
    """Fill a square detector input with one face, large, and return the (2, 3) matrix that did it.

    buffer: (1, side, side, 3) uint8, written. The matrix maps close-up pixels to input pixels. Finding the
    landmarks again at one fixed face size is what makes them exact: see docs/face-accuracy.md.
    """
    side = buffer.shape[1]
    centre = near.inside(landmarks).mean(axis=0) + 0.5
    reach = max(1, round(SECOND_PASS_SHARE * float(max(box[2], box[3], 1.0)) * near.scale))
    # Cut at whole pixels: scaling alone takes a quarter of the time of moving by parts of a pixel as well.
    left, top = (round(float(value) - reach / 2) for value in centre)
    cv2.resize(_square(near.pixels, left, top, reach), (side, side), dst=buffer[0])
    scale = side / reach
    return np.array(
        [[scale, 0, (0.5 - left) * scale - 0.5], [0, scale, (0.5 - top) * scale - 0.5]], np.float32
    )


def _square(pixels: Pixels, left: int, top: int, side: int) -> Pixels:
    """Return a square of a picture; black where it reaches outside."""
    inside = pixels[max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)]
    if inside.shape[:2] == (side, side):
        return inside
    square = np.zeros((side, side, 3), np.uint8)
    down, right = max(0, -top), max(0, -left)
    square[down : down + inside.shape[0], right : right + inside.shape[1]] = inside
    return square


def crop(pixels: Pixels, landmarks: Float32) -> Pixels:
    """Return the aligned face, (112, 112, 3) uint8, colours in the order of `pixels`; black outside."""
    return np.asarray(
        cv2.warpAffine(pixels, similarity(landmarks), (CROP_SIDE, CROP_SIDE), flags=cv2.INTER_LINEAR),
        np.uint8,
    )
