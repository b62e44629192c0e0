"""The commands `willing face …`: the engine without a school."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from willing.face.cli_tools import one_line_errors, progress
from willing.face.decisions import FaceDecision, Policy, decide
from willing.face.engine import Engine
from willing.face.errors import FaceError
from willing.face.evaluation.cli import enrol, evaluate
from willing.face.evaluation.dataset import photographs, read_all
from willing.face.gallery import Gallery
from willing.face.liveness_cli import liveness
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
    """Decide for each PHOTO which person of the gallery it shows: MATCH, AMBIGUOUS or UNKNOWN.

    Exits with 0 where every photograph was read, whatever was decided; with 1 where one could not be.
    """
    with one_line_errors():
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
    decision: FaceDecision | None
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
        found = engine.portrait(photo.read_bytes(), purpose="till")
        decision = decide([found.template], gallery, policy) if found else None
        problem = "" if found else "no_face"
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
                templates[reading.photograph.person].append(reading.face.reference)
    gallery = Gallery()
    for person, rows in templates.items():
        if rows:
            gallery.add(person, rows)
        else:
            click.echo(f"{person}: not enrolled, no usable photograph", err=True)
    return gallery


face.add_command(evaluate)
face.add_command(enrol)
face.add_command(liveness)
