"""Hold one photograph as an evaluation sees it: its templates, or the code of why there are none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from willing.face.evaluation.dataset import Reading
from willing.face.types import Template


@dataclass(frozen=True, slots=True)
class Sample:
    """One photograph: whose, its name, its template and quality 0-100, or the code of the problem.

    reference: what a gallery would keep of it, where that is something else than the template.
    """

    person: str
    name: str
    template: Template | None
    quality: float = 0.0
    problem: str = ""
    reference: Template | None = None

    def as_reference(self) -> Template:
        """Return what a gallery keeps of it. Only for a photograph that has a template."""
        assert self.template is not None
        return self.reference or self.template


def sample_of(reading: Reading) -> Sample:
    """Return a reading as a sample."""
    item, found = reading.photograph, reading.face
    if found is None:
        return Sample(item.person, item.path.name, None, problem=reading.problem)
    return Sample(item.person, item.path.name, found.template, found.quality.score, reference=found.reference)


def by_person(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    """Return the samples of each person in file order, the people in the order of their names."""
    people: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda item: (item.person, item.name)):
        people[sample.person].append(sample)
    return people
