"""What a frame of a session brings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from willing.face import FaceDecision


@dataclass(frozen=True)
class FrameOutcome:
    """What a frame brought: a hint while the session goes on, or the engine's decision."""

    hint: str
    occasion_id: UUID
    decision: "FaceDecision | None" = None


def no_answer() -> "FaceDecision":
    """Return the decision that nobody was recognised, where there is nothing to compare with."""
    from willing.face import FaceDecision, FaceOutcome

    return FaceDecision(FaceOutcome.UNKNOWN, None, 0.0, 0.0, 0, 1.0, 1.0, ("not_enrolled",))
