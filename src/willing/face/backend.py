"""Say what a gallery has to do, so that another than the built-in one can stand in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from willing.face.types import Candidate, Template


class GalleryBackend(Protocol):
    """Hold references of people and compare probes with them; `willing.face.Gallery` is the built-in one.

    All implementations answer alike: a person's score is the cosine between the probe and the direction of
    the mean of the person's references. Each is safe for any number of threads.
    """

    def __len__(self) -> int:
        """Return how many people are held."""

    def __contains__(self, person: object) -> bool: ...

    def add(self, person: str, templates: Sequence[Template]) -> None:
        """Hold a person's references, in place of earlier ones. Raises EmptyTemplates, MixedTemplates."""

    def remove(self, person: str) -> bool:
        """Forget a person at once; False where nobody had that name."""

    def identify(self, template: Template, top: int = 2) -> list[Candidate]:
        """Return the `top` most alike people, best first. Raises MixedTemplates."""

    def verify(self, person: str, template: Template) -> float:
        """Return the score of a probe and one person. Raises UnknownPerson, MixedTemplates."""
