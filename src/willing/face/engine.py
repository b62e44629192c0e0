"""Run detector and recogniser: one picture in, its faces with qualities and templates out."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import cv2
import numpy as np

from willing.face import models as weights
from willing.face.align import CROP_SIDE, close_up, crop, second_look
from willing.face.detect import (
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
from willing.face.errors import BlankTemplate, EngineFault, ModelUnusable
from willing.face.images import Picture, load
from willing.face.models import Models
from willing.face.quality import LIMITS, failing_hint, measure
from willing.face.runtime import Compute, blob_name, compile_cached, openvino, read_checked
from willing.face.types import (
    TEMPLATE_LENGTH,
    Face,
    Float32,
    Hint,
    Look,
    Pixels,
    Purpose,
    Quality,
    Template,
    Zone,
)
from willing.face.zone import DEFAULT_ZONE, central, choose

# How many frames of a lonely caller a network goes on serving side by side after it last had two at once.
STAY = 32


class _Lane:
    """One inference request of a compiled model with its own input buffer; used by one thread at a time."""

    def __init__(self, compiled: Any, shape: tuple[int, ...], outputs: Sequence[str]) -> None:
        self.buffer: Pixels = np.zeros(shape, np.uint8)
        self._request = compiled.create_infer_request()
        self._request.set_input_tensor(openvino().Tensor(self.buffer, shared_memory=True))
        self._outputs = (
            [self._request.get_tensor(name) for name in outputs]
            if outputs
            else [self._request.get_output_tensor(0)]
        )

    def run(self) -> list[Float32]:
        """Return views of the outputs, valid until the next run of this lane."""
        self._request.infer()
        return [tensor.data for tensor in self._outputs]


class _Network:
    """A model compiled for one caller and, from the first time that two come at once, for several.

    Each has as many lanes as callers were ever inside it at once.
    """

    def __init__(
        self, compiled: Any, several: Callable[[], Any | None], shape: tuple[int, ...], outputs: Sequence[str]
    ) -> None:
        self._several = several
        self._shape = shape
        self._outputs = outputs
        self._compiled: dict[bool, Any] = {False: compiled}
        self._idle: dict[bool, SimpleQueue[_Lane]] = {False: SimpleQueue(), True: SimpleQueue()}
        self._lock = threading.Lock()
        self._inside = 0
        self._several_for = 0

    @contextmanager
    def lane(self) -> Iterator[_Lane]:
        """Lend a lane to one caller. Raises EngineFault where inference fails."""
        with self._lock:
            self._inside += 1
            # Where two were at once, two will be again: one of them on both cores would disturb the other.
            self._several_for = STAY if self._inside > 1 else max(0, self._several_for - 1)
            several = self._several_for > 0
            if several and True not in self._compiled:
                self._compiled[True] = self._checked(self._several())
        try:
            lane = self._take(several)
            yield lane
        except RuntimeError as error:
            # OpenVINO raises RuntimeError; the lane may be in any state, so it is not given back.
            raise EngineFault(f"inference failed: {str(error)[:200]}") from None
        finally:
            with self._lock:
                self._inside -= 1
        self._idle[several].put(lane)

    def _checked(self, compiled: Any | None) -> Any:
        """Return the copy for several callers where it is there and answers like the first, else the first.

        OpenVINO 2026.4 confuses weights where it compiles this detector for several streams at once. Reading
        its own export back avoids that; this makes sure of it, here and with whatever version comes.
        """
        if compiled is None:
            return self._compiled[False]
        answers = []
        for one in (self._compiled[False], compiled):
            lane = _Lane(one, self._shape, self._outputs)
            lane.buffer[:] = np.random.default_rng(1).integers(0, 256, self._shape, np.uint8)
            answers.append(np.concatenate([output.reshape(-1) for output in lane.run()]))
        agree = np.allclose(answers[0], answers[1], rtol=1e-3, atol=1e-3)
        return compiled if agree else self._compiled[False]

    def _take(self, several: bool) -> _Lane:
        try:
            return self._idle[several].get_nowait()
        except Empty:
            return _Lane(self._compiled[several], self._shape, self._outputs)


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
        # OpenCV's threads keep spinning after their work, on the core that inference needs next. Its work on
        # one frame is too small for two cores anyway, and with several callers every core has its own frame.
        cv2.setNumThreads(1)
        self.models = models
        self.compute = Compute.default(threads, precision)
        self.model_id = weights.model_id(models.recogniser)
        self._core = openvino().Core()
        self._cache: Path = weights.cache_folder()
        self._detector_key = weights.digest(models.detector)[:16]
        self._centre = weights.centre(models.recogniser)
        self._recogniser = self._load_recogniser()
        self._detectors: dict[Frame, _Network] = {}
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
        Source: SFace, arXiv:2205.12010; weights: models.SFACE.
        """
        with self._recogniser.lane() as lane:
            lane.buffer[0] = aligned
            row = lane.run()[0].reshape(-1).astype(np.float64)
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

    def _load_recogniser(self) -> _Network:
        shape = (1, CROP_SIDE, CROP_SIDE, 3)
        source = self.models.recogniser

        def model() -> Any:
            return _with_pixels(_read(self._core, weights.folded(source), source), shape, swap=True)

        name = blob_name("recogniser", self.compute, self.model_id, weights.FOLDING_VERSION)
        compiled = compile_cached(self._core, model, self.compute, self._cache / name)
        if len(compiled.outputs) != 1 or tuple(compiled.output(0).shape) != (1, TEMPLATE_LENGTH):
            raise ModelUnusable(f"{source}: a recogniser has one output of 1x{TEMPLATE_LENGTH}")
        return _Network(compiled, lambda: self._for_several(self._cache / name), shape, ())

    def _detector(self, frame: Frame) -> _Network:
        key = Frame(frame.height, frame.width, frame.height, frame.width, frame.strides)
        network = self._detectors.get(key)
        if network is not None:
            return network
        with self._compiling:
            if key not in self._detectors:
                self._detectors[key] = self._load_detector(key)
            return self._detectors[key]

    def _load_detector(self, frame: Frame) -> _Network:
        shape = (1, frame.height, frame.width, 3)
        source = self.models.detector

        def model() -> Any:
            read = _read(self._core, source.read_bytes(), source)
            _reshape(read, [1, 3, frame.height, frame.width], source)
            _keep_outputs(read, frame.outputs, source)
            return _with_pixels(read, shape, swap=False)

        name = blob_name("detector", self.compute, self._detector_key, shape, frame.outputs)
        compiled = compile_cached(self._core, model, self.compute, self._cache / name)
        return _Network(compiled, lambda: self._for_several(self._cache / name), shape, frame.outputs)

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


def _read(core: Any, model: bytes, source: Path) -> Any:
    try:
        return core.read_model(model=model, weights=b"")
    except RuntimeError as error:
        raise ModelUnusable(f"{source}: OpenVINO cannot read it: {str(error)[:200]}") from None


def _reshape(model: Any, shape: Sequence[int], source: Path) -> None:
    try:
        model.reshape(list(shape))
    except RuntimeError as error:
        raise ModelUnusable(f"{source}: it has no 1x3xHxW input: {str(error)[:200]}") from None


def _keep_outputs(model: Any, names: Sequence[str], source: Path) -> None:
    """Take away the outputs that nobody reads, and with them the layers that only they need."""
    results = {name: result for result in model.get_results() for name in result.input_value(0).get_names()}
    if not set(names) <= set(results):
        raise ModelUnusable(f"{source}: a detector has the outputs {', '.join(names)}")
    for result in model.get_results():
        if not set(names) & set(result.input_value(0).get_names()):
            model.remove_result(result)


def _with_pixels(model: Any, shape: Sequence[int], *, swap: bool) -> Any:
    """Return the model with uint8 BGR pixels, height x width x colour, as its input.

    The change of type, order and colours becomes part of the graph, so no Python code copies a picture.
    """
    ov = openvino()
    try:
        wrapped = ov.preprocess.PrePostProcessor(model)
        outside = wrapped.input()
        outside.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_shape(list(shape))
        if swap:
            outside.tensor().set_color_format(ov.preprocess.ColorFormat.BGR)
            outside.preprocess().convert_color(ov.preprocess.ColorFormat.RGB)
        outside.preprocess().convert_element_type(ov.Type.f32)
        outside.model().set_layout(ov.Layout("NCHW"))
        return wrapped.build()
    except RuntimeError as error:
        raise ModelUnusable(f"the model does not take one colour picture: {str(error)[:200]}") from None
