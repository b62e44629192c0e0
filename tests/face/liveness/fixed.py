"""A check of pictures in place of the real one, which needs no engine to be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class Fixed:
    """A check that answers with given scores, one after the other, the last one for ever."""

    name = "fixed"

    def __init__(self, *scores: float) -> None:
        self._scores = list(scores)
        self.squares: list[np.ndarray] = []

    def score(self, square: np.ndarray) -> float:
        self.squares.append(square)
        return self._scores.pop(0) if len(self._scores) > 1 else self._scores[0]
