"""Let people in motion pay: sessions over real clips, as a till's page sends its frames.

The clips are research data beside the checkout (`../shared/video`); they are measured on and never committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.frames import ROOT
from benchmarks.measure import Row
from willing.face import Engine, Evidence, FaceOutcome, Gallery, Hint
from willing.face.evaluation.dataset import photographs
from willing.face.types import Pixels

CLIPS = ROOT.parent / "shared" / "video"
OWNER = "the person of the clip"
FACE_SHARE = 0.45  # of the frame's height, as of someone who stands in front of a till
STEP = 3  # the page sends some ten frames a second, the clips have thirty
SESSION_FRAMES = 24


@dataclass(frozen=True, slots=True)
class Part:
    """Frames of one clip, from `first` on and before `before`, and whom they show: the owner or others."""

    clip: str
    first: int
    before: int
    shows_owner: bool


# Where the owner is enrolled, frame by frame, and what the parts of each clip show.
ENROLLED = {
    "head-turn-1.gif": (0, 3, 6),
    "head-turn-2.gif": (0, 3, 6),
    "two-people-talking.mp4": (100, 110, 120),
    "live-then-phone-then-print.gif": (0, 5, 10),
}
TURNING = (Part("head-turn-1.gif", 7, 30, True), Part("head-turn-2.gif", 7, 30, True))
GESTURES = (Part("two-people-talking.mp4", 125, 210, True),)
AUDIENCE = (Part("two-people-talking.mp4", 50, 82, False), Part("two-people-talking.mp4", 211, 275, False))
PHONE = (Part("live-then-phone-then-print.gif", 33, 62, False),)
PRINT = (Part("live-then-phone-then-print.gif", 62, 88, False),)


def read_clip(path: Path) -> list[Pixels]:
    """Return all frames of a clip, (H, W, 3) uint8 BGR."""
    clip, frames = cv2.VideoCapture(str(path)), []
    while True:
        is_read, frame = clip.read()
        if not is_read:
            return frames
        frames.append(np.asarray(frame, np.uint8))


def as_till(engine: Engine, frames: Sequence[Pixels]) -> list[Pixels]:
    """Return the frames as a till's camera would take them: cut around the first one's face, 640x480."""
    found = engine.portrait(frames[0])
    assert found is not None, "the clip's first frame shows nobody"
    left, top, width, height = found.box_px
    reach = height / FACE_SHARE / 2
    matrix = np.array([[1, 0, 0], [0, 1, 0]], np.float32) * (240 / reach)
    matrix[:, 2] = np.array([320, 240]) - matrix[:, :2] @ [left + width / 2, top + height / 2]
    return [np.asarray(cv2.warpAffine(frame, matrix, (640, 480)), np.uint8) for frame in frames]


def crowd(engine: Engine, folder: Path, people: int) -> Gallery:
    """Return a gallery of that many strangers, from the first photograph of each."""
    gallery, taken = Gallery(), set[str]()
    for item in photographs(folder) if folder.is_dir() else []:
        if item.person not in taken and len(taken) < people:
            taken.add(item.person)
            found = engine.portrait(item.path.read_bytes())
            if found is not None:
                gallery.add(f"stranger {len(taken)}", [found.reference])
    return gallery


def enrol_owner(engine: Engine, gallery: Gallery, clip: str) -> list[Pixels]:
    """Add the clip's person to the gallery, and return the clip as a till sees it."""
    frames = read_clip(CLIPS / clip)
    frames = frames if clip == "two-people-talking.mp4" else as_till(engine, frames)
    found = [engine.portrait(frames[index]) for index in ENROLLED[clip]]
    gallery.add(OWNER, [face.reference for face in found if face is not None])
    return frames


def outcomes(engine: Engine, gallery: Gallery, frames: Sequence[Pixels], part: Part) -> Counter[str]:
    """Count how sessions end that begin at every other frame: owner, wrong, ambiguous, unknown or open.

    None begins where fewer than three frames are left.
    """
    counted: Counter[str] = Counter()
    for first in range(part.first, part.before - 2 * STEP, 2):
        counted[session(engine, gallery, frames[first : part.before : STEP])] += 1
    return counted


def session(engine: Engine, gallery: Gallery, frames: Sequence[Pixels]) -> str:
    """Return how one session over these frames ends, as `outcomes` counts it."""
    evidence = Evidence(gallery)
    for frame in frames[:SESSION_FRAMES]:
        result = engine.process_frame(frame)
        if result.hint is Hint.SEVERAL_FACES:
            evidence.reset()
        decision = evidence.add(result.face) if result.face is not None else None
        if decision is not None and decision.outcome is FaceOutcome.MATCH:
            return "owner" if decision.person == OWNER else "wrong"
        if decision is not None:
            return decision.outcome.value
    return "open"


def motion(engine: Engine, photographs_folder: Path, people: int = 2_000) -> Iterator[Row]:
    """Yield how sessions over the clips end among so many strangers."""
    gallery = crowd(engine, photographs_folder, people)
    kinds = {
        "heads that turn": TURNING,
        "a speaker with his hands": GESTURES,
        "an audience": AUDIENCE,
        "a picture of the person on a phone": PHONE,
        "a print of somebody else": PRINT,
    }
    wrong = 0
    for name, parts in kinds.items():
        counted: Counter[str] = Counter()
        for part in parts:
            counted += outcomes(engine, gallery, enrol_owner(engine, gallery, part.clip), part)
        wrong += counted["wrong"] + (0 if parts in (TURNING, GESTURES, PHONE) else counted["owner"])
        share = 100 * counted["owner"] / counted.total()
        target = 100 if parts is TURNING else None
        note = ", ".join(f"{ending} {count}" for ending, count in counted.most_common())
        yield Row(
            "motion", f"{name}: taken for the person enrolled", share, "%", target, at_most=False, note=note
        )
    yield Row("motion", f"wrong persons, {len(gallery) - 1:,} strangers enrolled", wrong, "", 0)
