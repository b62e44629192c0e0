"""Run the pairs protocol: are two photographs of one person? As LFW's view 2 asks it.

A pair with a photograph that cannot be read, or that shows no face, counts as wrong. Pairs appear by index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from willing.face.errors import BadProtocol
from willing.face.evaluation.samples import Sample
from willing.face.evaluation.statistics import WORST, Flags, Scores

# Two photographs, each a person with the number in its file name, and whether they are of one person.
Pair = tuple[tuple[str, int], tuple[str, int], bool]


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


def read_pairs(path: Path) -> tuple[int, list[Pair]]:
    """Return the number of folds and the pairs of a file in the form of LFW's pairs.txt.

    First line: folds and pairs a kind. Then `person first second`, mated, or `person first other second`.
    Raises BadProtocol.
    """
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        folds = int(lines[0][0])
        pairs: list[Pair] = []
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
    mated = np.array([pair[2] for pair in pairs])
    scores, failed = _compare(samples, pairs, path)
    accuracies, thresholds = _cross_validate(scores, mated, failed, folds)
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


def _compare(samples: Sequence[Sample], pairs: Sequence[Pair], path: Path) -> tuple[Scores, Flags]:
    """Return each pair's score, and whether a photograph of it gave no template."""
    known = {(sample.person, _number(sample.name)): sample for sample in samples}
    scores, failed = np.zeros(len(pairs)), np.zeros(len(pairs), bool)
    for index, (first, second, _) in enumerate(pairs):
        try:
            left, right = known[first], known[second].template
        except KeyError:
            raise BadProtocol(f"{path}: pair {index} names a photograph that is not in the folder") from None
        if left.template is None or right is None:
            failed[index] = True
        else:
            scores[index] = float(left.as_reference().vector @ right.vector)
    return scores, failed


def _cross_validate(
    scores: Scores, mated: Flags, failed: Flags, folds: int
) -> tuple[list[float], list[float]]:
    """Return each fold's accuracy and threshold, the threshold being the best one of the other folds."""
    fold_of = np.arange(len(scores)) * folds // len(scores)
    accuracies, thresholds = [], []
    for fold in range(folds):
        inside, others = fold_of == fold, (fold_of != fold) & ~failed
        threshold = best_threshold(scores[others], mated[others])
        right = ((scores[inside] >= threshold) == mated[inside]) & ~failed[inside]
        accuracies.append(float(right.mean()))
        thresholds.append(threshold)
    return accuracies, thresholds


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
