"""Keep one later reference of a person beside those of the desk. No picture, no database.

The desk's own references are the anchor: a later one has to match them, never an earlier later one. So steps
do not add up, and nobody becomes another person little by little.
"""

from __future__ import annotations

from collections.abc import Sequence

from willing.face.enrol import centroid
from willing.face.types import Template

# Photographs of other people scored at most 0.503 against three references of a person (1,264,068 comparisons
# of 444 people; three of them are one person under two names), 97.1 % of people's own later ones scored more
# than this: docs/face-accuracy.md.
ANCHOR_SCORE_MIN = 0.55


def is_like_desk(desk: Sequence[Template], later: Template) -> bool:
    """Say whether a later reference is surely of the person whom the desk enrolled.

    desk: the desk's own references, without a later one. Raises EmptyTemplates.
    """
    return float(centroid(desk).vector @ later.vector) >= ANCHOR_SCORE_MIN


class Keeper:
    """The best frame of one session that the desk would take, too; forgotten when the session begins anew."""

    def __init__(self) -> None:
        self.best: Template | None = None
        self._quality = 0.0

    def __repr__(self) -> str:
        return f"<Keeper of {'a' if self.best else 'no'} frame>"

    def see(self, frames: int, reference: Template | None, quality: float) -> None:
        """Take note of a frame that was compared.

        frames: how many the session counts with this one. reference: None where the desk would not take it.
        """
        if frames <= 1:
            self.forget()
        if reference is not None and (self.best is None or quality > self._quality):
            self.best, self._quality = reference, quality

    def forget(self) -> None:
        """Keep nothing of what was seen."""
        self.best, self._quality = None, 0.0
