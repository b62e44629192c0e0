"""Ask what a later reference behind the desk's gives: one photograph more of each person.

The next photograph of each person after the references is the later one, where it matches those
(`refresh`); both galleries are asked with the same probes, those after it. Photographs of one folder are in
no order of time, so this shows what another picture gives, and nothing of growing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from willing.face.decisions import Policy
from willing.face.enrol import centroid
from willing.face.errors import BadProtocol
from willing.face.evaluation.open_set import OpenSet, OpenSetResult, evaluate_built
from willing.face.evaluation.samples import Sample, by_person
from willing.face.evaluation.statistics import ErrorRate, Scores
from willing.face.refresh import ANCHOR_SCORE_MIN


@dataclass(frozen=True, slots=True)
class LaterResult:
    """What a later reference gave.

    kept: of people's own later photographs, how many match the desk's references. highest_other: the most
    that the last photograph of another person scored against anyone's references; others: how many were
    compared, others_kept: how many would have been kept. fnmr, fmr: of one comparison (1:1) at the shipped
    threshold, with the desk's references alone and with the later one.
    """

    kept: ErrorRate
    highest_other: float
    others: int
    others_kept: int
    before: OpenSetResult
    after: OpenSetResult
    fnmr: tuple[ErrorRate, ErrorRate]
    fmr: tuple[ErrorRate, ErrorRate]

    def as_dict(self) -> dict[str, object]:
        """Return the numbers without the long lists."""
        own = {key: value for key, value in asdict(self).items() if key not in {"before", "after"}}
        return {**own, "before": self.before.as_dict(), "after": self.after.as_dict()}


def evaluate_later(samples: Sequence[Sample], references: int, policy: Policy | None = None) -> LaterResult:
    """Run the protocol over people with two photographs more than references. Raises BadProtocol."""
    chosen = policy or Policy()
    people = list(by_person([one for one in samples if one.template is not None]).values())
    before, after = OpenSet(), OpenSet()
    kept = 0
    for label, photos in enumerate(people):
        if len(photos) == 1:
            before.add_stranger(label, photos[0], 1)
            after.add_stranger(label, photos[0], 1)
        if len(photos) > references + 1:
            desk, later, probes = photos[:references], photos[references], photos[references + 1 :]
            is_kept = _score(desk, later) >= ANCHOR_SCORE_MIN
            kept += is_kept
            before.add_person(label, [*desk, *probes], references, 1)
            held = [*desk, later] if is_kept else desk
            after.add_person(label, [*held, *probes], len(held), 1)
    if not before.mated or not before.non_mated:
        raise BadProtocol("people with two photographs more than references are needed, and people with one")
    others = _others(people, references)
    found = [evaluate_built(built, references, 1, chosen) for built in (before, after)]
    one_to_one = [_one_to_one(built, chosen) for built in (before, after)]
    return LaterResult(
        kept=ErrorRate.of(kept, len(before.gallery)),
        highest_other=float(others.max()),
        others=len(others),
        others_kept=int((others >= ANCHOR_SCORE_MIN).sum()),
        before=found[0],
        after=found[1],
        fnmr=(one_to_one[0][0], one_to_one[1][0]),
        fmr=(one_to_one[0][1], one_to_one[1][1]),
    )


def _score(desk: Sequence[Sample], later: Sample) -> float:
    return float(centroid([one.as_reference() for one in desk]).vector @ later.as_reference().vector)


def _others(people: Sequence[Sequence[Sample]], references: int) -> Scores:
    """Return what everybody's last photograph scores against the references of everybody else."""
    held = [at for at, photos in enumerate(people) if len(photos) >= references]
    desk = np.stack([centroid([one.as_reference() for one in people[at][:references]]).vector for at in held])
    scores = desk @ np.stack([photos[-1].as_reference().vector for photos in people]).T
    scores[range(len(held)), held] = -np.inf
    return np.asarray(scores[np.isfinite(scores)], np.float64)


def _one_to_one(built: OpenSet, policy: Policy) -> tuple[ErrorRate, ErrorRate]:
    threshold = policy.calibration.threshold(policy.fmr_verify, 1)
    own = [built.gallery.verify(str(one.person), one.frames[0]) for one in built.mated]
    others = [
        found.score
        for one in built.non_mated
        for found in built.gallery.identify(one.frames[0], top=len(built.gallery))
    ]
    missed, taken = sum(score < threshold for score in own), sum(score >= threshold for score in others)
    return ErrorRate.of(missed, len(own)), ErrorRate.of(taken, len(others))
