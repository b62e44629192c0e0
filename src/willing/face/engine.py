"""Run detector and recogniser: one picture in, its faces with qualities and templates out."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from willing.face.errors import BlankTemplate, EngineFault, ModelUnusable
from willing.face.inference import graph, weights
from willing.face.inference.network import Network
from willing.face.inference.runtime import (
    Compute,
    blob_name,
    compile_cached,
    one_thread_each,
    openvino,
    read_checked,
)
from willing.face.inference.weights import Models
from willing.face.pipeline.align import CROP_SIDE, close_up, crop, second_look
from willing.face.pipeline.choose import DEFAULT_ZONE, central, choose
from willing.face.pipeline.detect import (
    SECOND_SCORE_MIN,
    SIDE,
    TILL_SIDE,
    Detection,
    Frame,
    choose_frame,
    fill,
    read_outputs,
    second_frame,
)
from willing.face.pipeline.images import Picture, load
from willing.face.pipeline.quality import LIMITS, failing_hint, measure
from willing.face.types import (
    TEMPLATE_LENGTH,
    Face,
    Hint,
    Look,
    Pixels,
    Purpose,
    Quality,
    Template,
    Zone,
)


@dataclass(frozen=True, slots=True)
class _Aligned:
    """One face as the recogniser sees it, (112, 112, 3) uint8 BGR, and how fit it is."""

    pixels: Pixels
    quality: Quality


class Engine:
    """Find faces and make templates; one engine serves any number of threads.

    Nothing is shared between two calls but the compiled networks: each call takes an idle inference request
    (or makes one) and gives it back, so callers wait only for the processor, never for each other's Python.
    """

    def __init__(self, models: Models, *, threads: int | None = None, precision: str | None = None) -> None:
        """Load a detector of YuNet's form and a recogniser of SFace's form.

        models: two ONNX files. threads: for one request, default all cores this process may use. precision:
        "bf16" or "f32", default bf16 where the processor has it. Raises ModelMissing, ModelUnusable.
        """
        one_thread_each()
        self.models = models
        self.compute = Compute.default(threads, precision)
        self.model_id = weights.model_id(models.recogniser)
        self._core = openvino().Core()
        self._cache: Path = weights.cache_folder()
        self._detector_key = weights.digest(models.detector)[:16]
        self._centre = weights.centre(models.recogniser)
        self._recogniser = self._load_recogniser()
        self._detectors: dict[Frame, Network] = {}
        self._compiling = threading.Lock()
        self._detector(choose_frame(480, 640, TILL_SIDE))
        self._detector(second_frame())

    @classmethod
    def from_default_weights(cls, *, threads: int | None = None, precision: str | None = None) -> Engine:
        """Return an engine on the installed, checked weights. Raises ModelMissing, ModelMismatch."""
        return cls(weights.default_models(), threads=threads, precision=precision)

    def analyse(self, image: bytes | Pixels) -> list[Face]:
        """Return every face of a picture, the largest first, each with its quality and template.

        image: an encoded JPEG, PNG, GIF, WebP or BMP file, or (H, W, 3) uint8 BGR.
        Raises UnreadableImage, ImageTooLarge, WrongArray, EngineFault.
        """
        picture = load(image)
        found = sorted(self.detect(picture), key=lambda d: -float(d.box[2] * d.box[3]))
        return [self._finish(picture, detection) for detection in found]

    def portrait(self, image: bytes | Pixels, *, purpose: Purpose = "enrolment") -> Face | None:
        """Return the person that a portrait shows: the face nearest to its middle among the large ones.

        Others in the picture are never turned into a template. purpose: "enrolment" makes its reference as
        well, for half as much time again. Raises as `analyse` does.
        """
        picture = load(image)
        chosen = central(self.detect(picture), picture.pixels.shape[:2])
        return self._finish(picture, chosen, purpose) if chosen else None

    def look(self, image: bytes | Pixels, *, zone: Zone = DEFAULT_ZONE, purpose: Purpose = "till") -> Look:
        """Return the one usable face of the capture zone, or the hint that says why there is none.

        Faces outside the zone, or beside a rival, are counted and never turned into a template.
        Raises as `analyse` does.
        """
        picture = load(image)
        found = self.detect(picture, TILL_SIDE)
        height, width = picture.pixels.shape[:2]
        chosen, hint = choose(found, (height, width), zone)
        if chosen is None:
            return Look(None, hint, len(found))
        exact, aligned = self.align(picture, chosen)
        quality = measure(picture.pixels, aligned, exact, picture.scale)
        hint = failing_hint(quality, LIMITS[purpose])
        if hint is not Hint.OK:
            return Look(None, hint, len(found), quality)
        face = self._face(picture, exact, _Aligned(aligned, quality), purpose)
        return Look(face, Hint.OK, len(found), quality)

    def detect(self, picture: Picture, side: int = SIDE) -> list[Detection]:
        """Return the faces, the surest first, in pixels of `picture.pixels`. Raises EngineFault.

        side: longest side of the detector's input; faces under a thirtieth of the picture are not found.
        """
        height, width = picture.pixels.shape[:2]
        frame = choose_frame(height, width, side)
        with self._detector(frame).lane() as lane:
            fill(frame, picture.pixels, lane.buffer)
            return read_outputs(lane.run(), frame, (height, width))

    def embed(self, aligned: Pixels) -> Template:
        """Return the unit-length template of one aligned face.

        aligned: (112, 112, 3) uint8, BGR, from `align.crop`. Raises BlankTemplate, EngineFault.
        Source: SFace, arXiv:2205.12010; weights: weights.SFACE.
        """
        with self._recogniser.lane() as lane:
            lane.buffer[0] = aligned
            row = lane.run().reshape(-1).astype(np.float64)
        length = math.sqrt(float(row @ row))
        if not math.isfinite(length):
            raise EngineFault("the recogniser answered with numbers that are not finite")
        if length < 1e-6:
            raise BlankTemplate("the recogniser's answer has the length 0")
        return Template.from_array(row / length - self._centre, model_id=self.model_id)

    def align(self, picture: Picture, detection: Detection) -> tuple[Detection, Pixels]:
        """Return a detection with exact landmarks, and its aligned (112, 112, 3) BGR face.

        The detector looks a second time, at this face alone and large. Where it then sees nothing,
        or something else, the first landmarks stand.
        """
        near = close_up(picture.pixels, detection.box, detection.landmarks)
        frame = second_frame()
        with self._detector(frame).lane() as lane:
            matrix = second_look(near, detection.box, detection.landmarks, lane.buffer)
            again = read_outputs(lane.run(), frame, (frame.height, frame.width), SECOND_SCORE_MIN)
        exact = _same_face(again, frame)
        if exact is None:
            return detection, crop(near.pixels, near.inside(detection.landmarks))
        points = (exact.landmarks - matrix[:, 2]) / matrix[0, 0]
        found = Detection(detection.box, near.outside(points), exact.score)
        return found, crop(near.pixels, points)

    def embed_reference(self, aligned: Pixels, template: Template) -> Template:
        """Return the middle between an aligned face's template and that of its mirror image.

        It lies nearer to other photographs of the person: docs/face-accuracy.md. It costs a second look at
        the recogniser, which an enrolment can afford and a till need not. Raises as `embed` does.
        """
        mirrored = self.embed(np.asarray(cv2.flip(aligned, 1), np.uint8))
        return Template.from_array(template.vector + mirrored.vector, model_id=self.model_id)

    def _finish(self, picture: Picture, detection: Detection, purpose: Purpose = "till") -> Face:
        exact, aligned = self.align(picture, detection)
        quality = measure(picture.pixels, aligned, exact, picture.scale)
        return self._face(picture, exact, _Aligned(aligned, quality), purpose)

    def _face(self, picture: Picture, detection: Detection, aligned: _Aligned, purpose: Purpose) -> Face:
        template = self.embed(aligned.pixels)
        is_reference = purpose == "enrolment"
        box = detection.box * picture.scale
        points = detection.landmarks * picture.scale
        return Face(
            box_px=(float(box[0]), float(box[1]), float(box[2]), float(box[3])),
            landmarks_px=tuple((float(x), float(y)) for x, y in points),
            detection_score=detection.score,
            quality=aligned.quality,
            template=template,
            reference=self.embed_reference(aligned.pixels, template) if is_reference else template,
        )

    def _load_recogniser(self) -> Network:
        shape = (1, CROP_SIDE, CROP_SIDE, 3)
        source = self.models.recogniser

        def model() -> Any:
            read = graph.read(self._core, weights.folded(source), source)
            graph.reshape(read, [1, 3, CROP_SIDE, CROP_SIDE], source)
            return graph.from_pixels(read, shape, source, swap=True)

        def preferring(kernels: Sequence[str]) -> Callable[[], Any]:
            return lambda: graph.prefer(self._core, model(), kernels)

        ways = [model, *(preferring(kernels) for kernels in graph.KERNELS)]
        name = blob_name("recogniser", self.compute, self.model_id, weights.FOLDING_VERSION, graph.VERSION)
        compiled = compile_cached(self._core, ways, self.compute, self._cache / name)
        if len(compiled.outputs) != 1 or tuple(compiled.output(0).shape) != (1, TEMPLATE_LENGTH):
            raise ModelUnusable(f"{source}: a recogniser has one output of 1x{TEMPLATE_LENGTH}")
        return Network(compiled, lambda: self._for_several(self._cache / name), shape)

    def _detector(self, frame: Frame) -> Network:
        key = Frame(frame.height, frame.width, frame.height, frame.width, frame.strides)
        network = self._detectors.get(key)
        if network is not None:
            return network
        with self._compiling:
            if key not in self._detectors:
                self._detectors[key] = self._load_detector(key)
            return self._detectors[key]

    def _load_detector(self, frame: Frame) -> Network:
        shape = (1, frame.height, frame.width, 3)
        source = self.models.detector

        def model() -> Any:
            read = graph.read(self._core, source.read_bytes(), source)
            graph.reshape(read, [1, 3, frame.height, frame.width], source)
            joined = graph.join_outputs(read, frame.outputs, source)
            return graph.from_pixels(joined, shape, source, swap=False)

        name = blob_name("detector", self.compute, self._detector_key, shape, frame.outputs, graph.VERSION)
        compiled = compile_cached(self._core, [model], self.compute, self._cache / name)
        return Network(compiled, lambda: self._for_several(self._cache / name), shape)

    def _for_several(self, blob: Path) -> Any | None:
        """Return a copy of a network that runs requests side by side, a core each; None without its blob."""
        kept = read_checked(blob)
        try:
            return (
                self._core.import_model(kept, "CPU", self.compute.side_by_side().options()) if kept else None
            )
        except RuntimeError:
            return None


def _same_face(found: Sequence[Detection], frame: Frame) -> Detection | None:
    """Return the face that fills the second look: the one whose landmarks lie around its middle."""
    middle = frame.width / 2
    offsets = [float(np.abs(face.landmarks.mean(axis=0) - middle).max()) for face in found]
    nearest = min(range(len(found)), key=offsets.__getitem__, default=None)
    return found[nearest] if nearest is not None and offsets[nearest] < frame.width / 8 else None
