"""Run the open-set protocol: who of the gallery is it, or nobody? As the engine's users would ask it.

Rates carry their names, counts and 95 % intervals (ISO/IEC 19795-1). A photograph that cannot be read, or in
which no face is found, is a failure to enrol or to acquire: it is counted as an error of the system and never
left out. People appear by index, never by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from willing.face.decisions import FaceDecision, FaceOutcome, Policy, candidates, decide
from willing.face.errors import BadProtocol
from willing.face.evaluation.samples import Sample, by_person
from willing.face.evaluation.statistics import FPIRS, WORST, ErrorRate, Flags, Scores
from willing.face.gallery import Gallery
from willing.face.types import Template


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """FNIR at one FPIR: at the threshold found afterwards on this very data, for comparing methods."""

    fpir_asked: float
    threshold: float
    fnir: ErrorRate


@dataclass(frozen=True, slots=True)
class DefaultPoint:
    """What the shipped default decides at one FPIR asked for, its threshold set beforehand."""

    fpir_asked: float
    threshold: float
    wrong_person: ErrorRate
    not_recognised: ErrorRate
    ambiguous: int
    fpir: ErrorRate


@dataclass(frozen=True, slots=True)
class OpenSetResult:
    """What the open-set protocol gave."""

    references: int
    frames: int
    people: int
    mated: int
    non_mated: int
    failures_to_enrol: int
    failures_to_acquire: int
    left_over: int
    rank1: ErrorRate
    points: list[OperatingPoint]
    default: list[DefaultPoint]
    discard: list[tuple[float, float]]
    worst: list[dict[str, object]] = field(repr=False)
    mated_scores: list[float] = field(repr=False)
    non_mated_scores: list[float] = field(repr=False)

    def as_dict(self) -> dict[str, object]:
        """Return the numbers without the long lists."""
        return {key: value for key, value in asdict(self).items() if not key.endswith("_scores")}


@dataclass(frozen=True, slots=True)
class ProbeSession:
    """One probe: whose (None for someone outside the gallery), its frames and their lowest quality."""

    person: str | None
    label: int
    frames: tuple[Template, ...]
    quality: float


@dataclass(slots=True)
class OpenSet:
    """A gallery with its probes, and what could not become either."""

    gallery: Gallery = field(default_factory=Gallery)
    mated: list[ProbeSession] = field(default_factory=list)
    non_mated: list[ProbeSession] = field(default_factory=list)
    failures_to_enrol: int = 0
    failures_to_acquire: int = 0
    left_over: int = 0

    def add_stranger(self, label: int, photo: Sample, frames: int) -> None:
        """Add a session of someone outside the gallery: one photograph, `frames` times over."""
        usable = (photo.template,) * frames if photo.template else ()
        self.failures_to_acquire += not usable
        self.non_mated.append(ProbeSession(None, label, usable, photo.quality))

    def add_person(self, label: int, photos: Sequence[Sample], references: int, frames: int) -> None:
        """Add a person to the gallery, and a session for each `frames` photographs beyond the references."""
        held = [sample.as_reference() for sample in photos[:references] if sample.template]
        self.failures_to_enrol += references - len(held)
        if held:
            self.gallery.add(photos[0].person, held)
        probes = photos[references:]
        self.left_over += len(probes) % frames
        for start in range(0, len(probes) - frames + 1, frames):
            group = probes[start : start + frames]
            usable = tuple(sample.template for sample in group if sample.template)
            self.failures_to_acquire += len(group) - len(usable)
            quality = min(sample.quality for sample in group)
            self.mated.append(ProbeSession(photos[0].person, label, usable, quality))


def build_open_set(samples: Sequence[Sample], references: int, frames: int = 1) -> OpenSet:
    """Return the open set of a folder.

    People with more photographs than `references` are the gallery: their first ones by name are references,
    the rest probes, `frames` photographs in file order a session. People with exactly one photograph are not
    in the gallery; their session is that photograph `frames` times over. Raises BadProtocol without people.
    """
    built = OpenSet()
    for label, photos in enumerate(by_person(samples).values()):
        if len(photos) == 1:
            built.add_stranger(label, photos[0], frames)
        if len(photos) > references:
            built.add_person(label, photos, references, frames)
    if not len(built.gallery) or not built.mated or not built.non_mated:
        raise BadProtocol("an open set needs people with more photographs than references, and with one")
    return built


def evaluate_open_set(
    samples: Sequence[Sample], references: int, frames: int = 1, policy: Policy | None = None
) -> OpenSetResult:
    """Run the open-set protocol over all sessions. Raises BadProtocol."""
    return evaluate_built(build_open_set(samples, references, frames), references, frames, policy)


def evaluate_built(built: OpenSet, references: int, frames: int, policy: Policy | None) -> OpenSetResult:
    """Run the open-set protocol over a gallery and probes that are there."""
    chosen = policy or Policy()
    single = Policy(fpir=chosen.fpir, min_frames=1, calibration=chosen.calibration)
    mated = [_decide(session, built.gallery, single) for session in built.mated]
    non_mated = [_decide(session, built.gallery, single) for session in built.non_mated]
    best = np.array([answer.score for answer in mated])
    right = np.array([a.nearest == s.person for a, s in zip(mated, built.mated, strict=True)])
    strangers = np.array([answer.score for answer in non_mated])
    points = [_point(fpir, best, right, strangers) for fpir in FPIRS]
    return OpenSetResult(
        references=references,
        frames=frames,
        people=len(built.gallery),
        mated=len(built.mated),
        non_mated=len(built.non_mated),
        failures_to_enrol=built.failures_to_enrol,
        failures_to_acquire=built.failures_to_acquire,
        left_over=built.left_over,
        rank1=ErrorRate.of(int((~right).sum()), len(right)),
        points=points,
        default=[_default_point(fpir, built, single) for fpir in FPIRS],
        discard=discard_curve(built.mated, best, right, points[0].threshold),
        worst=_worst_sessions(built, mated, non_mated),
        mated_scores=best.tolist(),
        non_mated_scores=strangers.tolist(),
    )


@dataclass(frozen=True, slots=True)
class _SessionResult:
    nearest: str | None
    score: float
    decision: FaceDecision | None


def _decide(session: ProbeSession, gallery: Gallery, policy: Policy) -> _SessionResult:
    if not session.frames:
        return _SessionResult(None, -1.0, None)
    best = candidates(session.frames, gallery, top=1)[0]
    return _SessionResult(best.person, best.score, decide(session.frames, gallery, policy))


def _point(fpir: float, best: Scores, right: Flags, strangers: Scores) -> OperatingPoint:
    """Return FNIR at the lowest threshold that no more than `fpir` of the strangers pass."""
    threshold = float(np.sort(strangers)[::-1][int(fpir * len(strangers))])
    return OperatingPoint(
        fpir, threshold, ErrorRate.of(int((~((best > threshold) & right)).sum()), len(best))
    )


def _default_point(fpir: float, built: OpenSet, policy: Policy) -> DefaultPoint:
    asked = Policy(fpir=fpir, min_frames=1, margin_min=policy.margin_min, calibration=policy.calibration)
    answers = [(s, _decide(s, built.gallery, asked).decision) for s in built.mated]
    matches = [(s, d) for s, d in answers if d is not None and d.outcome is FaceOutcome.MATCH]
    wrong = sum(d.person != s.person for s, d in matches)
    ambiguous = sum(d is not None and d.outcome is FaceOutcome.AMBIGUOUS for _, d in answers)
    strangers = [_decide(s, built.gallery, asked).decision for s in built.non_mated]
    taken = sum(d is not None and d.outcome is FaceOutcome.MATCH for d in strangers)
    return DefaultPoint(
        fpir_asked=fpir,
        threshold=asked.threshold(len(built.gallery)),
        wrong_person=ErrorRate.of(wrong, len(answers)),
        not_recognised=ErrorRate.of(len(answers) - len(matches), len(answers)),
        ambiguous=ambiguous,
        fpir=ErrorRate.of(taken, len(strangers)),
    )


def discard_curve(
    sessions: Sequence[ProbeSession],
    best: Scores,
    right: Flags,
    threshold: float,
    shares: Sequence[float] = (0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3),
) -> list[tuple[float, float]]:
    """Return (share discarded, FNIR of the rest) where the sessions of the lowest quality go first.

    A falling curve says that the quality score finds the photographs that fail (ISO/IEC 29794-1).
    """
    failed = ~((best > threshold) & right)
    order = np.argsort([session.quality for session in sessions], kind="stable")
    return [(share, float(failed[order[int(share * len(order)) :]].mean())) for share in shares]


def _worst_sessions(
    built: OpenSet, mated: Sequence[_SessionResult], non_mated: Sequence[_SessionResult]
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    lowest = sorted(range(len(mated)), key=lambda i: mated[i].score)[: WORST // 2]
    highest = sorted(range(len(non_mated)), key=lambda i: -non_mated[i].score)[: WORST // 2]
    for index in lowest:
        session, answer = built.mated[index], mated[index]
        right = answer.nearest == session.person
        rows.append({"kind": "mated", "session": index, "person": session.label,
                     "score": round(answer.score, 4),
                     "nearest_is_right": right, "quality": round(session.quality, 1)})  # fmt: skip
    for index in highest:
        session, answer = built.non_mated[index], non_mated[index]
        rows.append({"kind": "non_mated", "session": index, "person": session.label,
                     "score": round(answer.score, 4), "quality": round(session.quality, 1)})  # fmt: skip
    return rows
