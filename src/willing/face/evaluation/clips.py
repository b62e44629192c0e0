"""Read clips for the pad protocol as a till's camera would give them: inside 640x480, some seven a second."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from willing.face.engine import Engine
from willing.face.errors import BadProtocol
from willing.face.pipeline.choose import central
from willing.face.pipeline.images import Picture
from willing.face.types import Float32, Pixels

SUFFIXES = frozenset({".mp4", ".mov", ".gif", ".avi", ".mkv", ".webm", ".mjpeg"})
WIDTH, HEIGHT = 640, 480
# The till's page sends a frame, waits 100 ms, sends the next.
FRAMES_A_SECOND = 7.5
# Where a clip is cut around its first face, that face has this share of the frame's height.
CUT_SHARE = 0.38


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a film. kind: live, broadcast (a reference, neither live nor an attack) or a kind of attack.

    person: whom it shows, where another clip shows them living. first, before: the frames that belong to it.
    cut: the camera is so near that the first frame's face has CUT_SHARE of the height.
    """

    path: Path
    kind: str
    person: str = ""
    first: int = 0
    before: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a clip, (h, w, 3) uint8 BGR inside 640x480, and when, in seconds of the clip."""

    at: float
    pixels: Pixels


def clips_of(folder: Path, listed: Path | None = None) -> list[Clip]:
    """Return the clips of a folder: those of a list, else by their names, `kind-person.mp4`.

    listed: a TOML file of [[clip]] tables with the fields of `Clip`, `file` being relative to the folder.
    Raises BadProtocol where the list or a file is not as it should be.
    """
    if listed is None:
        films = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        return [Clip(path, *path.stem.partition("-")[::2]) for path in films]
    try:
        rows = tomllib.loads(listed.read_text(encoding="utf-8"))["clip"]
        found = [Clip(folder / row.pop("file"), **row) for row in rows]
    except (OSError, KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise BadProtocol(f"{listed}: not a list of clips: {error}") from None
    missing = [one.path.name for one in found if not one.path.is_file()]
    if missing:
        raise BadProtocol(f"{folder}: {', '.join(missing)} not there")
    return found


def read_clip(engine: Engine, clip: Clip) -> list[Frame]:
    """Return a clip's frames as a till takes them. Raises BadProtocol where it cannot be read."""
    film = cv2.VideoCapture(str(clip.path))
    try:
        taken = list(_taken(film, clip))
    finally:
        film.release()
    if not taken:
        raise BadProtocol(f"{clip.path.name}: no film that can be read")
    matrix = _around_face(engine, taken[0].pixels) if clip.cut else None
    return [replace(frame, pixels=_inside(frame.pixels, matrix)) for frame in taken]


def _taken(film: cv2.VideoCapture, clip: Clip) -> Iterator[Frame]:
    rate = film.get(cv2.CAP_PROP_FPS)
    rate = rate if math.isfinite(rate) and 1 <= rate <= 240 else 30.0
    step, wanted, index = max(1.0, rate / FRAMES_A_SECOND), float(clip.first), 0
    while clip.before is None or index < clip.before:
        is_read, pixels = film.read()
        if not is_read:
            return
        if index >= wanted:
            wanted += step
            yield Frame(index / rate, np.asarray(pixels, np.uint8))
        index += 1


def _around_face(engine: Engine, pixels: Pixels) -> Float32 | None:
    found = central(engine.detect(Picture(pixels)), pixels.shape)
    if found is None:
        return None
    left, top, wide, high = (float(value) for value in found.box)
    scale = CUT_SHARE * HEIGHT / high
    middle = np.array([WIDTH / 2, HEIGHT / 2]) - scale * np.array([left + wide / 2, top + high / 2])
    return np.array([[scale, 0, middle[0]], [0, scale, middle[1]]], np.float32)


def _inside(pixels: Pixels, matrix: Float32 | None) -> Pixels:
    if matrix is not None:
        return np.asarray(cv2.warpAffine(pixels, matrix, (WIDTH, HEIGHT)), np.uint8)
    height, width = pixels.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    size = (round(width * scale), round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8)
