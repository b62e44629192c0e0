"""What a face session or a capture at the desk holds while it lasts: memory only, dropped at its end."""

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID

from willing.biometrics.rules import REFRESH_SECONDS, is_same_picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from willing.biometrics.card_processes import CardProcess
    from willing.face import (
        Alive,
        AliveWatch,
        Evidence,
        Face,
        FaceDecision,
        FrameComparison,
        Gallery,
        Rotation,
        Template,
    )
    from willing.face.refresh import Keeper

T = TypeVar("T")


@dataclass(frozen=True)
class HeldGallery:
    """What a process holds of a gallery: its people, and the rotation that their templates carry."""

    gallery: "Gallery"
    rotation: "Rotation"
    secret_id: UUID


class ShortMemory(Generic[T]):
    """A dictionary whose entries vanish by themselves `seconds` after they were put there."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._entries: dict[UUID, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def put(self, key: UUID, value: T) -> None:
        """Keep `value` under `key` from now on."""
        with self._lock:
            self._drop_expired()
            self._entries[key] = (time.monotonic(), value)

    def find(self, key: UUID) -> T | None:
        """Return what is kept under `key`, or None."""
        with self._lock:
            self._drop_expired()
            entry = self._entries.get(key)
            return entry[1] if entry else None

    def drop(self, key: UUID) -> T | None:
        """Forget `key` and return what was kept."""
        with self._lock:
            entry = self._entries.pop(key, None)
            return entry[1] if entry else None

    def tidy(self) -> None:
        """Drop what has outlived its time, without waiting for the next use."""
        with self._lock:
            self._drop_expired()

    def _drop_expired(self) -> None:
        oldest = time.monotonic() - self.seconds
        for key in [key for key, (put, _) in self._entries.items() if put < oldest]:
            del self._entries[key]


def overwrite(templates: "Sequence[Template]") -> None:
    """Overwrite the numbers of templates that are used no more."""
    for template in templates:
        template.vector.setflags(write=True)
        template.vector[:] = 0
        template.vector.setflags(write=False)


@dataclass
class FaceSearch:
    """The evidence of one open face session. `lock` lets one frame of a session be worked on at a time.

    held: the gallery that the frames are compared with, and the rotation that they carry.
    """

    evidence: "Evidence"
    held: "HeldGallery"
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Of one whose template may be refreshed: its best frame, and the one that is compared now.
    keeper: "Keeper | None" = None
    frame: "Face | None" = None

    @property
    def keeps(self) -> bool:
        """Whether the best frame is kept for a press after the match."""
        return self.keeper is not None

    def add(self, probe: "Template") -> "FaceDecision | None":
        """Add one frame; return the decision, or None while more are needed."""
        decision = self.evidence.add(self.held.rotation.apply(probe))
        if self.keeper is not None and self.frame is not None:
            is_fit = self.frame.reference is not self.frame.template
            reference = self.frame.reference if is_fit else None
            self.keeper.see(self.evidence.frames, reference, self.frame.quality.score)
        return decision

    def reset(self) -> None:
        """Forget the frames so far."""
        self.evidence.reset()
        if self.keeper is not None:
            self.keeper.forget()


@dataclass(frozen=True)
class RefreshOffer:
    """A match after a card, whose best frame one press may put beside the desk's references.

    issue: of the template that matched. kept: the frame's reference, of a template that the school opens;
    process: what keeps it, of one that a card opens.
    """

    session_id: UUID
    occasion_id: UUID
    person_id: UUID
    template_id: UUID
    issue: int
    kept: "Template | None" = None
    process: "CardProcess | None" = None


@dataclass
class Capture:
    """The good faces of one enrolment at the desk.

    watch: what looks for pictures in the camera's frames, where the school has decided so; acts: whether it
    decides. is_confirmed: a member of staff has seen the person there. is_counted: the day has it.
    is_resealing: a stored face is sealed with a card; no picture is taken.
    """

    person_id: UUID
    purpose: str
    user_id: int
    watch: "AliveWatch | None" = None
    acts: bool = False
    is_confirmed: bool = False
    is_counted: bool = False
    is_resealing: bool = False
    faces: list["Face"] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, face: "Face") -> bool:
        """Keep a good face. False where this very picture is there: it counts once, and tells nothing new."""
        vector = face.template.vector
        if any(is_same_picture(float(vector @ other.template.vector)) for other in self.faces):
            return False
        self.faces.append(face)
        return True


@dataclass
class Try:
    """One try in a till's test: what watches it, and what it is a try of. Nothing of it is kept but a count.

    began: of its first frame, in seconds of `time.monotonic`.
    """

    test_id: UUID
    kind: str
    distance: str
    alive: "Alive"
    source: "FrameComparison"
    began: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


# A face session lasts 8 seconds from its first frame (rules.SESSION_SECONDS); nothing stays much longer.
searches: ShortMemory[FaceSearch] = ShortMemory(12)
captures: ShortMemory[Capture] = ShortMemory(600)
# The check for pictures of a session, where the school has one: numbers only.
watches: "ShortMemory[Alive]" = ShortMemory(12)
# By terminal: the newest match there that may be refreshed.
refresh_offers: ShortMemory[RefreshOffer] = ShortMemory(REFRESH_SECONDS)
# From the press, so that the browser may ask for the camera first (rules.START_SECONDS).
tries: ShortMemory[Try] = ShortMemory(40)
