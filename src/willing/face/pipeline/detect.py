"""Find faces: choose an input size, fill it, read YuNet's anchors, drop the doubles.

YuNet answers for every cell of three grids (strides 8, 16 and 32): is it a face, how sure, where, and where
are two eyes, nose tip and mouth corners. Source: doi:10.1007/s11633-023-1423-y; weights: weights.YUNET.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from willing.face.errors import EngineFault
from willing.face.types import Float32, Pixels

STRIDES = (8, 16, 32)
SCORE_MIN = 0.6
OVERLAP_MAX = 0.3
# Longest side of the detector's input. A face is found from about 10 pixels on, so 320 finds faces from a
# thirtieth of the picture: far smaller than any face at a till. See docs/performance.md for the choice.
SIDE = 320
# The same for a till's frame: the one face fills at least a fifth of the height, and a second pass follows.
TILL_SIDE = 192
# Side of the square input of the second pass, over one face.
SECOND_PASS_SIDE = 320
# There is a face already; the second pass only has to say where its landmarks are.
SECOND_PASS_SCORE_MIN = 0.4
# What the network says of a cell, side by side: class, object (their root is the score), box, landmarks.
KINDS = ("cls", "obj", "bbox", "kps")
COLUMNS = 1 + 1 + 4 + 10
_PRODUCT_MAX = 1.01


@dataclass(frozen=True, slots=True)
class Detection:
    """One face: box (left, top, width, height), five landmarks (5, 2), score 0-1; in picture pixels."""

    box: Float32
    landmarks: Float32
    score: float


@dataclass(frozen=True, slots=True)
class InputSize:
    """A detector input: its size in pixels, and how a picture is scaled into its top-left corner."""

    height: int
    width: int
    inner_height: int
    inner_width: int
    strides: tuple[int, ...] = STRIDES

    @property
    def outputs(self) -> tuple[tuple[str, ...], ...]:
        """Return the names of the network's outputs that are read, those of each stride together."""
        return tuple(tuple(f"{kind}_{stride}" for kind in KINDS) for stride in self.strides)


@lru_cache(maxsize=256)
def choose_input(height: int, width: int, side: int = SIDE) -> InputSize:
    """Return the input for a picture of this size: never enlarged, sides multiples of 32.

    Only a few input sizes exist, because each of them is compiled once.
    """
    scale = min(1.0, side / max(height, width))
    inner_height, inner_width = (max(1, round(height * scale)), max(1, round(width * scale)))
    return InputSize(_grid(inner_height), _grid(inner_width), inner_height, inner_width)


def second_pass_input() -> InputSize:
    """Return the input of the second pass over one face, filled by `align.fill_second_pass`.

    A face that fills two thirds of it is surest on the coarsest grid, in 251 of 251 photographs tried, so the
    other grids and the layers before them are left out: a third of the time.
    """
    return InputSize(SECOND_PASS_SIDE, SECOND_PASS_SIDE, SECOND_PASS_SIDE, SECOND_PASS_SIDE, STRIDES[-1:])


def _grid(side: int) -> int:
    return max(64, -(-side // 32) * 32)


def fill(size: InputSize, pixels: Pixels, buffer: Pixels) -> None:
    """Scale a picture into a reused (1, h, w, 3) uint8 buffer; what it does not cover stays black."""
    inside = buffer[0, : size.inner_height, : size.inner_width]
    if pixels.shape == inside.shape:
        inside[:] = pixels
    else:
        # Averaging by area is quick for whole factors only, and sampling is right down to a half only: so
        # halve first, then sample. At 640x480 that takes a fifth of a millisecond instead of one.
        while pixels.shape[1] >= 2 * size.inner_width and pixels.shape[1] % 2 == pixels.shape[0] % 2 == 0:
            half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
            pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.uint8)
        method = cv2.INTER_AREA if pixels.shape[1] > 2 * size.inner_width else cv2.INTER_LINEAR
        inside[:] = cv2.resize(pixels, (size.inner_width, size.inner_height), interpolation=method)
    buffer[0, size.inner_height :] = 0
    buffer[0, :, size.inner_width :] = 0


@lru_cache(maxsize=32)
def _cells(height: int, width: int, strides: tuple[int, ...]) -> tuple[Float32, Float32]:
    """Return for every cell the pixel that its points count from, (cells, 2), and its stride, (cells, 1)."""
    parts = [_corners(height // stride, width // stride, stride) for stride in strides]
    steps = [np.full((len(part), 1), stride, np.float32) for part, stride in zip(parts, strides, strict=True)]
    return np.concatenate(parts), np.concatenate(steps)


def _corners(rows: int, columns: int, stride: int) -> Float32:
    ys, xs = np.mgrid[0:rows, 0:columns]
    return (np.stack([xs.ravel(), ys.ravel()], axis=1) * stride).astype(np.float32)


def read_outputs(
    table: Float32, size: InputSize, shape: tuple[int, int], score_min: float = SCORE_MIN
) -> list[Detection]:
    """Return the faces in YuNet's outputs, the surest first.

    table: (1, cells, COLUMNS), the outputs of size.outputs joined. shape: (height, width) of the picture
    that filled the input. Raises EngineFault on NaN, infinities or wrong sizes.
    """
    corners, strides = _cells(size.height, size.width, size.strides)
    if table.shape != (1, len(corners), COLUMNS):
        raise EngineFault("the detector answered for another input size")
    cells = table[0]
    products = cells[:, 0] * cells[:, 1]
    # NaN hides in the highest of numbers, and a comparison with it is false.
    if not products.max() <= _PRODUCT_MAX:
        raise EngineFault("the detector answered with numbers that are not scores")
    found = np.flatnonzero(products >= score_min * score_min)
    if not len(found):
        return []
    chosen, corner, stride = cells[found], corners[found], strides[found]
    boxes = chosen[:, 2:6] * stride
    boxes[:, 2:] = np.exp(np.minimum(chosen[:, 4:6], 20)) * stride
    boxes[:, :2] += corner - boxes[:, 2:] / 2
    marks = (chosen[:, 6:] * stride).reshape(-1, 5, 2) + corner[:, None]
    if not (np.isfinite(boxes).all() and np.isfinite(marks).all()):
        raise EngineFault("the detector answered with numbers that are not finite")
    scores = np.sqrt(np.minimum(products[found], 1))
    factor = _scale(size, shape)
    kept = _without_doubles(boxes, scores)
    return [Detection(boxes[i] * factor, marks[i] * factor[:2], float(scores[i])) for i in kept]


@lru_cache(maxsize=256)
def _scale(size: InputSize, shape: tuple[int, int]) -> Float32:
    """Return how many pixels of the picture one of the input stands for: across, down, across, down."""
    across, down = shape[1] / size.inner_width, shape[0] / size.inner_height
    return np.array([across, down, across, down], np.float32)


def _without_doubles(boxes: Float32, scores: Float32) -> list[int]:
    """Return the indices to keep: the surest first, none that overlaps a surer one by OVERLAP_MAX (IoU)."""
    # A face is found by about eight cells: for so few, plain numbers are quicker than arrays.
    rows = boxes.tolist()
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable").tolist():
        if all(_overlap(rows[index], rows[other]) <= OVERLAP_MAX for other in kept):
            kept.append(index)
    return kept


def _overlap(one: list[float], other: list[float]) -> float:
    """Return what two boxes (left, top, width, height) share, as a part of what they cover together."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
