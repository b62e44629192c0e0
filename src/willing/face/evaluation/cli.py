"""The command `willing face evaluate`: what the engine reaches on a folder of photographs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from willing.face.cli_tools import one_line_errors, progress
from willing.face.decisions import Policy
from willing.face.engine import Engine
from willing.face.evaluation.cache import TemplateCache, load_key
from willing.face.evaluation.calibrate import fit_calibration, held_out, non_mated_tail
from willing.face.evaluation.dataset import photographs, read_all
from willing.face.evaluation.later import LaterResult, evaluate_later
from willing.face.evaluation.open_set import OpenSetResult, evaluate_open_set
from willing.face.evaluation.pad_cli import evaluate_pad, show_pad
from willing.face.evaluation.pairs import PairsResult, evaluate_pairs
from willing.face.evaluation.report import require_plotly, write_open_set, write_pairs
from willing.face.evaluation.samples import Sample, sample_of
from willing.face.evaluation.splits import OverSplits, over_splits
from willing.face.evaluation.statistics import ErrorRate


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--protocol", type=click.Choice(["pairs", "open-set", "held-out", "later", "pad"]), required=True
)
@click.option(
    "--pairs", "pairs_file", type=click.Path(exists=True, path_type=Path), help="For --protocol pairs."
)
@click.option("--references", default=3, show_default=True, help="References a person, for open-set.")
@click.option("--frames", default=1, show_default=True, help="Photographs a decision, for open-set.")
@click.option("--seed", default=1, show_default=True, help="Splits the people, for held-out and pad.")
@click.option(
    "--splits", default=1, show_default=True, type=click.IntRange(1, 1000), help="Splits, for held-out."
)
@click.option(
    "--clips",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of films in FOLDER, for pad.",
)
@click.option(
    "--liveness", "network", type=click.Path(dir_okay=False, path_type=Path), help="An ONNX file, for pad."
)
@click.option("--cache", "held", type=click.Path(dir_okay=False, path_type=Path), help="Resume from here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--report", type=click.Path(path_type=Path), help="Write a page with curves (extra evaluate).")
def evaluate(  # noqa: PLR0913, PLR0917  (one argument an option)
    folder: Path,
    protocol: str,
    pairs_file: Path | None,
    references: int,
    frames: int,
    seed: int,
    splits: int,
    clips: Path | None,
    network: Path | None,
    held: Path | None,
    as_json: bool,
    report: Path | None,
) -> None:
    """Measure the engine on FOLDER, which holds one folder of photographs per person.

    pairs: are two photographs one person? open-set: who of the gallery is it, or nobody? held-out: does a
    calibration made on half of the people keep its rate on the other half? later: what does one later
    reference give? pad: which pictures of people pass
    for people? FOLDER then holds films named kind-person.mp4, or folders of photographs, or both. People
    appear by index only.
    """
    if protocol == "pairs" and pairs_file is None:
        raise click.UsageError("--protocol pairs needs --pairs FILE")
    if protocol == "pad" and (report or held):
        raise click.UsageError("--protocol pad has no --report and no --cache")
    with one_line_errors():
        if protocol == "pad":
            show_pad(evaluate_pad(folder, clips, network, seed), as_json=as_json)
            return
        if report:
            require_plotly()
        samples = read_samples(folder, held=held)
        if protocol == "held-out":
            _show_held_out(samples, references, range(seed, seed + splits), as_json)
        elif protocol == "later":
            _show_later(evaluate_later(samples, references), as_json)
        elif pairs_file is not None and protocol == "pairs":
            _show_pairs(evaluate_pairs(samples, pairs_file), as_json, report)
        else:
            _show_open_set(evaluate_open_set(samples, references, frames, Policy()), as_json, report)


def read_samples(folder: Path, engine: Engine | None = None, held: Path | None = None) -> list[Sample]:
    """Return a sample for every photograph of a folder, the unreadable ones with their problem.

    held: a cache (see cache.py) that keeps what is done, its key in a file beside it with ".key" added.
    """
    engine = engine or Engine.from_default_weights()
    items = photographs(folder)
    with progress("Reading photographs", len(items)) as advance:
        if held is None:
            return [sample_of(reading) for reading in read_all(engine, items, on_done=advance)]
        cached = TemplateCache(held, load_key(held.with_name(held.name + ".key")), engine.model_id)
        return list(cached.samples(engine, items, on_done=advance))


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--cache", "held", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def enrol(folder: Path, held: Path, as_json: bool) -> None:
    """Read FOLDER, one folder of photographs per person, into a sealed file that `evaluate --cache` reads.

    A run that was broken off goes on where it stopped. Photographs without a usable face are named:
    they are failures to enrol. The key is made beside it, in a file only you can read.
    """
    with one_line_errors():
        samples = read_samples(folder, held=held)
    failed = [sample for sample in samples if sample.template is None]
    counts = {"photographs": len(samples), "enrolled": len(samples) - len(failed), "failures": len(failed)}
    if as_json:
        rows = [{"person": s.person, "photo": s.name, "problem": s.problem} for s in failed]
        click.echo(json.dumps({**counts, "failed": rows}))
        return
    for sample in failed:
        click.echo(f"{sample.person}/{sample.name}: {sample.problem}", err=True)
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


def _show_pairs(result: PairsResult, as_json: bool, report: Path | None) -> None:
    if report:
        write_pairs(result, report)
    if as_json:
        numbers = {key: value for key, value in asdict(result).items() if key not in ("mated", "non_mated")}
        click.echo(json.dumps(numbers))
        return
    click.echo(
        f"{result.pairs} pairs: {result.accuracy:.2%} right, standard deviation over folds "
        f"{result.accuracy_sd:.2%}, threshold {result.threshold:.3f}, failures {result.failures}"
    )


def _show_open_set(result: OpenSetResult, as_json: bool, report: Path | None) -> None:
    if report:
        write_open_set(result, report)
    if as_json:
        click.echo(json.dumps(result.as_dict()))
        return
    title = (
        f"{result.people} people, {result.references} references, {result.frames} photographs a session; "
        f"{result.mated} mated and {result.non_mated} non-mated sessions; failures to enrol "
        f"{result.failures_to_enrol}, to acquire {result.failures_to_acquire}; left over {result.left_over}"
    )
    table = Table(
        "FPIR", "FNIR, threshold found afterwards", "FPIR reached", "wrong", "not recognised", title=title
    )
    for point, default in zip(result.points, result.default, strict=True):
        cells = (point.fnir, default.fpir, default.wrong_person, default.not_recognised)
        table.add_row(f"{point.fpir_asked:.1%}", *(rate_text(rate) for rate in cells))
    Console().print(table)
    click.echo(f"rank 1: {1 - result.rank1.rate:.2%}")


def _show_held_out(samples: Sequence[Sample], references: int, seeds: range, as_json: bool) -> None:
    if len(seeds) > 1:
        _show_splits(over_splits(samples, references, seeds), as_json)
        return
    rows = held_out(samples, references, seeds[0])
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    calibration = fit_calibration(non_mated_tail(samples, references), "this folder")
    click.echo(f"calibration of the whole folder: {calibration.log10_fmr} -> {calibration.score}")
    for row in rows:
        click.echo(
            f"asked {row.fpir_asked:.1%}: reached {rate_text(row.fpir)} at threshold {row.threshold:.3f}"
        )


def _show_splits(rows: Sequence[OverSplits], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    title = f"{rows[0].splits} splits; in brackets the 5th and 95th percentile of the splits"
    table = Table("FPIR asked", "FPIR reached", "FNIR there", "FNIR where just that rate is met", title=title)
    for row in rows:
        cells = (
            f"{one.rate:.2%} ({one.low:.2%}-{one.high:.2%})" for one in (row.fpir, row.fnir, row.fnir_met)
        )
        table.add_row(f"{row.fpir_asked:.1%}", *cells)
    Console().print(table)


def _show_later(result: LaterResult, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.as_dict()))
        return
    others = f"{result.others_kept} of {result.others}, the highest score {result.highest_other:.3f}"
    click.echo(f"own later photographs that are kept: {rate_text(result.kept)}; other people's: {others}")
    table = Table("", "the desk's references", "with a later one")
    for before, after in zip(result.before.points, result.after.points, strict=True):
        row = rate_text(before.fnir), rate_text(after.fnir)
        table.add_row(f"FNIR at FPIR {before.fpir_asked:.1%}, found afterwards", *row)
    for one, other in zip(result.before.default, result.after.default, strict=True):
        asked = f"shipped default, FPIR asked {one.fpir_asked:.1%}"
        table.add_row(f"{asked}: not recognised", *map(rate_text, (one.not_recognised, other.not_recognised)))
        table.add_row(f"{asked}: FPIR", *map(rate_text, (one.fpir, other.fpir)))
    table.add_row("1:1, not recognised (FNMR)", *map(rate_text, result.fnmr))
    table.add_row("1:1, others recognised (FMR)", *map(rate_text, result.fmr))
    Console(width=150).print(table)


def rate_text(rate: ErrorRate) -> str:
    """Return a rate with its count and interval, for people."""
    return f"{rate.rate:.2%} ({rate.errors}/{rate.trials}; {rate.low:.2%}-{rate.high:.2%})"
