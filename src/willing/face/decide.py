"""Decide over the frames of one session who stands there: one person, nobody known, or not sure enough.

Frames of a session are added up: the probe is the mean of their templates. The threshold is that of a single
look, whatever the number of frames, because more pictures of a stranger are not more strangers; the frames
of the right person agree with each other, so their mean scores higher than each alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from willing.face.calibration import Calibration
from willing.face.defaults import DEFAULT_CALIBRATION
from willing.face.errors import UnknownPerson
from willing.face.gallery import Gallery
from willing.face.types import Candidate, Face, Template


class Outcome(StrEnum):
    """What a decision says: one person, two people too close to tell, or nobody who is known."""

    MATCH = "match"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a school asks of a decision.

    fpir: how often, at most, a person who is not in the gallery may be taken for someone who is; the
    threshold follows from it and from the gallery's size. min_frames: no decision on fewer. max_frames: a
    session that is not sure by then ends UNKNOWN or AMBIGUOUS. margin_min: how far the runner-up must stay
    behind. same_face_min: a frame less alike than this to those before is another person, and starts anew.
    give_up_below: a mean score under this after give_up_frames ends the session UNKNOWN early.
    """

    fpir: float = 0.001
    min_frames: int = 2
    max_frames: int = 8
    margin_min: float = 0.08
    same_face_min: float = 0.25
    give_up_below: float = 0.2
    give_up_frames: int = 4
    calibration: Calibration = field(default=DEFAULT_CALIBRATION, repr=False)

    def threshold(self, people: int) -> float:
        """Return the score that a match needs in a gallery of `people`."""
        return self.calibration.threshold(self.fpir, people)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one session.

    person: only where outcome is MATCH. score: the best person's, -1..1. margin: how far the runner-up stays
    behind, the score itself where there is none. frames: how many were used. wrong_person_probability: how
    often someone outside the gallery would reach this score. reasons: short codes, for the office and the
    log, never for the screen at the till.
    """

    outcome: Outcome
    person: str | None
    score: float
    margin: float
    frames: int
    wrong_person_probability: float
    threshold: float
    reasons: tuple[str, ...]


def decide(frames: Sequence[Template], gallery: Gallery, policy: Policy | None = None) -> Decision:
    """Return the decision over all of a session's frames, in their order, at once.

    Raises MixedTemplates where frames and gallery are of different models or rotations.
    """
    policy = policy or Policy()
    if len(frames) < policy.min_frames:
        return _unknown(len(frames), policy, gallery, "too_few_frames")
    return _judge(fuse(frames), len(frames), gallery, policy)


def decide_verify(
    frames: Sequence[Template], gallery: Gallery, person: str, policy: Policy | None = None
) -> Decision:
    """Return MATCH or UNKNOWN: do these frames show the person whose card or code was read (1:1)?

    The rate asked for is that of one comparison, so the threshold does not depend on the gallery's size.
    A person who is not in the gallery is UNKNOWN. Raises MixedTemplates.
    """
    policy = policy or Policy()
    threshold = policy.threshold(1)
    if len(frames) < policy.min_frames:
        return _unknown(len(frames), policy, gallery, "too_few_frames")
    try:
        score = gallery.verify(person, fuse(frames))
    except UnknownPerson:
        return _unknown(len(frames), policy, gallery, "not_enrolled")
    matched = score >= threshold
    return Decision(
        outcome=Outcome.MATCH if matched else Outcome.UNKNOWN,
        person=person if matched else None,
        score=score,
        margin=score,
        frames=len(frames),
        wrong_person_probability=policy.calibration.wrong_person_probability(score, 1),
        threshold=threshold,
        reasons=() if matched else ("below_threshold",),
    )


def fuse(frames: Sequence[Template]) -> Template:
    """Return the unit-length mean of a session's templates. Raises BlankTemplate where they cancel out."""
    mean = np.mean([frame.vector for frame in frames], axis=0)
    return Template.from_array(mean, model_id=frames[0].model_id, rotation_id=frames[0].rotation_id)


class Evidence:
    """Add up the frames of one session and say when it is decided. Belongs to one session and one thread."""

    def __init__(self, gallery: Gallery, policy: Policy | None = None) -> None:
        self._gallery = gallery
        self._policy = policy or Policy()
        self._frames: list[Template] = []

    def __repr__(self) -> str:
        return f"<Evidence of {len(self._frames)} frames>"

    @property
    def frames(self) -> int:
        """Return how many frames the running sum holds."""
        return len(self._frames)

    def add(self, frame: Face | Template) -> Decision | None:
        """Add one frame; return the decision, or None to keep looking.

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
        decision = _judge(fuse(self._frames), count, self._gallery, self._policy)
        if decision.outcome is Outcome.MATCH or count >= self._policy.max_frames:
            return decision
        gave_up = count >= self._policy.give_up_frames and decision.score < self._policy.give_up_below
        return decision if gave_up else None

    def conclude(self) -> Decision:
        """Return the decision over what there is, for a session whose time is over."""
        return decide(self._frames, self._gallery, self._policy)

    def reset(self) -> None:
        """Forget all frames: somebody left, or a second face came in."""
        self._frames.clear()

    def _continues(self, template: Template) -> bool:
        before = fuse(self._frames)
        return float(before.vector @ template.vector) >= self._policy.same_face_min


def _judge(probe: Template, frames: int, gallery: Gallery, policy: Policy) -> Decision:
    people = len(gallery)
    candidates = gallery.identify(probe, top=2)
    if not candidates:
        return _unknown(frames, policy, gallery, "empty_gallery")
    best = candidates[0]
    margin = _margin(candidates)
    threshold = policy.threshold(people)
    reasons = []
    if best.score < threshold:
        reasons.append("below_threshold")
    elif margin < policy.margin_min:
        reasons.append("runner_up_too_close")
    outcome = Outcome.MATCH if not reasons else Outcome.UNKNOWN
    if "runner_up_too_close" in reasons:
        outcome = Outcome.AMBIGUOUS
    return Decision(
        outcome=outcome,
        person=best.person if outcome is Outcome.MATCH else None,
        score=best.score,
        margin=margin,
        frames=frames,
        wrong_person_probability=policy.calibration.wrong_person_probability(best.score, people),
        threshold=threshold,
        reasons=tuple(reasons),
    )


def _margin(candidates: Sequence[Candidate]) -> float:
    return candidates[0].score - (candidates[1].score if len(candidates) > 1 else 0.0)


def _unknown(frames: int, policy: Policy, gallery: Gallery, reason: str) -> Decision:
    threshold = policy.threshold(len(gallery))
    return Decision(Outcome.UNKNOWN, None, 0.0, 0.0, frames, 1.0, threshold, (reason,))
