"""The comparison of one session with what a card opened, in another process."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from willing.biometrics.card_messages import Message
from willing.biometrics.card_processes import CardProcess, ProcessFailed
from willing.biometrics.memory import overwrite

if TYPE_CHECKING:
    from willing.face import Face, FaceDecision
    from willing.face import Template as FaceTemplate


class CardSearch:
    """The comparison of one session; as `memory.Search`."""

    def __init__(self, process: CardProcess, person_id: UUID, *, keeps: bool) -> None:
        self._process, self._person_id = process, person_id
        self.lock = process.frames
        # Whether the best frame is kept for a press after the match; and the one that is compared now.
        self.keeps = keeps
        self.frame: Face | None = None

    def add(self, probe: "FaceTemplate") -> "FaceDecision | None":
        """Add one frame; return the decision, or None while more are needed. Raises ProcessFailed."""
        from willing.face import FaceDecision, FaceOutcome

        said = self._compare(probe)
        if said.get("is_refused"):
            raise ProcessFailed("nothing is opened to compare with")
        self._process.has_kept = bool(said["is_kept"])
        found = said["decision"]
        if found is None:
            return None
        # The process knows nobody's name: whom the card named is who was compared with.
        person = str(self._person_id) if found["person"] else None
        outcome, reasons = FaceOutcome(found["outcome"]), tuple(found["reasons"])
        return FaceDecision(**{**found, "person": person, "outcome": outcome, "reasons": reasons})

    def _compare(self, probe: "FaceTemplate") -> dict[str, Any]:
        """Send a frame's probe and, where it has one, its reference, which is overwritten here at once."""
        import numpy as np

        face = self.frame
        asked = {"deed": "compare", "model": probe.model_id, "quality": face.quality.score if face else 0.0}
        later = [face.reference.vector] if face and face.reference is not face.template else []
        rows = np.stack([probe.vector, *later]).astype("<f4", copy=False)
        try:
            return self._process.ask(Message(asked, rows.data.cast("B"))).said
        finally:
            rows[:] = 0
            if face and later:
                overwrite([face.reference])

    def reset(self) -> None:
        """Forget the frames so far. Raises ProcessFailed."""
        self._process.ask(Message({"deed": "reset"}))
