"""Model what a print and a telephone make of a portrait that is held up to a till's camera.

A model, not a measurement: it says whether the check sees what such a picture loses and gains. Every number
is drawn from the generator given, so a seed makes the same pictures again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import cv2
import numpy as np

from willing.face.types import Float32, Pixels

WIDTH, HEIGHT = 640, 480
# The face's height in the frame, pixels, and how a hand tilts and shifts what it holds.
FACE_PX = (150, 200)
_TILT = 0.05
_SHIFT_PX = 30
# How far a hand moves between two frames of a session, of the range that it may hold something in.
_TREMOR = 0.06


class Random(Protocol):
    """What a model draws from: a generator, or a hand that goes on holding what it holds."""

    def uniform(self, low: float, high: float, size: int | tuple[int, ...] | None = None, /) -> Any:
        """Return even draws."""
        ...

    def normal(self, mean: float, deviation: float, size: tuple[int, ...], /) -> Any:
        """Return normal draws."""
        ...


Model = Callable[[Pixels, Float32, Random], Pixels]


def print_of(portrait: Pixels, box: Float32, random: Random) -> Pixels:
    """Return a frame of a colour print on paper, held in a room: weak colours, halftone, a white edge.

    portrait: (h, w, 3) uint8 BGR; box: its face. Returns (480, 640, 3) uint8.
    """
    grey = portrait.mean(axis=2, keepdims=True)
    ink = 32 + (grey + 0.82 * (portrait - grey)) * (232 - 32) / 255
    sheet = _framed(ink, round(0.08 * portrait.shape[0]), (228, 232, 234))
    return _filmed(_held(sheet, box, portrait, random, dots=0.05), random)


def phone_of(portrait: Pixels, box: Float32, random: Random) -> Pixels:
    """Return a frame of a telephone's screen, dark-edged: bright, cold, with moiré and a reflection."""
    light = 255 * (portrait / 255.0) ** 0.85 * np.array([1.06, 1.0, 0.94])
    screen = _framed(np.minimum(light, 255), round(0.05 * portrait.shape[0]), (14, 12, 12))
    return _filmed(_held(screen, box, portrait, random, dots=0.03, glare=0.25), random)


MODELS: dict[str, Model] = {"modelled print": print_of, "modelled phone": phone_of}


def in_a_hand(
    model: Model, portrait: Pixels, box: Float32, random: np.random.Generator, frames: int
) -> list[Pixels]:
    """Return so many frames of one session: the same thing in the same room, and a hand that trembles."""
    seed = int(random.integers(0, 2**32))
    return [model(portrait, box, _Hand(seed, frame)) for frame in range(frames)]


class _Hand:
    """Draw what a session begins with again for each frame, a little moved; the noise is new each time."""

    def __init__(self, seed: int, frame: int) -> None:
        self._held = np.random.default_rng(seed)
        self._moved = np.random.default_rng([seed, frame + 1])

    def uniform(self, low: float, high: float, size: int | tuple[int, ...] | None = None, /) -> Any:
        """Return the session's draws, moved by a tremor; a room, which is a whole picture, stays."""
        drawn = np.asarray(self._held.uniform(low, high, size))
        if isinstance(size, tuple) and len(size) == 3:
            return drawn
        return drawn + self._moved.normal(0, _TREMOR * (high - low), size)

    def normal(self, mean: float, deviation: float, size: tuple[int, ...], /) -> Any:
        """Return new draws: noise is another in each frame."""
        return self._moved.normal(mean, deviation, size)


def _framed(picture: Float32, edge: int, colour: tuple[int, int, int]) -> Float32:
    return np.asarray(
        cv2.copyMakeBorder(
            picture.astype(np.float32), edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=colour
        ),
        np.float32,
    )


def _held(
    sheet: Float32, box: Float32, portrait: Pixels, random: Random, *, dots: float, glare: float = 0.0
) -> Float32:
    """Return the frame with the sheet in a hand, a little tilted, under the room's light."""
    edge = (sheet.shape[0] - portrait.shape[0]) / 2
    scale = random.uniform(*FACE_PX) / float(box[3])
    centre = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2]) + edge
    high, wide = sheet.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    target = (corners - centre) * scale + [WIDTH / 2, HEIGHT / 2]
    target += random.uniform(-_SHIFT_PX, _SHIFT_PX, 2) + random.uniform(-_TILT, _TILT, (4, 2)) * high * scale
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    pattern = np.sin(columns * random.uniform(1.8, 2.4)) * np.sin(rows * random.uniform(1.8, 2.4))
    shown = cv2.warpPerspective(sheet, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    shown *= (1 + dots * pattern)[..., None]
    shown += glare * 255 * np.exp(-(((columns - 420) / 90) ** 2) - ((rows - 150) / 60) ** 2)[..., None]
    mask = cv2.warpPerspective(np.ones((high, wide), np.float32), matrix, (WIDTH, HEIGHT))[..., None]
    return np.asarray(mask * shown + (1 - mask) * _room(random), np.float32)


def _room(random: Random) -> Float32:
    """Return a blurred room of no particular kind."""
    coarse = random.uniform(40, 200, (6, 8, 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)


def _filmed(scene: Float32, random: Random) -> Pixels:
    """Return what the camera sends: uneven light, a soft lens, noise, JPEG."""
    left, right = random.uniform(0.85, 1.1, 2).tolist()
    slope = np.linspace(left, right, WIDTH, dtype=np.float32)
    soft = cv2.GaussianBlur(scene * slope[None, :, None], (0, 0), float(random.uniform(0.6, 1.1)))
    noisy = soft + random.normal(0, random.uniform(1.5, 3.5), soft.shape)
    _, jpeg = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
