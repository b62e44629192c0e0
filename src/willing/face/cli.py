"""The commands `willing face …`: the engine without a school."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from willing.face.decide import Decision, Policy, decide
from willing.face.engine import Engine
from willing.face.errors import FaceError
from willing.face.folders import photographs, read_all
from willing.face.gallery import Gallery
from willing.face.types import Template


@click.group()
def face() -> None:
    """Compare faces on this machine, without a school, a database or a network."""


@face.command()
@click.option(
    "--gallery",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with one folder of photographs per person.",
)
@click.option("--fpir", default=0.001, show_default=True, help="Accepted rate of wrong persons.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
def identify(folder: Path, fpir: float, as_json: bool, photos: tuple[Path, ...]) -> None:
    """Say for each PHOTO which person of the gallery it shows: MATCH, AMBIGUOUS or UNKNOWN.

    Ends with 0 where every photograph was read, whatever was decided; with 1 where one could not be.
    """
    with _told():
        engine = Engine.from_default_weights()
        gallery = _load(engine, folder)
        policy = Policy(fpir=fpir, min_frames=1)
        answers = [_identify(engine, gallery, policy, photo) for photo in photos]
    for answer in answers:
        click.echo(json.dumps(answer.as_dict(), ensure_ascii=False) if as_json else answer.as_text())
    if any(answer.problem for answer in answers):
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class _Answer:
    photo: Path
    decision: Decision | None
    ms: float
    problem: str = ""

    def as_dict(self) -> dict[str, object]:
        found = self.decision
        return {
            "photo": str(self.photo),
            "decision": found.outcome.value if found else "error",
            "person": found.person if found else None,
            "score": round(found.score, 4) if found else None,
            "margin": round(found.margin, 4) if found else None,
            "ms": round(self.ms, 2),
            **({"problem": self.problem} if self.problem else {}),
        }

    def as_text(self) -> str:
        if self.decision is None:
            return f"{self.photo}: {self.problem}"
        who = f" {self.decision.person}" if self.decision.person else ""
        scores = f"score {self.decision.score:.3f}, margin {self.decision.margin:.3f}, {self.ms:.1f} ms"
        return f"{self.photo}: {self.decision.outcome.value}{who} ({scores})"


def _identify(engine: Engine, gallery: Gallery, policy: Policy, photo: Path) -> _Answer:
    started = time.perf_counter()
    try:
        faces = engine.analyse(photo.read_bytes())
        decision = decide([faces[0].template], gallery, policy) if faces else None
        problem = "" if faces else "no_face"
    except FaceError as error:
        decision, problem = None, error.code
    except OSError:
        decision, problem = None, "unreadable_file"
    return _Answer(photo, decision, (time.perf_counter() - started) * 1e3, problem)


def _load(engine: Engine, folder: Path) -> Gallery:
    items = photographs(folder)
    templates: dict[str, list[Template]] = {item.person: [] for item in items}
    with progress("Reading the gallery", len(items)) as advance:
        for reading in read_all(engine, items, on_done=advance):
            if reading.face is None:
                click.echo(f"{reading.photograph.path}: left out, {reading.problem}", err=True)
            else:
                templates[reading.photograph.person].append(reading.face.template)
    gallery = Gallery()
    for person, rows in templates.items():
        if rows:
            gallery.add(person, rows)
        else:
            click.echo(f"{person}: not enrolled, no usable photograph", err=True)
    return gallery


class _Advance:
    """Count steps, and show a bar on stderr from the first second on; quick work stays quiet."""

    def __init__(self, bar: Progress, text: str, total: int) -> None:
        self._bar, self._text, self._total = bar, text, total
        self._done, self._started = 0, time.monotonic()
        self._task: TaskID | None = None

    def __call__(self) -> None:
        self._done += 1
        if self._task is None and time.monotonic() - self._started > 1:
            self._bar.start()
            self._task = self._bar.add_task(self._text, total=self._total)
        if self._task is not None:
            self._bar.update(self._task, completed=self._done)

    def finish(self) -> None:
        """Leave the bar's last state on the screen where there was one."""
        if self._task is not None:
            self._bar.stop()


@contextmanager
def progress(text: str, total: int) -> Iterator[_Advance]:
    """Return a function to call after each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    advance = _Advance(Progress(*columns, console=Console(stderr=True)), text, total)
    try:
        yield advance
    finally:
        advance.finish()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FaceError as error:
        raise click.ClickException(f"{error} [{error.code}]") from None
