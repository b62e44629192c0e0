"""Help to enrol people: which frames to keep, who looks too alike, who is there twice, who has grown.

Pure functions over templates; they keep nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from willing.face.decisions import Policy
from willing.face.errors import EmptyTemplates
from willing.face.gallery import Gallery
from willing.face.types import Face, Float32, Template

# Two sets of three references of one person scored at least 0.616 (169 people), those of two people at most
# 0.472 (98,346 pairs): docs/face-accuracy.md.
DUPLICATE_SCORE_MIN = 0.6
# A pair of people this little below the threshold is already too close: a good frame of one may pass as the
# other. It is what one decade of false matches is worth in score.
LOOKALIKE_MARGIN = 0.05
SAME_FACE_MIN = 0.3
SCHOOL_YEAR_DAYS = 365


class PairLikeness(StrEnum):
    """How alike two people are: told apart with care only, or probably one person under two names."""

    LOOKALIKE = "lookalike"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class InseparablePair:
    """Two people whom the engine cannot tell apart safely; both get verification (1:1) only."""

    person: str
    other: str
    score: float
    likeness: PairLikeness


def choose_references(faces: Sequence[Face], count: int = 5) -> list[Face]:
    """Return the frames to keep of one person: of the best quality, and different from each other.

    A frame that does not agree with the others (another person stepped in) is left out first. Then the best
    frame, and step by step the one with the most quality times difference from those chosen.
    Raises EmptyTemplates without faces.
    """
    if not faces:
        raise EmptyTemplates("no face to choose from")
    vectors = np.stack([face.template.vector for face in faces])
    scores = vectors @ vectors.T
    agreeing = [i for i in range(len(faces)) if np.median(scores[i]) >= SAME_FACE_MIN] or [
        int(np.argmax([face.quality.score for face in faces]))
    ]
    quality = {index: faces[index].quality.score for index in agreeing}
    chosen = [max(agreeing, key=lambda index: quality[index])]
    while len(chosen) < min(count, len(agreeing)):
        others = [index for index in agreeing if index not in chosen]
        chosen.append(max(others, key=lambda i: (quality[i] + 1) * (1.05 - float(scores[i, chosen].max()))))
    return [faces[index] for index in chosen]


def find_lookalikes(
    gallery: Gallery,
    templates: Sequence[Template],
    *,
    person: str = "",
    policy: Policy | None = None,
    top: int = 10,
) -> list[InseparablePair]:
    """Return the people of a gallery whom a newcomer's references cannot be told apart from, closest first.

    person: the newcomer's own name; their own entry is left out. Raises EmptyTemplates, MixedTemplates.
    """
    limit = _limit(gallery, policy)
    probe = centroid(templates)
    found = gallery.identify(probe, top=top + 1)
    return [
        InseparablePair(person, other.person, other.score, _likeness(other.score))
        for other in found
        if other.person != person and other.score >= limit
    ][:top]


def find_lookalike_pairs(gallery: Gallery, *, policy: Policy | None = None) -> list[InseparablePair]:
    """Return every pair of a gallery that cannot be told apart, closest first; for the whole school."""
    limit = _limit(gallery, policy)
    pairs = [
        InseparablePair(first, second, score, _likeness(score))
        for first, second, score in gallery.pairs_above(limit)
    ]
    return sorted(pairs, key=lambda pair: -pair.score)


@dataclass(frozen=True, slots=True)
class Renewal:
    """Whether a person's references should be taken anew, and why.

    reasons: "age" after a school year, "drift" where the person's own scores have fallen. months: since the
    enrolment. drift: the change of the own score over that time by a straight line, negative where it fell;
    None with too few sessions to say.
    """

    due: bool
    reasons: tuple[str, ...]
    months: float
    drift: float | None


def assess_renewal(
    enrolled_on: date,
    today: date,
    scores: Sequence[tuple[date, float]] = (),
    *,
    days_max: int = SCHOOL_YEAR_DAYS,
    drop_max: float = 0.1,
    sessions_min: int = 8,
) -> Renewal:
    """Return whether references of this date still serve, from the dates and scores of the person's sessions.

    A face that grows slides away from its references before it fails: the line through the scores says so.
    """
    days = (today - enrolled_on).days
    drift = _drift(enrolled_on, today, scores) if len(scores) >= sessions_min else None
    reasons = []
    if days > days_max:
        reasons.append("age")
    if drift is not None and drift < -drop_max:
        reasons.append("drift")
    return Renewal(bool(reasons), tuple(reasons), days / 30.44, drift)


def _drift(enrolled_on: date, today: date, scores: Sequence[tuple[date, float]]) -> float | None:
    days = np.array([(day - enrolled_on).days for day, _ in scores], np.float64)
    values = np.array([score for _, score in scores], np.float64)
    if np.ptp(days) < 30:
        return None
    slope = float(np.polyfit(days, values, 1)[0])
    return slope * (today - enrolled_on).days


def _limit(gallery: Gallery, policy: Policy | None) -> float:
    return (policy or Policy()).threshold(max(1, len(gallery))) - LOOKALIKE_MARGIN


def _likeness(score: float) -> PairLikeness:
    return PairLikeness.DUPLICATE if score >= DUPLICATE_SCORE_MIN else PairLikeness.LOOKALIKE


def centroid(templates: Sequence[Template]) -> Template:
    """Return the direction of the mean of templates. Raises EmptyTemplates."""
    if not templates:
        raise EmptyTemplates("no template to compare")
    first = templates[0]
    mean: Float32 = np.mean([template.vector for template in templates], axis=0)
    return Template.from_array(mean, model_id=first.model_id, rotation_id=first.rotation_id)
