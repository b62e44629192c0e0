"""Make till frames of the sample portraits: 640x480 JPEGs with one face, about 200 pixels high."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from willing.face import Engine

ROOT = Path(__file__).resolve().parents[1]
PORTRAITS = ROOT / ".cache" / "portraits"
REFERENCES = {"a": "person_a_1", "b": "person_b_1", "o": "obama"}
# Another photograph of each person enrolled, and of people who are not: name, and who it is.
PROBES = {
    "person_a_2": "a",
    "person_b_2": "b",
    "obama2": "o",
    "obama3": "o",
    "impostor_1": "o",
    "biden": None,
    "impostor_2": None,
}


def portrait(name: str) -> bytes:
    """Return the file of a sample portrait; `make dev` fetches them."""
    return (PORTRAITS / f"{name}.jpg").read_bytes()


def till_frame(engine: Engine, name: str, face_height_px: int = 200) -> bytes:
    """Return a portrait as a camera at a till would see it."""
    pixels = cv2.imdecode(np.frombuffer(portrait(name), np.uint8), cv2.IMREAD_COLOR)
    found = engine.portrait(pixels)
    if found is None:
        raise SystemExit(f"no face in the sample portrait {name}")
    left, top, width, height = found.box_px
    scale = face_height_px / height
    shift_x = 320 - scale * (left + width / 2)
    shift_y = 230 - scale * (top + height / 2)
    matrix = np.array([[scale, 0, shift_x], [0, scale, shift_y]], np.float32)
    small = scale < 0.6
    if small:
        half = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        matrix[:, :2] *= 2
        pixels = half
    frame = cv2.warpAffine(pixels, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    return bytes(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
