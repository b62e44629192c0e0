"""Run the passive check: a network that was trained to tell faces from pictures of faces."""

from __future__ import annotations

import math
from pathlib import Path

from willing.face.errors import EngineFault
from willing.face.inference.classifier import load_classifier
from willing.face.inference.runtime import Compute
from willing.face.inference.weights import digest
from willing.face.liveness.crop import SIDE
from willing.face.types import Pixels


class PassiveCheck:
    """A classifier of 128x128 BGR squares whose first output is "living"; serves any number of threads."""

    def __init__(self, source: Path, compute: Compute) -> None:
        """Load an ONNX file: input 1x3x128x128, BGR, 0-255; output 1xK logits, K from 2.

        Raises ModelMissing, ModelUnusable.
        """
        self.name = digest(source)[:16]
        self._network = load_classifier(source, SIDE, compute)

    def score(self, square: Pixels) -> float:
        """Return the natural log odds of "living". Raises EngineFault where the network's answer is none."""
        with self._network.lane() as lane:
            lane.buffer[0] = square
            logits = [float(value) for value in lane.run()[0]]
        if not all(map(math.isfinite, logits)):
            raise EngineFault("the liveness network answered with numbers that are not finite")
        highest = max(logits[1:])
        return logits[0] - highest - math.log(math.fsum(math.exp(one - highest) for one in logits[1:]))
