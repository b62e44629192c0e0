"""Judge people's photographs for the pad protocol: as they are, and as the models print or show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import fmean

import numpy as np

from willing.face.engine import Engine
from willing.face.errors import FaceError
from willing.face.evaluation.dataset import Photograph
from willing.face.evaluation.modelled import MODELS, in_a_hand
from willing.face.evaluation.pad import LIVING, PadSession
from willing.face.liveness.crop import noise_of, surroundings
from willing.face.liveness.limits import LIMITS, AliveVerdict, judge
from willing.face.liveness.watch import Liveness, mirrored
from willing.face.pipeline.choose import central
from willing.face.pipeline.images import Picture, load
from willing.face.types import Float32, Pixels


def photograph_sessions(
    engine: Engine, check: Liveness, items: Sequence[Photograph], seed: int, on_done: Callable[[], None]
) -> Iterator[PadSession]:
    """Yield what photographs are taken for: as they are, and by the models, once and in a hand."""
    random, hands = np.random.default_rng([seed, 14]), np.random.default_rng([seed, 15])
    for item in items:
        on_done()
        try:
            picture = load(item.path.read_bytes())
        except (FaceError, OSError):
            yield PadSession(LIVING, item.person, AliveVerdict.MORE)
            continue
        face = central(engine.detect(picture), picture.pixels.shape)
        if face is None:
            yield PadSession(LIVING, item.person, AliveVerdict.MORE)
            continue
        yield PadSession(LIVING, item.person, _of_one(check, picture.pixels, face.box))
        for kind, model in MODELS.items():
            shown = Picture(model(picture.pixels, face.box, random))
            seen = central(engine.detect(shown), shown.pixels.shape)
            yield PadSession(
                kind, item.person, _of_one(check, shown.pixels, seen.box) if seen else AliveVerdict.MORE
            )
            frames = in_a_hand(model, picture.pixels, face.box, hands, LIMITS.frames_min)
            yield PadSession(f"{kind} in a hand", item.person, _of_frames(engine, check, frames))


def _of_one(check: Liveness, pixels: Pixels, box: Float32) -> AliveVerdict:
    """Return the verdict over one picture, seen both ways."""
    square = surroundings(pixels, box, noise=noise_of(pixels, box))
    return judge([fmean((check.score(square), check.score(mirrored(square))))], frames_min=1)


def _of_frames(engine: Engine, check: Liveness, frames: Sequence[Pixels]) -> AliveVerdict:
    """Return the verdict over the frames of a session, every second one in the mirror, as the till's."""
    scores: list[float] = []
    for pixels in frames:
        seen = central(engine.detect(Picture(pixels)), pixels.shape)
        if seen is not None:
            square = surroundings(pixels, seen.box, noise=noise_of(pixels, seen.box))
            scores.append(check.score(mirrored(square) if len(scores) % 2 else square))
    return judge(scores)
