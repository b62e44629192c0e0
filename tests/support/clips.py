"""Camera frames and clips made from the sample portraits, at test time; nothing of them is committed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import segno

PORTRAITS = Path(__file__).resolve().parents[2] / ".cache" / "portraits"
WIDTH, HEIGHT = 640, 480
CLIP_FRAMES = 40


def portrait(name: str) -> Any:
    """Return a portrait as BGR. Fails, and says what to do, where it was not fetched."""
    picture = cv2.imread(str(PORTRAITS / f"{name}.jpg"))
    if picture is None:
        pytest.fail(f"the sample portrait {name}.jpg is missing: run `make dev`", pytrace=False)
    return picture


def frame(name: str, *, height: int = HEIGHT, left: int | None = None, light: float = 1.0) -> Any:
    """Return a 640x480 frame: the portrait, `height` px high, on a grey wall, centred or from `left` on."""
    wall = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    return place(wall, name, height=height, left=left, light=light)


def place(wall: Any, name: str, *, height: int, left: int | None = None, light: float = 1.0) -> Any:
    """Put a portrait on a frame that is there."""
    picture = portrait(name)
    scale = height / picture.shape[0]
    width = min(round(picture.shape[1] * scale), WIDTH)
    small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    small = np.clip(small.astype(np.float32) * light, 0, 255).astype(np.uint8)
    left = (WIDTH - width) // 2 if left is None else left
    top = (HEIGHT - height) // 2
    shown = min(width, WIDTH - left)
    wall[top : top + height, left : left + shown] = small[:, :shown]
    return wall


def code_frame(modules: Any, *, side: int, seed: int = 5) -> Any:
    """Return what a camera sees of a code with white around it: a little turned, with noise, not quite sharp.

    modules: a row of them each, 1 is dark; side: of the code in the picture, in pixels.
    """
    big = cv2.resize(255 * (1 - np.array(modules, np.uint8)), (side, side), interpolation=cv2.INTER_NEAREST)
    wall = np.full((HEIGHT, WIDTH), 96, np.uint8)
    top, left = (HEIGHT - side) // 2, (WIDTH - side) // 2
    wall[top : top + side, left : left + side] = big
    turned = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 1.5, 0.99)
    seen = cv2.GaussianBlur(cv2.warpAffine(wall, turned, (WIDTH, HEIGHT), borderValue=96), (0, 0), 0.6)
    noisy = seen.astype(np.float32) * 0.85 + np.random.default_rng(seed).normal(0, 4, seen.shape)
    return cv2.cvtColor(np.clip(noisy, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def text_frame(text: str, *, side: int = 260, seed: int = 5) -> Any:
    """Return what a camera sees of a card held up to it, whose code says this."""
    rows = np.array([list(row) for row in segno.make(text, error="m", micro=False).matrix], np.uint8)
    return code_frame(np.pad(rows, 4), side=side, seed=seed)


def jpeg(picture: Any) -> bytes:
    """Return a picture as JPEG bytes."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert done
    return bytes(data)


def write_clip(path: Path, pictures: Sequence[Any], frames: int = CLIP_FRAMES) -> Path:
    """Write a clip that Chromium plays as its camera: 640x480 JPEGs one after the other, over and over."""
    made = [jpeg(picture) for picture in pictures]
    path.write_bytes(b"".join(made[index % len(made)] for index in range(frames)))
    return path


def one_person(path: Path, name: str) -> Path:
    """Write a clip of one person in front of the camera, with a little life in it."""
    # More different frames than the desk takes: one given again does not count there.
    return write_clip(path, [frame(name, height=480 - 5 * step, light=1 - 0.01 * step) for step in range(8)])


def two_people(path: Path, first: str, second: str) -> Path:
    """Write a clip of two people side by side, equally near."""
    wall = frame(first, height=400, left=0)
    return write_clip(path, [place(wall, second, height=400, left=330)])


def write_codes(path: Path, drawn: Sequence[Sequence[Sequence[Any]]], *, each: int = 4) -> Path:
    """Write what a camera sees of QR codes, one after the other: a little turned, noisy, not quite sharp.

    drawn: each code's rows of squares with the white around them; 1 is dark.
    """
    pictures = []
    for number, rows in enumerate(drawn):
        modules = [[int(one) for one in row] for row in rows]
        pictures += [code_frame(modules, side=460, seed=number)] * each
    return write_clip(path, pictures, frames=len(pictures))
