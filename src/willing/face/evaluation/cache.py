"""Keep the templates of a folder's photographs in one sealed file, so that reading a folder can be resumed.

For measuring and for using the library alone; a school's references live in its database, not here. One JSON
line a photograph, appended as it is done: a run that was broken off goes on where it stopped, and a line cut
short by a crash is done again. Templates are sealed under the key in a file of its own (`protect.seal`).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from willing.face.engine import Engine
from willing.face.errors import BadSecret, SealBroken
from willing.face.evaluation.dataset import Photograph, read_all
from willing.face.evaluation.samples import Sample, sample_of
from willing.face.protect import SECRET_BYTES, SealContext, open_sealed, seal, templates_of


def load_key(path: Path) -> bytes:
    """Return the 32-byte key in a file, made there (mode 600) where there is none. Raises BadSecret."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != SECRET_BYTES:
            raise BadSecret(f"{path}: a key has {SECRET_BYTES} bytes") from None
        return key
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_bytes(SECRET_BYTES)
        file.write(key)
    return key


@dataclass(frozen=True, slots=True)
class TemplateCache:
    """A file of sealed templates under one key, for one model."""

    path: Path
    key: bytes = field(repr=False)
    model_id: str

    def read(self) -> dict[str, Sample]:
        """Return all samples held, by `mark` of their photograph. Raises SealBroken on another key."""
        held = {}
        for line in self._lines():
            row = json.loads(line)
            if row["model"] == self.model_id:
                held[row["mark"]] = self._sample(row)
        return held

    def samples(
        self, engine: Engine, items: Sequence[Photograph], on_done: Callable[[], None] = lambda: None
    ) -> Iterator[Sample]:
        """Yield a sample for each photograph: those held at once, the others read and appended."""
        held = self.read()
        missing = [item for item in items if mark(item) not in held]
        for _ in range(len(items) - len(missing)):
            on_done()
        fresh = read_all(engine, missing, on_done=on_done)
        with self.path.open("a", encoding="utf-8") as file:
            for item in items:
                known = held.get(mark(item))
                if known is None:
                    known = sample_of(next(fresh))
                    file.write(self._row(item, known) + "\n")
                    file.flush()
                yield known

    def _lines(self) -> list[str]:
        """Return the complete lines; a last one cut short is cut off the file."""
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        end = data.rfind(b"\n") + 1
        if end < len(data):
            os.truncate(self.path, end)
        return data[:end].decode().splitlines()

    def _context(self, marked: str) -> SealContext:
        return SealContext(person=marked, school="", model=self.model_id, version=1)

    def _row(self, item: Photograph, sample: Sample) -> str:
        sealed = ""
        if sample.template is not None:
            rows = np.stack([sample.template.vector, sample.as_reference().vector])
            sealed = base64.b64encode(seal(rows, self.key, self._context(mark(item)))).decode()
        facts = {"mark": mark(item), "person": sample.person, "name": sample.name, "model": self.model_id}
        return json.dumps({**facts, "quality": sample.quality, "problem": sample.problem, "sealed": sealed})

    def _sample(self, row: dict[str, str]) -> Sample:
        template = reference = None
        if row["sealed"]:
            context = self._context(row["mark"])
            try:
                sealed = base64.b64decode(row["sealed"], validate=True)
            except binascii.Error:
                raise SealBroken("a line of the cache was changed") from None
            template, reference = templates_of(open_sealed(sealed, self.key, context), context)
        return Sample(row["person"], row["name"], template, float(row["quality"]), row["problem"], reference)


def mark(item: Photograph) -> str:
    """Return what names a photograph and changes with it: person, file name, size and time of change."""
    facts = item.path.stat()
    return f"{item.person}/{item.path.name}:{facts.st_size}:{facts.st_mtime_ns}"
