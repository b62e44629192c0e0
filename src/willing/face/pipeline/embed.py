"""Turn an aligned face into a template."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from willing.face.errors import BlankTemplate, EngineFault
from willing.face.inference import weights
from willing.face.inference.loader import Loader
from willing.face.pipeline.align import CROP_SIDE
from willing.face.types import TEMPLATE_LENGTH, Pixels, Template


class Embedder:
    """Run the recogniser; serves any number of threads."""

    def __init__(self, loader: Loader, recogniser: Path) -> None:
        """Load the network of a recogniser's file. Raises ModelMissing, ModelUnusable."""
        self.model_id = weights.model_id(recogniser)
        self._centre = weights.centre(recogniser)
        self._network = loader.recogniser(CROP_SIDE, TEMPLATE_LENGTH)

    def embed(self, aligned: Pixels) -> Template:
        """Return the unit-length template of one aligned face.

        aligned: (112, 112, 3) uint8, BGR, from `align.crop`. Raises BlankTemplate, EngineFault.
        Source: SFace, arXiv:2205.12010; weights: weights.SFACE.
        """
        with self._network.lane() as lane:
            lane.buffer[0] = aligned
            row = lane.run().reshape(-1).astype(np.float64)
        length = math.sqrt(float(row @ row))
        if not math.isfinite(length):
            raise EngineFault("the recogniser answered with numbers that are not finite")
        if length < 1e-6:
            raise BlankTemplate("the recogniser's answer has the length 0")
        return Template.from_array(row / length - self._centre, model_id=self.model_id)

    def embed_reference(self, aligned: Pixels, template: Template) -> Template:
        """Return the middle between an aligned face's template and that of its mirror image.

        It lies nearer to other photographs of the person: docs/face-accuracy.md. It costs a second run of
        the recogniser, which an enrolment can afford and a till need not. Raises as `embed` does.
        """
        mirrored = self.embed(np.asarray(cv2.flip(aligned, 1), np.uint8))
        return Template.from_array(template.vector + mirrored.vector, model_id=self.model_id)
