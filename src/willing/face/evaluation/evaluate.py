"""Measure the engine on a folder of photographs, as its users would: pairs, and an open set.

Rates carry their names, counts and 95 % intervals (ISO/IEC 19795-1). A photograph that cannot be read, or in
which no face is found, is a failure to enrol or to acquire: it is counted as an error of the system and never
left out. People appear by index, never by name.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from willing.face.calibration import Calibration
from willing.face.decide import Decision, Outcome, Policy, candidates, decide
from willing.face.errors import BadProtocol
from willing.face.gallery import Gallery
from willing.face.types import Float32, Template

Scores = NDArray[np.floating]
Flags = NDArray[np.bool_]

FPIRS = (0.01, 0.003, 0.001)
WORST = 20


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


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of errors with its count, its number of trials and its exact 95 % interval."""

    errors: int
    trials: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, errors: int, trials: int) -> Rate:
        """Return the rate with its Clopper-Pearson interval."""
        low, high = interval(errors, trials)
        return cls(errors, trials, errors / trials if trials else 0.0, low, high)


@dataclass(frozen=True, slots=True)
class PairsResult:
    """What the pairs protocol gave: accuracy is the mean over folds, each with the others' best threshold."""

    pairs: int
    accuracy: float
    accuracy_sd: float
    threshold: float
    failures: int
    mated: list[float] = field(repr=False)
    non_mated: list[float] = field(repr=False)
    worst: list[dict[str, object]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """FNIR at one FPIR: at the threshold found afterwards on this very data, for comparing methods."""

    fpir_asked: float
    threshold: float
    fnir: Rate


@dataclass(frozen=True, slots=True)
class DefaultPoint:
    """What the shipped default decides at one FPIR asked for, its threshold set beforehand."""

    fpir_asked: float
    threshold: float
    wrong_person: Rate
    not_recognised: Rate
    ambiguous: int
    fpir: Rate


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
    rank1: Rate
    points: list[OperatingPoint]
    default: list[DefaultPoint]
    discard: list[tuple[float, float]]
    worst: list[dict[str, object]] = field(repr=False)
    mated_scores: list[float] = field(repr=False)
    non_mated_scores: list[float] = field(repr=False)

    def as_dict(self) -> dict[str, object]:
        """Return the numbers without the long lists."""
        return {key: value for key, value in asdict(self).items() if not key.endswith("_scores")}


def interval(errors: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact (Clopper-Pearson) interval of a share; (0, 1) without trials."""
    if not trials:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if errors == 0 else _solve(lambda p: 1 - _binomial_cdf(errors - 1, trials, p), tail)
    high = 1.0 if errors == trials else _solve(lambda p: 1 - _binomial_cdf(errors, trials, p), 1 - tail)
    return low, high


def _solve(rising: Callable[[float], float], target: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def _binomial_cdf(successes: int, trials: int, share: float) -> float:
    if share <= 0 or successes >= trials:
        return 1.0
    if share >= 1:
        return 0.0
    logs = (
        math.lgamma(trials + 1)
        - math.lgamma(k + 1)
        - math.lgamma(trials - k + 1)
        + k * math.log(share)
        + (trials - k) * math.log1p(-share)
        for k in range(successes + 1)
    )
    return min(1.0, math.fsum(math.exp(value) for value in logs))


def read_pairs(path: Path) -> tuple[int, list[tuple[tuple[str, int], tuple[str, int], bool]]]:
    """Return the number of folds and the pairs of a file in the form of LFW's pairs.txt.

    First line: folds and pairs a kind. Then `person first second`, mated, or `person first other second`.
    Raises BadProtocol.
    """
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        folds = int(lines[0][0])
        pairs = []
        for words in lines[1:]:
            if len(words) == 3:
                pairs.append(((words[0], int(words[1])), (words[0], int(words[2])), True))
            else:
                person, first, other, second = words
                pairs.append(((person, int(first)), (other, int(second)), False))
    except (OSError, ValueError, IndexError) as error:
        raise BadProtocol(f"{path}: not a pairs file: {error}") from None
    if not pairs or len(pairs) % folds:
        raise BadProtocol(f"{path}: {len(pairs)} pairs do not make {folds} folds")
    return folds, pairs


def evaluate_pairs(samples: Sequence[Sample], path: Path) -> PairsResult:
    """Run the pairs protocol: 1:1 over listed pairs, threshold of each fold from the others.

    The first of a pair is the reference, the second the probe. A pair with an unreadable photograph counts as
    wrong. Raises BadProtocol where a photograph is not there.
    """
    folds, pairs = read_pairs(path)
    known = {(sample.person, _number(sample.name)): sample for sample in samples}
    scores = np.zeros(len(pairs))
    mated = np.array([pair[2] for pair in pairs])
    failed = np.zeros(len(pairs), bool)
    for index, (first, second, _) in enumerate(pairs):
        try:
            left, right = known[first], known[second].template
        except KeyError:
            raise BadProtocol(f"{path}: pair {index} names a photograph that is not in the folder") from None
        if left.template is None or right is None:
            failed[index] = True
        else:
            scores[index] = float(left.as_reference().vector @ right.vector)
    fold_of = np.arange(len(pairs)) * folds // len(pairs)
    accuracies, thresholds = [], []
    for fold in range(folds):
        threshold = best_threshold(scores[(fold_of != fold) & ~failed], mated[(fold_of != fold) & ~failed])
        inside = fold_of == fold
        right_answers = ((scores[inside] >= threshold) == mated[inside]) & ~failed[inside]
        accuracies.append(float(right_answers.mean()))
        thresholds.append(threshold)
    threshold = float(np.mean(thresholds))
    return PairsResult(
        pairs=len(pairs),
        accuracy=float(np.mean(accuracies)),
        accuracy_sd=float(np.std(accuracies)),
        threshold=threshold,
        failures=int(failed.sum()),
        mated=scores[mated & ~failed].tolist(),
        non_mated=scores[~mated & ~failed].tolist(),
        worst=_worst_pairs(scores, mated, failed, threshold),
    )


def best_threshold(scores: Scores, mated: Flags) -> float:
    """Return the score that parts the two kinds with the fewest errors; the middle one of equals."""
    order = np.argsort(scores, kind="stable")
    ranked, kinds = scores[order], mated[order]
    right = kinds.sum() - np.concatenate([[0], np.cumsum(kinds)]) + np.concatenate([[0], np.cumsum(~kinds)])
    best = np.flatnonzero(right == right.max())
    cut = int(best[len(best) // 2])
    below = ranked[cut - 1] if cut else ranked[0] - 1
    above = ranked[cut] if cut < len(ranked) else ranked[-1] + 1
    return float((below + above) / 2)


def _worst_pairs(scores: Scores, mated: Flags, failed: Flags, threshold: float) -> list[dict[str, object]]:
    wrong = [int(i) for i in np.flatnonzero((scores >= threshold) != mated) if not failed[i]]
    wrong.sort(key=lambda i: -abs(float(scores[i]) - threshold))
    return [{"pair": i, "mated": bool(mated[i]), "score": round(float(scores[i]), 4)} for i in wrong[:WORST]]


def _number(name: str) -> int:
    digits = "".join(character for character in Path(name).stem.rsplit("_", 1)[-1] if character.isdigit())
    return int(digits) if digits else -1


@dataclass(frozen=True, slots=True)
class Session:
    """One probe: whose (None for someone outside the gallery), its frames and their lowest quality."""

    person: str | None
    label: int
    frames: tuple[Template, ...]
    quality: float


@dataclass(frozen=True, slots=True)
class OpenSet:
    """A gallery with its probes, built as FACTS describes it."""

    gallery: Gallery
    mated: list[Session]
    non_mated: list[Session]
    failures_to_enrol: int
    failures_to_acquire: int
    left_over: int


def build_open_set(samples: Sequence[Sample], references: int, frames: int = 1) -> OpenSet:
    """Return the open set of a folder.

    People with more photographs than `references` are the gallery: their first ones by name are references,
    the rest probes, `frames` photographs in file order a session. People with exactly one photograph are not
    in the gallery; their session is that photograph `frames` times over. Raises BadProtocol without people.
    """
    people: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda item: (item.person, item.name)):
        people[sample.person].append(sample)
    built = OpenSet(Gallery(), [], [], 0, 0, 0)
    failed_enrol = failed_acquire = left_over = 0
    for label, (person, photos) in enumerate(people.items()):
        if len(photos) == 1:
            usable = [s.template for s in photos if s.template] * frames
            failed_acquire += not usable
            built.non_mated.append(Session(None, label, tuple(usable), photos[0].quality))
        if len(photos) <= references:
            continue
        held = [sample.as_reference() for sample in photos[:references] if sample.template]
        failed_enrol += references - len(held)
        if held:
            built.gallery.add(person, held)
        groups = [photos[i : i + frames] for i in range(references, len(photos) - frames + 1, frames)]
        left_over += (len(photos) - references) % frames
        for group in groups:
            usable = [s.template for s in group if s.template]
            failed_acquire += len(group) - len(usable)
            built.mated.append(Session(person, label, tuple(usable), min(s.quality for s in group)))
    if not len(built.gallery) or not built.mated or not built.non_mated:
        raise BadProtocol("an open set needs people with more photographs than references, and with one")
    return OpenSet(built.gallery, built.mated, built.non_mated, failed_enrol, failed_acquire, left_over)


def evaluate_open_set(
    samples: Sequence[Sample], references: int, frames: int = 1, policy: Policy | None = None
) -> OpenSetResult:
    """Run the open-set protocol over all sessions. Raises BadProtocol."""
    chosen = policy or Policy()
    single = Policy(fpir=chosen.fpir, min_frames=1, calibration=chosen.calibration)
    built = build_open_set(samples, references, frames)
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
        rank1=Rate.of(int((~right).sum()), len(right)),
        points=points,
        default=[_default_point(fpir, built, single) for fpir in FPIRS],
        discard=discard_curve(built.mated, best, right, points[0].threshold),
        worst=_worst_sessions(built, mated, non_mated),
        mated_scores=best.tolist(),
        non_mated_scores=strangers.tolist(),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    nearest: str | None
    score: float
    decision: Decision | None


def _decide(session: Session, gallery: Gallery, policy: Policy) -> _Answer:
    if not session.frames:
        return _Answer(None, -1.0, None)
    best = candidates(session.frames, gallery, top=1)[0]
    return _Answer(best.person, best.score, decide(session.frames, gallery, policy))


def _point(fpir: float, best: Scores, right: Flags, strangers: Scores) -> OperatingPoint:
    """Return FNIR at the lowest threshold that no more than `fpir` of the strangers pass."""
    threshold = float(np.sort(strangers)[::-1][int(fpir * len(strangers))])
    return OperatingPoint(fpir, threshold, Rate.of(int((~((best > threshold) & right)).sum()), len(best)))


def _default_point(fpir: float, built: OpenSet, policy: Policy) -> DefaultPoint:
    asked = Policy(fpir=fpir, min_frames=1, margin_min=policy.margin_min, calibration=policy.calibration)
    answers = [(s, _decide(s, built.gallery, asked).decision) for s in built.mated]
    matches = [(s, d) for s, d in answers if d is not None and d.outcome is Outcome.MATCH]
    wrong = sum(d.person != s.person for s, d in matches)
    ambiguous = sum(d is not None and d.outcome is Outcome.AMBIGUOUS for _, d in answers)
    strangers = [_decide(s, built.gallery, asked).decision for s in built.non_mated]
    taken = sum(d is not None and d.outcome is Outcome.MATCH for d in strangers)
    return DefaultPoint(
        fpir_asked=fpir,
        threshold=asked.threshold(len(built.gallery)),
        wrong_person=Rate.of(wrong, len(answers)),
        not_recognised=Rate.of(len(answers) - len(matches), len(answers)),
        ambiguous=ambiguous,
        fpir=Rate.of(taken, len(strangers)),
    )


def discard_curve(
    sessions: Sequence[Session],
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
    built: OpenSet, mated: Sequence[_Answer], non_mated: Sequence[_Answer]
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


def non_mated_tail(samples: Sequence[Sample], references: int) -> Float32:
    """Return the scores of all comparisons of one person's last photograph with another one's references.

    References: of everybody with at least that many photographs, their first ones. (comparisons,)
    float32. Raises BadProtocol where nobody has.
    """
    people: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda item: (item.person, item.name)):
        if sample.template is not None:
            people[sample.person].append(sample)
    held = [person for person, rows in people.items() if len(rows) >= references]
    if not held:
        raise BadProtocol(f"nobody has {references} usable photographs")
    kept = (np.stack([one.as_reference().vector for one in people[person][:references]]) for person in held)
    centroids = np.stack([rows.mean(axis=0) for rows in kept])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    probes = np.stack([rows[-1].template.vector for rows in people.values() if rows[-1].template])
    scores = probes @ centroids.T
    own = {person: index for index, person in enumerate(people)}
    keep = np.ones(scores.shape, bool)
    for column, person in enumerate(held):
        keep[own[person], column] = False
    return np.asarray(scores[keep], np.float32)


def fit_calibration(scores: Float32, source: str) -> Calibration:
    """Return the calibration of a sample of non-mated scores.

    Down to the rate that leaves 30 comparisons above it the points are the sample's own quantiles. Past it
    the tail is a straight line in log rate, its slope from the median excess of the highest 100: the median,
    not the mean or the maximum, because a few pairs of a large collection are one person under two names. Of
    eight such fits this one kept its rate best on people it had not seen (docs/face-accuracy.md).
    """
    ranked = np.sort(scores.astype(np.float64))[::-1]
    if len(ranked) < 10_000:
        raise BadProtocol(f"{len(ranked)} comparisons of different people; a calibration needs 10,000")
    deepest = math.log10(30 / len(ranked))
    logs = [log for log in (-0.3, -1.0, -2.0, -3.0, -3.5, -4.0, -4.5, -5.0) if log > deepest + 0.1] + [
        deepest
    ]
    points = [(0.0, float(ranked[-1])), *((log, float(ranked[int(10**log * len(ranked))])) for log in logs)]
    slope = float(np.median(ranked[:100] - ranked[100])) / math.log(2) * math.log(10)
    points.append((deepest - 3, points[-1][1] + 3 * slope))
    return Calibration(tuple(log for log, _ in points), tuple(score for _, score in points), source)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What a calibration of half of the people reaches on the other half."""

    fpir_asked: float
    threshold: float
    fpir: Rate


def held_out(samples: Sequence[Sample], references: int, seed: int) -> list[HeldOut]:
    """Calibrate on a random half of the people, and return what the rates asked for become on the rest.

    The rest with enough photographs are the gallery; the rest with fewer are strangers, one session
    each: their first photograph. Every comparison is of people whom the calibration never saw.
    Raises BadProtocol.
    """
    people = sorted({sample.person for sample in samples})
    chosen = np.random.default_rng(seed).random(len(people)) < 0.5
    seen = {person for person, inside in zip(people, chosen, strict=True) if inside}
    calibration = fit_calibration(
        non_mated_tail([s for s in samples if s.person in seen], references), "half"
    )
    by_person: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.person not in seen and sample.template is not None:
            by_person[sample.person].append(sample)
    gallery = Gallery()
    for person, rows in by_person.items():
        if len(rows) >= references:
            gallery.add(person, [one.as_reference() for one in rows[:references]])
    strangers = [rows[0].template for rows in by_person.values() if len(rows) < references]
    if not len(gallery) or not strangers:
        raise BadProtocol("the other half has no gallery or no strangers")
    best = np.array([gallery.identify(row, top=1)[0].score for row in strangers if row])
    rows_out = []
    for fpir in FPIRS:
        threshold = calibration.threshold(fpir, len(gallery))
        rows_out.append(HeldOut(fpir, threshold, Rate.of(int((best >= threshold).sum()), len(best))))
    return rows_out
