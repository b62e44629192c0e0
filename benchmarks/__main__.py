"""Run all benchmarks, print one table, and write benchmarks/results/latest.json."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks import (
    accuracy,
    before,
    books,
    cards,
    clients,
    crowd,
    gate,
    lunch,
    motion,
    papers,
    peers,
    phones,
    registers,
    request,
    rollcall,
    rooms,
    scale,
    second_screen,
    servers,
    speed,
    year,
)
from benchmarks.measure import Row, machine
from willing.face import Engine

RESULTS = Path(__file__).resolve().parent / "results" / "latest.json"
# Take minutes, and gigabytes or twenty browsers: only where it is named.
BY_HAND = ("year", "registers", "rollcall", "phones")
# Held beside an earlier commit: only where one is named.
BESIDE = ("before", "before-postgres")
SECTIONS = (
    "frame", "callers", "search", "process", "peers", "enrol", "unlinkability", "accuracy",
    "motion", "lunch", "crowd", "clients", "cards", "second-screen", "gate", "request", "servers", "erasure",
    "roster", "log", "ledger", "papers",
)  # fmt: skip


@click.command()
@click.option(
    "--only", multiple=True, type=click.Choice((*SECTIONS, *BY_HAND)), help="Run only these sections."
)
@click.option("--runs", default=60, show_default=True, help="Repetitions of short measurements.")
@click.option("--before", "commit", help="Only hold this version beside this earlier commit, on SQLite.")
@click.option("--postgres", "on_postgres", is_flag=True, help="With --before: on PostgreSQL.")
def main(only: tuple[str, ...], runs: int, commit: str | None, on_postgres: bool) -> None:
    """Measure the face engine beside its targets and its peers."""
    console = Console(stderr=True)
    engine = Engine.from_default_weights()
    described = {**machine(), "precision": engine.compute.precision, "threads": engine.compute.threads}
    rows: dict[str, list[Row]] = {}
    if commit:
        section = "before-postgres" if on_postgres else "before"
        rows[section] = list(before.before(engine, commit, tell(console), on_postgres=on_postgres))
    for section in () if commit else only or SECTIONS:
        console.print(f"measuring {section} …", style="dim")
        rows[section] = list(run_section(section, engine, runs))
    show([row for found in rows.values() for row in found])
    keep(rows, described)


def tell(console: Console) -> Callable[[str], None]:
    """Return what prints a line of progress, with the time that has passed since now."""
    started = time.monotonic()
    return lambda line: console.print(f"{time.monotonic() - started:4.0f} s  {line}", style="dim")


def keep(rows: dict[str, list[Row]], described: dict[str, object]) -> None:
    """Write the sections that were run, each with the machine's state, and leave the others as they were."""
    held = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for section, found in rows.items():
        figures = [{**asdict(row), "reached": row.reached} for row in found]
        held[section] = {"machine": described, "rows": figures}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps({name: held[name] for name in (*SECTIONS, *BY_HAND, *BESIDE) if name in held}, indent=1)
        + "\n"
    )


def run_section(section: str, engine: Engine, runs: int) -> Iterator[Row]:
    """Yield the rows of one section; those without their research photographs say so."""
    photographs = accuracy.FACES / "lfw"
    if section in ("enrol", "accuracy") and not photographs.is_dir():
        yield Row(section, "left out: the research photographs are not beside this checkout", 0, "")
        return
    if section == "motion" and not motion.CLIPS.is_dir():
        yield Row(section, "left out: the research clips are not beside this checkout", 0, "")
        return
    yield from {
        "frame": lambda: speed.frame_to_decision(engine, runs),
        "callers": lambda: speed.callers(engine, runs / 30),
        "search": lambda: speed.search(runs),
        "process": speed.process,
        "peers": lambda: peers.peers(engine, runs),
        "enrol": lambda: speed.enrol(engine, photographs, 1_000),
        "unlinkability": lambda: scale.unlinkability(engine),
        "accuracy": lambda: accuracy.accuracy(engine),
        "motion": lambda: motion.motion(engine, photographs),
        "lunch": lambda: lunch.lunch(engine),
        "crowd": crowd.crowd,
        "clients": clients.clients,
        "cards": cards.cards,
        "second-screen": second_screen.second_screen,
        "gate": gate.gate,
        "servers": servers.servers,
        "request": lambda: request.request(engine),
        "erasure": rooms.erasure,
        "roster": rooms.roster,
        "log": rooms.log,
        "ledger": books.books,
        "papers": papers.papers,
        "year": year.year,
        "registers": registers.registers,
        "rollcall": rollcall.rollcall,
        "phones": phones.phones,
    }[section]()


def show(rows: list[Row]) -> None:
    """Print the table: reached figures beside their targets."""
    table = Table("section", "figure", "reached", "target", "")
    for row in rows:
        sign = "≤" if row.at_most else "≥"
        target = "" if row.target is None else f"{sign} {row.target:g} {row.unit}"
        mark = {None: "", True: "yes", False: "NO"}[row.reached]
        table.add_row(
            row.section, row.name, f"{row.value:,.3f} {row.unit}", target, f"{mark} {row.note}".strip()
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
