"""Read a folder that holds one folder of photographs per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from willing.face.engine import Engine
from willing.face.errors import BadProtocol, FaceError
from willing.face.threads import usable_cores
from willing.face.types import Face

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"})


@dataclass(frozen=True, slots=True)
class Photograph:
    """One file of one person."""

    person: str
    path: Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What the engine made of a photograph: the face, or the short code of why there is none."""

    photograph: Photograph
    face: Face | None
    problem: str = ""


def photographs(folder: Path) -> list[Photograph]:
    """Return all photographs, sorted by person and file name. Raises BadProtocol where there are none."""
    people = sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    found = [
        Photograph(person.name, path)
        for person in people
        for path in sorted(person.iterdir())
        if path.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise BadProtocol(f"{folder}: holds no folder of photographs")
    return found


def read_all(
    engine: Engine,
    items: Sequence[Photograph],
    *,
    on_done: Callable[[], None] = lambda: None,
) -> Iterator[Reading]:
    """Return a reading for each photograph, in order; one that cannot be read is a problem, not an end.

    Two threads share a core: while one waits for Python the other keeps the core busy. That is a sixth more
    photographs a second than one thread for each (docs/performance.md).
    """

    def one(item: Photograph) -> Reading:
        try:
            face = engine.portrait(item.path.read_bytes())
            return Reading(item, face, "" if face else "no_face")
        except FaceError as error:
            return Reading(item, None, error.code)
        except OSError:
            return Reading(item, None, "unreadable_file")
        finally:
            on_done()

    with ThreadPoolExecutor(2 * usable_cores()) as pool:
        yield from pool.map(one, items)
