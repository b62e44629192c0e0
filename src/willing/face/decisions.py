"""Decide over the frames of one session who is there: one person, nobody known, or not sure enough.

The score of a session is the mean of its frames' scores. A mean of comparisons with someone else reaches high
values at most as often as one of them does, so the threshold of one frame holds for any number of them,
alike or not; and the lucky and unlucky frames of the right person cancel out, so few of their means are low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from willing.face.calibration import DEFAULT_CALIBRATION, Calibration
from willing.face.errors import MixedTemplates, UnknownPerson
from willing.face.gallery import Gallery
from willing.face.types import Candidate, Face, Template


class FaceOutcome(StrEnum):
    """What a decision says: one person, two people too close to tell, or nobody who is known."""

    MATCH = "match"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a school asks of a decision.

    fpir: how often, at most, a person who is not in the gallery may be taken for someone who is; the
    threshold follows from it and from the gallery's size. fmr_verify: the same for one comparison, where a
    card or code said who it is (1:1). min_frames: no decision on fewer. max_frames: a session that is not
    sure by then is UNKNOWN or AMBIGUOUS. margin_min: how far the runner-up must stay behind.
    same_face_min: a frame less alike than this to those before is another person, and starts anew.
    give_up_below: a mean score under this after give_up_frames closes the session as UNKNOWN early.
    """

    fpir: float = 0.001
    min_frames: int = 2
    max_frames: int = 8
    margin_min: float = 0.08
    fmr_verify: float = 0.0001
    same_face_min: float = 0.2
    give_up_below: float = 0.25
    give_up_frames: int = 4
    calibration: Calibration = field(default=DEFAULT_CALIBRATION, repr=False)

    def threshold(self, people: int) -> float:
        """Return the score that a match needs in a gallery of `people`."""
        return self.calibration.threshold(self.fpir, people)


@dataclass(frozen=True, slots=True)
class FaceDecision:
    """The answer of one session.

    person: only where outcome is MATCH. score: the best person's, -1..1. margin: how far the runner-up stays
    behind, the score itself where there is none. frames: how many were used. wrong_person_probability: how
    often someone outside the gallery would reach this score. reasons: short codes, for the office and the
    log, never for the screen at the till.
    """

    outcome: FaceOutcome
    person: str | None
    score: float
    margin: float
    frames: int
    wrong_person_probability: float
    threshold: float
    reasons: tuple[str, ...]


def decide(frames: Sequence[Template], gallery: Gallery, policy: Policy | None = None) -> FaceDecision:
    """Return the decision over all of a session's frames, in their order, at once.

    Raises MixedTemplates where frames and gallery are of different models or rotations.
    """
    policy = policy or Policy()
    if len(frames) < policy.min_frames:
        return _unknown(len(frames), policy, gallery, "too_few_frames")
    return _judge(frames, gallery, policy)


def decide_verify(
    frames: Sequence[Template], gallery: Gallery, person: str, policy: Policy | None = None
) -> FaceDecision:
    """Return MATCH or UNKNOWN: do these frames show the person whose card or code was read (1:1)?

    The rate asked for is that of one comparison, so the threshold does not depend on the gallery's size.
    A person who is not in the gallery is UNKNOWN. Raises MixedTemplates.
    """
    policy = policy or Policy()
    threshold = policy.calibration.threshold(policy.fmr_verify, 1)
    if len(frames) < policy.min_frames:
        return _unknown(len(frames), policy, gallery, "too_few_frames")
    probe, length = _mean(frames)
    try:
        score = gallery.verify(person, probe) * length
    except UnknownPerson:
        return _unknown(len(frames), policy, gallery, "not_enrolled")
    matched = score >= threshold
    return FaceDecision(
        outcome=FaceOutcome.MATCH if matched else FaceOutcome.UNKNOWN,
        person=person if matched else None,
        score=score,
        margin=score,
        frames=len(frames),
        wrong_person_probability=policy.calibration.wrong_person_probability(score, 1),
        threshold=threshold,
        reasons=() if matched else ("below_threshold",),
    )


def candidates(frames: Sequence[Template], gallery: Gallery, top: int = 2) -> list[Candidate]:
    """Return the `top` people with the highest mean score over a session's frames, best first.

    The mean of scores is the score of the mean: one search answers for all frames. Raises MixedTemplates, and
    BlankTemplate where the frames cancel each other out.
    """
    probe, length = _mean(frames)
    return [Candidate(found.person, found.score * length) for found in gallery.identify(probe, top=top)]


def _mean(frames: Sequence[Template]) -> tuple[Template, float]:
    """Return the direction and the length, 0-1, of the mean of templates."""
    kinds = {(frame.model_id, frame.rotation_id) for frame in frames}
    if len(kinds) != 1:
        raise MixedTemplates("the frames of a session are of one model and one rotation")
    mean = np.mean([frame.vector for frame in frames], axis=0)
    model_id, rotation_id = kinds.pop()
    direction = Template.from_array(mean, model_id=model_id, rotation_id=rotation_id)
    return direction, float(np.linalg.norm(mean))


class Evidence:
    """Add up the frames of one session until it is decided. Belongs to one session and one thread.

    person: whom a card or code named; the frames are then compared with that one person only (1:1). None:
    with everyone in the gallery (1:N).
    """

    def __init__(self, gallery: Gallery, policy: Policy | None = None, *, person: str | None = None) -> None:
        self._gallery = gallery
        self._policy = policy or Policy()
        self._person = person
        self._frames: list[Template] = []

    def __repr__(self) -> str:
        return f"<Evidence of {len(self._frames)} frames>"

    @property
    def frames(self) -> int:
        """Return how many frames the running sum holds."""
        return len(self._frames)

    def add(self, frame: Face | Template) -> FaceDecision | None:
        """Add one frame; return the decision, or None while more frames are needed.

        MATCH comes as soon as it is sure, AMBIGUOUS and UNKNOWN once more frames are not expected to help.
        A frame of another person forgets those before. Raises MixedTemplates.
        """
        template = frame.template if isinstance(frame, Face) else frame
        if self._frames and not self._continues(template):
            self.reset()
        self._frames.append(template)
        count = len(self._frames)
        if count < self._policy.min_frames:
            return None
        decision = self.conclude()
        if decision.outcome is FaceOutcome.MATCH or count >= self._policy.max_frames:
            return decision
        gave_up = count >= self._policy.give_up_frames and decision.score < self._policy.give_up_below
        return decision if gave_up else None

    def conclude(self) -> FaceDecision:
        """Return the decision over what there is, for a session whose time is over."""
        if self._person is not None:
            return decide_verify(self._frames, self._gallery, self._person, self._policy)
        return decide(self._frames, self._gallery, self._policy)

    def reset(self) -> None:
        """Forget all frames: the person left, or a second face came in."""
        self._frames.clear()

    def _continues(self, template: Template) -> bool:
        before = np.mean([frame.vector for frame in self._frames], axis=0)
        return float(before @ template.vector) >= self._policy.same_face_min


def _judge(frames: Sequence[Template], gallery: Gallery, policy: Policy) -> FaceDecision:
    people = len(gallery)
    found = candidates(frames, gallery)
    if not found:
        return _unknown(len(frames), policy, gallery, "empty_gallery")
    best = found[0]
    margin = _margin(found)
    threshold = policy.threshold(people)
    reasons = []
    if best.score < threshold:
        reasons.append("below_threshold")
    elif margin < policy.margin_min:
        reasons.append("runner_up_too_close")
    outcome = FaceOutcome.MATCH if not reasons else FaceOutcome.UNKNOWN
    if "runner_up_too_close" in reasons:
        outcome = FaceOutcome.AMBIGUOUS
    return FaceDecision(
        outcome=outcome,
        person=best.person if outcome is FaceOutcome.MATCH else None,
        score=best.score,
        margin=margin,
        frames=len(frames),
        wrong_person_probability=policy.calibration.wrong_person_probability(best.score, people),
        threshold=threshold,
        reasons=tuple(reasons),
    )


def _margin(found: Sequence[Candidate]) -> float:
    return found[0].score - (found[1].score if len(found) > 1 else 0.0)


def _unknown(frames: int, policy: Policy, gallery: Gallery, reason: str) -> FaceDecision:
    threshold = policy.threshold(len(gallery))
    return FaceDecision(FaceOutcome.UNKNOWN, None, 0.0, 0.0, frames, 1.0, threshold, (reason,))
