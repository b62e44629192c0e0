"""Run detector and recogniser: one picture in, its faces with qualities and templates out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2

from willing.face.inference import weights
from willing.face.inference.loader import Loader
from willing.face.inference.runtime import Compute
from willing.face.inference.weights import Models
from willing.face.liveness.network import PassiveCheck
from willing.face.liveness.watch import AliveWatch
from willing.face.pipeline.choose import DEFAULT_ZONE, central, choose
from willing.face.pipeline.detect import SIDE, TILL_SIDE, Detection
from willing.face.pipeline.detector import Detector
from willing.face.pipeline.embed import Embedder
from willing.face.pipeline.images import Picture, load
from willing.face.pipeline.quality import QUALITY_LIMITS, failing_hint, is_fit_for_reference, measure
from willing.face.threads import one_thread_each
from willing.face.types import Face, FrameResult, Hint, Pixels, Purpose, Quality, Template, Zone


@dataclass(frozen=True, slots=True)
class _Aligned:
    """One face as the recogniser sees it, (112, 112, 3) uint8 BGR, and how fit it is."""

    pixels: Pixels
    quality: Quality


class Engine:
    """Find faces and make templates; one engine serves any number of threads.

    Nothing is shared between two calls but the compiled networks: each call takes an idle inference request
    (or makes one) and returns it, so callers wait only for the processor, never for each other's Python.
    """

    def __init__(self, models: Models, *, threads: int | None = None, precision: str | None = None) -> None:
        """Load a detector of YuNet's form and a recogniser of SFace's form.

        models: two ONNX files. threads: for one request, default all cores this process may use. precision:
        "bf16" or "f32", default bf16 where the processor has it. Raises ModelMissing, ModelUnusable.
        """
        one_thread_each()
        cv2.setNumThreads(1)
        self.models = models
        self.compute = Compute.default(threads, precision)
        loader = Loader(models, self.compute)
        self._embedder = Embedder(loader, models.recogniser)
        self._detector = Detector(loader)
        self.model_id = self._embedder.model_id

    @classmethod
    def from_default_weights(cls, *, threads: int | None = None, precision: str | None = None) -> Engine:
        """Return an engine on the installed, checked weights. Raises ModelMissing, ModelMismatch."""
        return cls(weights.default_models(), threads=threads, precision=precision)

    def liveness(self, source: Path) -> PassiveCheck:
        """Return the check that tells living faces from pictures, on an ONNX file, run as this engine is.

        Raises ModelMissing, ModelUnusable.
        """
        return PassiveCheck(source, self.compute)

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

    def process_frame(
        self,
        image: bytes | Pixels,
        *,
        zone: Zone = DEFAULT_ZONE,
        purpose: Purpose = "till",
        watch: AliveWatch | None = None,
        with_reference: bool = False,
    ) -> FrameResult:
        """Return the one usable face of the capture zone, or the hint that says why there is none.

        watch: what also looks whether a living person is there; it sees usable faces only. with_reference: of
        a frame that the desk would take, its reference is made as well, whatever the purpose.

        Faces outside the zone, or beside a rival, are counted and never turned into a template.
        Raises as `analyse` does.
        """
        picture = load(image)
        found = self.detect(picture, TILL_SIDE)
        height, width = picture.pixels.shape[:2]
        chosen, hint = choose(found, (height, width), zone)
        if chosen is None:
            return FrameResult(None, hint, len(found))
        exact, aligned = self.align(picture, chosen)
        quality = measure(picture.pixels, aligned, exact, picture.scale)
        hint = failing_hint(quality, QUALITY_LIMITS[purpose])
        if hint is Hint.OK and watch is not None:
            hint = watch.see(picture.pixels, exact, quality)
        if hint is not Hint.OK:
            return FrameResult(None, hint, len(found), quality)
        made_for: Purpose = "enrolment" if with_reference and is_fit_for_reference(quality) else purpose
        face = self._face(picture, exact, _Aligned(aligned, quality), made_for)
        return FrameResult(face, Hint.OK, len(found), quality)

    def detect(self, picture: Picture, side: int = SIDE) -> list[Detection]:
        """Return the faces of a loaded picture: `Detector.find`."""
        return self._detector.find(picture, side)

    def align(self, picture: Picture, detection: Detection) -> tuple[Detection, Pixels]:
        """Return a face's exact landmarks and its crop: `Detector.align`."""
        return self._detector.align(picture, detection)

    def embed(self, aligned: Pixels) -> Template:
        """Return the template of a crop: `Embedder.embed`."""
        return self._embedder.embed(aligned)

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
            reference=self._embedder.embed_reference(aligned.pixels, template) if is_reference else template,
        )
