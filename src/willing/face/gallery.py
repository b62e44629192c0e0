"""Hold the references of a gallery's people in memory and compare probes with them.

One centroid row a person is searched with a single matrix-vector product; the few best are then scored by the
full rule over all their references. Rows lie in blocks that never move, so adding and removing copy nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from willing.face.errors import EmptyTemplates, MixedTemplates, UnknownPerson
from willing.face.types import TEMPLATE_LENGTH, Candidate, Float32, Template

# 65,536 rows of 128 float32 are 32 MiB of address space; the system gives memory only for rows in use.
BLOCK_ROWS = 65_536
# How many people the product nominates beyond those asked for. The full rule reorders near ties only.
NOMINEES = 8
_RETRIES = 3


@dataclass(slots=True)
class _Entry:
    row: int
    references: Float32
    mean_norm: float


class Gallery:
    """Identify and verify people among those added; safe for any number of threads.

    Searches take no lock while they multiply. A person who is removed while a search runs is never in its
    answer, because the final scores are taken from what the gallery holds at the end.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._blocks: list[Float32] = []
        self._people: list[str] = []
        self._entries: dict[str, _Entry] = {}
        self._kind: tuple[str, str] | None = None
        self._version = 0
        self._local = threading.local()

    def __len__(self) -> int:
        """Return how many people are held."""
        return len(self._entries)

    def __contains__(self, person: object) -> bool:
        return person in self._entries

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._entries))

    def __repr__(self) -> str:
        return f"<Gallery of {len(self)} people>"

    @property
    def version(self) -> int:
        """Return a number that grows with every change."""
        return self._version

    def add(self, person: str, templates: Sequence[Template]) -> None:
        """Hold a person's references; a person already held is replaced.

        Raises EmptyTemplates, and MixedTemplates where models or rotations differ from those held.
        """
        if not templates:
            raise EmptyTemplates("a person needs at least one template")
        references = np.stack([template.vector for template in templates]).astype(np.float32)
        mean = references.mean(axis=0)
        norm = float(np.linalg.norm(mean))
        with self._lock:
            self._require_kind(templates)
            self.remove(person)
            row = len(self._people)
            if row == len(self._blocks) * BLOCK_ROWS:
                self._blocks.append(np.zeros((BLOCK_ROWS, TEMPLATE_LENGTH), np.float32))
            self._row(row)[:] = mean / max(norm, 1e-6)
            self._people.append(person)
            self._entries[person] = _Entry(row, references, norm)
            self._version += 1

    def remove(self, person: str) -> bool:
        """Forget a person at once and overwrite the numbers with zeros; False where nobody had that name."""
        with self._lock:
            entry = self._entries.pop(person, None)
            if entry is None:
                return False
            entry.references[:] = 0
            self._close_row(entry.row)
            self._version += 1
            if not self._entries:
                self._kind = None
            return True

    def identify(self, template: Template, top: int = 2) -> list[Candidate]:
        """Return the `top` most alike people, best first; fewer where fewer are held.

        Raises MixedTemplates where the probe's model or rotation is not the gallery's.
        """
        for attempt in range(_RETRIES + 1):
            version = self._version
            with self._lock if attempt == _RETRIES else nullcontext():
                rows = self._nominate(template, top + NOMINEES)
                with self._lock:
                    if version != self._version and attempt < _RETRIES:
                        continue
                    self._require_same(template)
                    return self._ranked(template, rows)[:top]
        raise AssertionError("the last attempt holds the lock and always answers")

    def verify(self, person: str, template: Template) -> float:
        """Return the score, -1..1, of a probe and one person. Raises UnknownPerson, MixedTemplates."""
        with self._lock:
            entry = self._entries.get(person)
            if entry is None:
                raise UnknownPerson("the gallery does not hold this person")
            self._require_same(template)
            return self._score(entry, template)

    def pairs_above(self, score_min: float) -> list[tuple[str, str, float]]:
        """Return every two people whose centroids score at least this: (one, other, score), in no order.

        Costs a product of all with all, in blocks of 1,024 rows: for a nightly check, not for a till.
        """
        with self._lock:
            people = list(self._people)
            rows = np.array([self._row(index) for index in range(len(people))], np.float32).reshape(
                -1, TEMPLATE_LENGTH
            )
        found = []
        for start in range(0, len(rows), 1024):
            scores = rows[start : start + 1024] @ rows.T
            for index, other in zip(*np.nonzero(scores >= score_min), strict=True):
                if start + index < other:
                    found.append((people[start + index], people[other], float(scores[index, other])))
        return found

    def _score(self, entry: _Entry, template: Template) -> float:
        return float(self._row(entry.row) @ template.vector)

    def _nominate(self, template: Template, count: int) -> list[int]:
        scores = self._scores(template)
        if len(scores) <= count:
            return list(range(len(scores)))
        if count * 64 > len(scores):
            return [int(row) for row in np.argpartition(scores, -count)[-count:]]
        # Far fewer wanted than held: blanking the best one at a time is faster than a partition.
        best = []
        for _ in range(count):
            row = int(scores.argmax())
            best.append(row)
            scores[row] = -2
        return best

    def _scores(self, template: Template) -> Float32:
        used = len(self._people)
        buffer: Float32 | None = getattr(self._local, "buffer", None)
        if buffer is None or len(buffer) < used:
            buffer = self._local.buffer = np.empty(max(1024, used * 5 // 4), np.float32)
        for index, start in enumerate(range(0, used, BLOCK_ROWS)):
            end = min(used, start + BLOCK_ROWS)
            np.matmul(self._blocks[index][: end - start], template.vector, out=buffer[start:end])
        return buffer[:used]

    def _ranked(self, template: Template, rows: Sequence[int]) -> list[Candidate]:
        people = [self._people[row] for row in rows]
        found = [Candidate(person, self._score(self._entries[person], template)) for person in people]
        return sorted(found, key=lambda candidate: (-candidate.score, candidate.person))

    def _row(self, row: int) -> Float32:
        block, inside = divmod(row, BLOCK_ROWS)
        view: Float32 = self._blocks[block][inside]
        return view

    def _close_row(self, row: int) -> None:
        """Move the last row into the gap and overwrite where it was: rows stay dense, one row is copied."""
        last = len(self._people) - 1
        moved = self._people[last]
        if row != last:
            self._row(row)[:] = self._row(last)
            self._people[row] = moved
            self._entries[moved].row = row
        self._row(last)[:] = 0
        self._people.pop()

    def _require_kind(self, templates: Sequence[Template]) -> None:
        kinds = {(template.model_id, template.rotation_id) for template in templates}
        if self._kind is not None:
            kinds.add(self._kind)
        if len(kinds) > 1:
            raise MixedTemplates("a gallery holds templates of one model under one rotation")
        self._kind = kinds.pop()

    def _require_same(self, template: Template) -> None:
        if self._kind is not None and self._kind != (template.model_id, template.rotation_id):
            raise MixedTemplates("the probe is of another model or rotation than the gallery")
