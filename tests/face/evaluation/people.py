"""Who the evaluations are about: a few portraits, and people who are random directions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from willing.face import Template
from willing.face.evaluation.samples import Sample

Make = Callable[..., Template]
PEOPLE = {
    "ann": ["person_b_1", "person_b_2"],
    "barack": ["obama", "obama2", "obama3", "impostor_1"],
    "joe": ["biden"],
    "rishi": ["impostor_2"],
}


# As LFW writes them: folds and pairs a kind, then pairs of one person and of two.
PAIRS = "2\t3\nann 1 2\nbarack 1 2\nann 1 barack 1\nbarack 3 4\nann 2 joe 1\njoe 1 rishi 1\n"


def made_up(make: Make, people: int, photos: int, cosine: float = 0.8, start: int = 0) -> list[Sample]:
    """Return samples of people who are random directions, and of their photographs around them."""
    base_of = np.random.default_rng(start)
    found = []
    for person in range(people):
        base = Template.from_array(base_of.standard_normal(128), model_id="test")
        for photo in range(photos):
            template = make(base, cosine, seed=start + person * 100 + photo)
            found.append(
                Sample(f"p{start + person:05d}", f"p{start + person:05d}_{photo + 1:04d}", template, 50)
            )
    return found
