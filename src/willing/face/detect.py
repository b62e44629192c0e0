"""Find faces: choose an input size, run YuNet, read its anchors, drop the doubles.

YuNet answers for every cell of three grids (strides 8, 16 and 32): is it a face, how sure, where, and where
are two eyes, nose tip and mouth corners. Source: doi:10.1007/s11633-023-1423-y; weights: models.YUNET.
"""

from __future__ import annotations

from collections.abc import Sequence
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
# The same for a till's frame: the one face fills at least a fifth of the height, and a second look follows.
TILL_SIDE = 192
# Side of the square second look at one face.
SECOND_SIDE = 320
# There is a face already; the second look only has to say where its landmarks are.
SECOND_SCORE_MIN = 0.4
# Numbers a cell has in each kind of output; scores are the root of a product of two numbers up to 1.
WIDTHS = (1, 1, 4, 10)
_PRODUCT_MAX = 1.01
KINDS = ("cls", "obj", "bbox", "kps")


@dataclass(frozen=True, slots=True)
class Detection:
    """One face: box (left, top, width, height), five landmarks (5, 2), score 0-1; in picture pixels."""

    box: Float32
    landmarks: Float32
    score: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A detector input: its size in pixels, and how a picture is scaled into its top-left corner."""

    height: int
    width: int
    inner_height: int
    inner_width: int
    strides: tuple[int, ...] = STRIDES

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the names of the network's outputs that are read, in the order `read_outputs` takes them."""
        return tuple(f"{kind}_{stride}" for kind in KINDS for stride in self.strides)


@lru_cache(maxsize=256)
def choose_frame(height: int, width: int, side: int = SIDE) -> Frame:
    """Return the input for a picture of this size: never enlarged, sides multiples of 32.

    Only a few input sizes exist, because each of them is compiled once.
    """
    scale = min(1.0, side / max(height, width))
    inner_height, inner_width = (max(1, round(height * scale)), max(1, round(width * scale)))
    return Frame(_grid(inner_height), _grid(inner_width), inner_height, inner_width)


def second_frame() -> Frame:
    """Return the input of the second look at one face, filled by `align.second_look`.

    A face that fills two thirds of it is surest on the coarsest grid, in 251 of 251 photographs tried, so the
    other grids and the layers before them are left out: a third of the time.
    """
    return Frame(SECOND_SIDE, SECOND_SIDE, SECOND_SIDE, SECOND_SIDE, STRIDES[-1:])


def _grid(side: int) -> int:
    return max(64, -(-side // 32) * 32)


def fill(frame: Frame, pixels: Pixels, buffer: Pixels) -> None:
    """Scale a picture into a reused (1, h, w, 3) uint8 buffer; what it does not cover stays black."""
    inside = buffer[0, : frame.inner_height, : frame.inner_width]
    if pixels.shape == inside.shape:
        inside[:] = pixels
    else:
        # Averaging by area is quick for whole factors only, and sampling is right down to a half only: so
        # halve first, then sample. At 640x480 that takes a fifth of a millisecond instead of one.
        while pixels.shape[1] >= 2 * frame.inner_width and pixels.shape[1] % 2 == pixels.shape[0] % 2 == 0:
            half = (pixels.shape[1] // 2, pixels.shape[0] // 2)
            pixels = np.asarray(cv2.resize(pixels, half, interpolation=cv2.INTER_AREA), np.uint8)
        method = cv2.INTER_AREA if pixels.shape[1] > 2 * frame.inner_width else cv2.INTER_LINEAR
        inside[:] = cv2.resize(pixels, (frame.inner_width, frame.inner_height), interpolation=method)
    buffer[0, frame.inner_height :] = 0
    buffer[0, :, frame.inner_width :] = 0


@lru_cache(maxsize=32)
def _cells(height: int, width: int, strides: tuple[int, ...]) -> tuple[tuple[Float32, int], ...]:
    """Return for each stride every cell's (x, y) corner in pixels, (cells, 2), and the stride."""
    return tuple((_corners(height // stride, width // stride, stride), stride) for stride in strides)


def _corners(rows: int, columns: int, stride: int) -> Float32:
    ys, xs = np.mgrid[0:rows, 0:columns]
    return (np.stack([xs.ravel(), ys.ravel()], axis=1) * stride).astype(np.float32)


def read_outputs(
    outputs: Sequence[Float32], frame: Frame, shape: tuple[int, int], score_min: float = SCORE_MIN
) -> list[Detection]:
    """Return the faces in YuNet's outputs, the surest first.

    outputs: in the order of frame.outputs. shape: (height, width) of the picture that filled the frame.
    Raises EngineFault on NaN, infinities or wrong sizes.
    """
    parts = []
    for index, (corners, stride) in enumerate(_cells(frame.height, frame.width, frame.strides)):
        cls, obj, boxes, points = outputs[index :: len(frame.strides)]
        if (cls.size, obj.size, boxes.size, points.size) != tuple(len(corners) * width for width in WIDTHS):
            raise EngineFault("the detector answered for another input size")
        product = cls.reshape(-1) * obj.reshape(-1)
        highest = product.max()
        # NaN hides in the highest of numbers, and a comparison with it is false.
        if not highest <= _PRODUCT_MAX:
            raise EngineFault("the detector answered with numbers that are not scores")
        if highest >= score_min * score_min:
            found = np.flatnonzero(product >= score_min * score_min)
            rows = (boxes.reshape(-1, 4)[found], points.reshape(-1, 10)[found])
            parts.append(_decode(product[found], *rows, corners[found], stride))
    if not parts:
        return []
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    scores, boxes, marks = parts[0] if len(parts) == 1 else columns
    factor = _scale(frame, shape)
    kept = _without_doubles(boxes, scores)
    return [Detection(boxes[i] * factor, marks[i] * factor[:2], float(scores[i])) for i in kept]


@lru_cache(maxsize=256)
def _scale(frame: Frame, shape: tuple[int, int]) -> Float32:
    """Return how many pixels of the picture one of the input stands for: across, down, across, down."""
    across, down = shape[1] / frame.inner_width, shape[0] / frame.inner_height
    return np.array([across, down, across, down], np.float32)


def _decode(
    products: Float32, boxes: Float32, points: Float32, corners: Float32, stride: int
) -> tuple[Float32, Float32, Float32]:
    """Return scores (n,), boxes (n, 4) and landmarks (n, 5, 2) of chosen cells, in input pixels."""
    sizes = np.exp(np.minimum(boxes[:, 2:], 20)) * stride
    tops = boxes[:, :2] * stride + corners - sizes / 2
    marks = points.reshape(-1, 5, 2) * stride + corners[:, None]
    rows = np.concatenate([tops, sizes], axis=1)
    if not (np.isfinite(rows).all() and np.isfinite(marks).all()):
        raise EngineFault("the detector answered with numbers that are not finite")
    return np.sqrt(np.minimum(products, 1)), rows, marks


def _without_doubles(boxes: Float32, scores: Float32) -> list[int]:
    """Return the indices to keep: the surest first, none that overlaps a surer one by OVERLAP_MAX (IoU)."""
    if len(scores) == 1:
        return [0]
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    areas = boxes[:, 2] * boxes[:, 3]
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(int(first))
        low = np.maximum(boxes[first, :2], boxes[rest, :2])
        high = np.minimum(boxes[first, :2] + boxes[first, 2:], boxes[rest, :2] + boxes[rest, 2:])
        overlap = np.prod(np.clip(high - low, 0, None), axis=1)
        order = rest[overlap <= OVERLAP_MAX * (areas[first] + areas[rest] - overlap)]
    return kept
