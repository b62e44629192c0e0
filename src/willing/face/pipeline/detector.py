"""Run the detector: over a whole picture, and once more over each face, enlarged, for exact landmarks."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from willing.face.inference.loader import Loader
from willing.face.inference.network import Network
from willing.face.pipeline.align import close_up, crop, fill_second_pass
from willing.face.pipeline.detect import (
    SECOND_PASS_SCORE_MIN,
    SIDE,
    TILL_SIDE,
    Detection,
    InputSize,
    choose_input,
    fill,
    read_outputs,
    second_pass_input,
)
from willing.face.pipeline.images import Picture
from willing.face.types import Pixels


class Detector:
    """Find faces; serves any number of threads. Each input size has its network, loaded when first needed."""

    def __init__(self, loader: Loader) -> None:
        """Load the networks of a till's frame. Raises ModelMissing, ModelUnusable."""
        self._loader = loader
        self._networks: dict[InputSize, Network] = {}
        self._compiling = threading.Lock()
        self._network(choose_input(480, 640, TILL_SIDE))
        self._network(second_pass_input())

    def find(self, picture: Picture, side: int = SIDE) -> list[Detection]:
        """Return the faces, the surest first, in pixels of `picture.pixels`. Raises EngineFault.

        side: longest side of the detector's input; faces under a thirtieth of the picture are not found.
        """
        height, width = picture.pixels.shape[:2]
        size = choose_input(height, width, side)
        with self._network(size).lane() as lane:
            fill(size, picture.pixels, lane.buffer)
            return read_outputs(lane.run(), size, (height, width))

    def align(self, picture: Picture, detection: Detection) -> tuple[Detection, Pixels]:
        """Return a detection with exact landmarks, and its aligned (112, 112, 3) BGR face.

        The detector runs a second time, over this face alone and large. Where it then finds nothing, or
        something else, the first landmarks are kept.
        """
        near = close_up(picture.pixels, detection.box, detection.landmarks)
        size = second_pass_input()
        with self._network(size).lane() as lane:
            matrix = fill_second_pass(near, detection.box, detection.landmarks, lane.buffer)
            again = read_outputs(lane.run(), size, (size.height, size.width), SECOND_PASS_SCORE_MIN)
        exact = _same_face(again, size)
        if exact is None:
            return detection, crop(near.pixels, near.inside(detection.landmarks))
        points = (exact.landmarks - matrix[:, 2]) / matrix[0, 0]
        found = Detection(detection.box, near.outside(points), exact.score)
        return found, crop(near.pixels, points)

    def _network(self, size: InputSize) -> Network:
        key = InputSize(size.height, size.width, size.height, size.width, size.strides)
        network = self._networks.get(key)
        if network is not None:
            return network
        with self._compiling:
            if key not in self._networks:
                self._networks[key] = self._loader.detector(key.height, key.width, key.outputs)
            return self._networks[key]


def _same_face(found: Sequence[Detection], size: InputSize) -> Detection | None:
    """Return the face that fills the second pass: the one whose landmarks lie around its middle."""
    middle = size.width / 2
    offsets = [float(np.abs(face.landmarks.mean(axis=0) - middle).max()) for face in found]
    nearest = min(range(len(found)), key=offsets.__getitem__, default=None)
    return found[nearest] if nearest is not None and offsets[nearest] < size.width / 8 else None
