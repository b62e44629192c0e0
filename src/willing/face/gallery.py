"""Hold the references of a gallery's people in memory and compare probes with them.

A person's score is the cosine between the probe and the direction of the mean of the person's references: of
the rules tried (docs/face-accuracy.md) the best and the cheapest: one row a person, one matrix-vector product
for all. Rows lie in blocks that never move, so adding and removing copy one row at most.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache

import numpy as np

from willing.face.errors import EmptyTemplates, MixedTemplates, UnknownPerson
from willing.face.threads import one_thread_each, usable_cores
from willing.face.types import TEMPLATE_LENGTH, Candidate, Float32, Template

# 262,144 rows of 128 float32 are 128 MiB of address space; the system gives memory only for rows in use.
BLOCK_ROWS = 262_144
# Scores are computed, and the best of them looked for, in chunks of this many; whole chunks fill a block.
CHUNK_ROWS = 8_192
# From here on waking the other cores costs less than they save: a search alone takes 0.4 ms.
SEVERAL_CORES_ROWS = 4 * CHUNK_ROWS
_RETRIES = 3


@cache
def _helpers(process_id: int) -> ThreadPoolExecutor:
    """Return the threads that help with large searches and sleep in between; a forked process has its own."""
    return ThreadPoolExecutor(max(1, usable_cores() - 1), thread_name_prefix=f"gallery-{process_id}")


class Gallery:
    """Identify and verify people among those added; safe for any number of threads.

    Searches take no lock while they multiply. A person who is removed while a search runs is never in its
    answer, because the final scores are taken from what the gallery holds at the end.
    """

    def __init__(self) -> None:
        one_thread_each()
        self._lock = threading.RLock()
        self._blocks: list[Float32] = []
        self._people: list[str] = []
        self._rows: dict[str, int] = {}
        self._kind: tuple[str, str] | None = None
        self._version = 0
        self._local = threading.local()

    def __len__(self) -> int:
        """Return how many people are held."""
        return len(self._rows)

    def __contains__(self, person: object) -> bool:
        return person in self._rows

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._rows))

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
        mean = np.mean([template.vector for template in templates], axis=0)
        norm = float(np.linalg.norm(mean))
        with self._lock:
            kind = self._common_kind(templates)
            self.remove(person)
            self._kind = kind
            row = len(self._people)
            if row == len(self._blocks) * BLOCK_ROWS:
                self._blocks.append(np.zeros((BLOCK_ROWS, TEMPLATE_LENGTH), np.float32))
            self._row(row)[:] = mean / max(norm, 1e-6)
            self._people.append(person)
            self._rows[person] = row
            self._version += 1

    def remove(self, person: str) -> bool:
        """Forget a person at once and overwrite the numbers with zeros; False where nobody had that name."""
        with self._lock:
            row = self._rows.pop(person, None)
            if row is None:
                return False
            self._close_row(row)
            self._version += 1
            if not self._rows:
                self._kind = None
            return True

    def identify(self, template: Template, top: int = 2) -> list[Candidate]:
        """Return the `top` most alike people, best first; fewer where fewer are held.

        Raises MixedTemplates where the probe's model or rotation is not the gallery's.
        """
        for attempt in range(_RETRIES + 1):
            version = self._version
            with self._lock if attempt == _RETRIES else nullcontext():
                rows = self._nominate(template, top)
                with self._lock:
                    if version != self._version and attempt < _RETRIES:
                        continue
                    self._require_same(template)
                    return self._ranked(template, rows)
        raise AssertionError("the last attempt holds the lock and always answers")

    def verify(self, person: str, template: Template) -> float:
        """Return the score, -1..1, of a probe and one person. Raises UnknownPerson, MixedTemplates."""
        with self._lock:
            row = self._rows.get(person)
            if row is None:
                raise UnknownPerson("the gallery does not hold this person")
            self._require_same(template)
            return float(self._row(row) @ template.vector)

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

    def _nominate(self, template: Template, count: int) -> list[int]:
        scores = self._scores(template)
        starts = range(0, len(scores), CHUNK_ROWS)
        tops = [start + int(scores[start : start + CHUNK_ROWS].argmax()) for start in starts]
        best: list[int] = []
        while len(best) < min(count, len(scores)):
            # Blanking the best one and looking again in its own chunk only: one pass over all, not many.
            row = max(tops, key=scores.__getitem__)
            best.append(row)
            scores[row] = -2
            chunk = row // CHUNK_ROWS
            start = chunk * CHUNK_ROWS
            tops[chunk] = start + int(scores[start : start + CHUNK_ROWS].argmax())
        return best

    def _scores(self, template: Template) -> Float32:
        used = len(self._people)
        buffer: Float32 | None = getattr(self._local, "buffer", None)
        if buffer is None or len(buffer) < used:
            buffer = self._local.buffer = np.empty(max(1024, used * 5 // 4), np.float32)
        scores = buffer

        def multiply(start: int) -> None:
            block, inside = divmod(start, BLOCK_ROWS)
            count = min(CHUNK_ROWS, used - start)
            rows = self._blocks[block][inside : inside + count]
            np.matmul(rows, template.vector, out=scores[start : start + count])

        starts = iter(range(0, used, CHUNK_ROWS))

        def work() -> None:
            for start in starts:
                multiply(start)

        others = usable_cores() - 1 if used >= SEVERAL_CORES_ROWS else 0
        helping = [_helpers(os.getpid()).submit(work) for _ in range(others)]
        work()
        for helper in helping:
            # A helper that did not come in time, busy with another search, is not waited for.
            if not helper.cancel():
                helper.result()
        return buffer[:used]

    def _ranked(self, template: Template, rows: Sequence[int]) -> list[Candidate]:
        found = [Candidate(self._people[row], float(self._row(row) @ template.vector)) for row in rows]
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
            self._rows[moved] = row
        self._row(last)[:] = 0
        self._people.pop()

    def _common_kind(self, templates: Sequence[Template]) -> tuple[str, str]:
        kinds = {(template.model_id, template.rotation_id) for template in templates}
        if self._kind is not None:
            kinds.add(self._kind)
        if len(kinds) > 1:
            raise MixedTemplates("a gallery holds templates of one model under one rotation")
        return kinds.pop()

    def _require_same(self, template: Template) -> None:
        if self._kind is not None and self._kind != (template.model_id, template.rotation_id):
            raise MixedTemplates("the probe is of another model or rotation than the gallery")
