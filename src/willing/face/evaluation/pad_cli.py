"""What `willing face evaluate --protocol pad` does: on films, on people's photographs, or on both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from willing.face.cli_tools import progress
from willing.face.engine import Engine
from willing.face.errors import BadProtocol, LivenessUnavailable
from willing.face.evaluation import pad
from willing.face.evaluation.clips import clips_of, read_clip
from willing.face.evaluation.dataset import SUFFIXES, Photograph, photographs
from willing.face.evaluation.pad_photographs import photograph_sessions
from willing.face.evaluation.statistics import ErrorRate
from willing.face.liveness.limits import LIMITS
from willing.face.liveness.turn import MISS_MIN
from willing.face.liveness.watch import Liveness
from willing.face.liveness.weights import find_installed


@dataclass(frozen=True, slots=True)
class PadResult:
    """What the pad protocol gave. halves: the people's photographs in two halves by the seed.

    Limits may be chosen on the first half; the second is kept back until then.
    """

    network: str
    seed: int
    limits: dict[str, float]
    clips: list[pad.KindResult]
    turns: list[pad.TurnResult]
    cost: pad.Cost | None
    halves: list[list[pad.KindResult]]


def evaluate_pad(
    folder: Path, listed: Path | None, network: Path | None, seed: int, engine: Engine | None = None
) -> PadResult:
    """Run the protocol. network: an ONNX file, default the installed one.

    Raises LivenessUnavailable without a network, BadProtocol where the folder holds neither films nor people.
    """
    engine = engine or Engine.from_default_weights()
    check = _check(engine, network)
    clips = clips_of(folder, listed)
    halves = _halves(folder, seed)
    if not clips and not halves:
        raise BadProtocol(f"{folder}: holds no films and no folders of photographs")
    living = [clip for clip in clips if clip.kind == pad.LIVING] or clips
    return PadResult(
        network=check.name,
        seed=seed,
        limits={**asdict(LIMITS), "turn_miss_min": MISS_MIN},
        clips=pad.results(list(pad.clip_sessions(engine, check, clips)), seed),
        turns=list(pad.clip_turns(engine, clips)),
        # Any frames do for the time; a living clip's have usable faces.
        cost=pad.cost(engine, check, read_clip(engine, living[0])[:40]) if living else None,
        halves=[_judged(engine, check, half, seed) for half in halves],
    )


def _judged(engine: Engine, check: Liveness, half: list[Photograph], seed: int) -> list[pad.KindResult]:
    with progress("Judging photographs", len(half)) as advance:
        return pad.results(list(photograph_sessions(engine, check, half, seed, advance)), seed)


def _check(engine: Engine, network: Path | None) -> Liveness:
    if network is not None:
        return engine.liveness(network)
    installed = find_installed()
    if installed is None:
        raise LivenessUnavailable(
            "no network is installed: `willing face liveness install`, or --liveness FILE"
        )
    return engine.liveness(installed.path)


def _halves(folder: Path, seed: int) -> list[list[Photograph]]:
    """Return the first photograph of each person, the people in two halves; nothing where there are none."""
    if not any(path.suffix.lower() in SUFFIXES for path in folder.glob("*/*")):
        return []
    first: dict[str, Photograph] = {}
    for item in photographs(folder):
        first.setdefault(item.person, item)
    people = np.random.default_rng(seed).permutation(sorted(first)).tolist()
    middle = len(people) // 2
    parts = (sorted(people[:middle]), sorted(people[middle:]))
    return [[first[person] for person in part] for part in parts if part]


def show_pad(result: PadResult, *, as_json: bool) -> None:
    """Print the result for programs or for people.

    Of attacks the share that passed is ISO/IEC 30107-3's APCER; of the living the share sent on is its BPCER,
    and who is asked to turn is neither yet.
    """
    if as_json:
        click.echo(json.dumps(_as_json(result)))
        return
    click.echo(f"network {result.network}, seed {result.seed}")
    click.echo("Of attacks, passed is APCER; of living people, sent on is BPCER (ISO/IEC 30107-3).")
    if result.clips:
        _table("Clips, by session", result.clips)
        for turn in result.turns:
            click.echo(
                f"a random turn, {turn.kind} {turn.clip}: answered by {turn.answered:.0%} of {turn.windows} "
                f"windows, nose at most {turn.furthest:.2f}"
            )
    for title, half in zip(
        ("Photographs, first half", "Photographs, kept back"), result.halves, strict=False
    ):
        _table(title, half)
    if result.cost:
        click.echo(f"added to a frame: {result.cost.added_ms:.2f} ms of {result.cost.frame_ms:.2f} ms")


def _as_json(result: PadResult) -> dict[str, Any]:
    """Return the result with the rates under the standard's names as well."""
    said = asdict(result)
    for row in [*said["clips"], *(row for half in said["halves"] for row in half)]:
        row["apcer"] = row["passed"] if row["is_attack"] else None
        row["bpcer"] = None if row["is_attack"] else row["sent_on"]
    return said


def _table(title: str, rows: Sequence[pad.KindResult]) -> None:
    table = Table(
        "kind", "sessions", "no answer", "passed", "asked to turn", "sent on", "RIAPAR", title=title
    )
    for row in rows:
        riapar = "" if row.riapar is None else f"{row.riapar:.1%}"
        cells = (row.passed, row.asked, row.sent_on)
        counts = (row.kind, str(row.sessions), str(row.no_answer))
        table.add_row(*counts, *(_text(rate) for rate in cells), riapar)
    Console().print(table)


def _text(rate: ErrorRate) -> str:
    return f"{rate.rate:.1%} ({rate.errors}/{rate.trials}; {rate.low:.1%}-{rate.high:.1%})"
