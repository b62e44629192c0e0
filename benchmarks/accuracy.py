"""Run the evaluation's protocols on the research photographs, where they lie beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.frames import ROOT
from benchmarks.measure import Row
from willing.face import Engine
from willing.face.evaluation.calibrate import held_out
from willing.face.evaluation.cli import read_samples
from willing.face.evaluation.open_set import evaluate_open_set
from willing.face.evaluation.pairs import evaluate_pairs

FACES = ROOT.parent / "shared" / "faces"
SEED = 1


def accuracy(engine: Engine, folder: Path = FACES) -> Iterator[Row]:
    """Yield every accuracy target beside what was reached, in percent."""
    samples = read_samples(folder / "lfw", engine)
    pairs = evaluate_pairs(samples, folder / "lfw-pairs.txt")
    yield Row("accuracy", "pairs right", 100 * pairs.accuracy, "%", 99.55, at_most=False)
    single = evaluate_open_set(samples, 3)
    for point, target in zip(single.points, (None, 0.6, 0.7), strict=True):
        name = f"3 references, FNIR at FPIR {point.fpir_asked:.1%}"
        yield Row("accuracy", name, 100 * point.fnir.rate, "%", target)
    three = evaluate_open_set(samples, 3, 3).default[-1]
    yield Row("accuracy", "3 references, 3 frames: wrong persons", three.wrong_person.errors, "", 0)
    missed = 100 * three.not_recognised.rate
    yield Row("accuracy", "3 references, 3 frames: not recognised", missed, "%", 0.3)
    one, _, tenth = held_out(samples, 3, SEED)
    factor = max(one.fpir.rate / one.fpir_asked, one.fpir_asked / max(one.fpir.rate, 1e-9))
    yield Row("accuracy", "held-out people, FPIR 1 % asked: off by a factor of", factor, "times", 2)
    inside = float(tenth.fpir.low <= tenth.fpir_asked <= tenth.fpir.high)
    note = f"reached {tenth.fpir.rate:.3%}, 95 % {tenth.fpir.low:.3%} to {tenth.fpir.high:.3%}"
    yield Row(
        "accuracy", "held-out people, FPIR 0.1 % inside the interval", inside, "", 1, at_most=False, note=note
    )
