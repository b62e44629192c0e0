"""Time one frame, its parts, many callers, the search, the start, and enrolling a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from benchmarks.frames import REFERENCES, portrait, till_frame
from benchmarks.measure import Row, interleaved_ms, median_ms, percentile
from willing.face import Engine, Gallery, Policy, Template, decide
from willing.face.evaluation.dataset import photographs, read_all
from willing.face.pipeline.detect import TILL_SIDE
from willing.face.pipeline.images import load
from willing.face.threads import usable_cores

ONE = Policy(min_frames=1)


def filled_gallery(engine: Engine, people: int) -> Gallery:
    """Return a gallery of the enrolled sample people and of as many random ones as are missing."""
    gallery = Gallery()
    for person, name in REFERENCES.items():
        found = engine.portrait(portrait(name))
        assert found is not None
        gallery.add(person, [found.reference])
    rows = np.random.default_rng(7).standard_normal((people - len(REFERENCES), 128)).astype(np.float32)
    for index, row in enumerate(rows):
        gallery.add(f"random {index}", [Template.from_array(row, model_id=engine.model_id)])
    return gallery


def frame_to_decision(engine: Engine, runs: int) -> Iterator[Row]:
    """Yield one frame's time over two gallery sizes, and the sum of its bare parts in the same turns."""
    jpeg = till_frame(engine, "person_b_2")
    small, large = filled_gallery(engine, 2_000), filled_gallery(engine, 50_000)

    def whole(gallery: Gallery) -> Callable[[], object]:
        def run() -> object:
            face = engine.process_frame(jpeg).face
            assert face is not None
            return decide([face.template], gallery, ONE)

        return run

    picture = load(jpeg)
    detection = engine.detect(picture)[0]
    exact, aligned = engine.align(picture, detection)
    template = engine.embed(aligned)
    matrix = np.random.default_rng(1).standard_normal((2_000, 128)).astype(np.float32)
    times = interleaved_ms(
        {
            "2,000": whole(small),
            "decode": lambda: load(jpeg),
            "detect": lambda: engine.detect(picture, TILL_SIDE),
            "second pass": lambda: engine.align(picture, detection),
            "embed": lambda: engine.embed(aligned),
            "product": lambda: matrix @ template.vector,
        },
        runs,
    )
    # Apart: reading 25 MB in each turn would push the networks out of the cache before the others' turn.
    times |= interleaved_ms({"50,000": whole(large)}, runs)
    assert exact.score > 0
    yield Row("frame", "640x480 JPEG to decision, 2,000 people", times["2,000"], "ms", 6)
    yield Row("frame", "640x480 JPEG to decision, 2,000 people (first release)", times["2,000"], "ms", 8)
    yield Row("frame", "640x480 JPEG to decision, 50,000 people", times["50,000"], "ms", 6.5)
    parts = ("decode", "detect", "second pass", "embed", "product")
    for part in parts:
        yield Row("frame", f"bare part: {part}", times[part], "ms")
    bare = sum(times[part] for part in parts)
    yield Row("frame", "whole / sum of bare parts", times["2,000"] / bare, "times", 1.15)


def callers(engine: Engine, seconds: float) -> Iterator[Row]:
    """Yield frames a second and the 99th percentile for 1 to 16 threads on one engine."""
    jpeg = till_frame(engine, "person_b_2")
    gallery = filled_gallery(engine, 2_000)
    for count in (1, 2, 4, 8, 16):
        times: list[float] = []
        end = time.perf_counter() + seconds

        def work(times: list[float] = times, end: float = end) -> None:
            while (started := time.perf_counter()) < end:
                face = engine.process_frame(jpeg).face
                assert face is not None
                decide([face.template], gallery, ONE)
                times.append((time.perf_counter() - started) * 1e3)

        threads = [threading.Thread(target=work) for _ in range(count)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(times) / (time.perf_counter() - started)
        yield Row("callers", f"{count} callers: frames a second", rate, "1/s")
        yield Row("callers", f"{count} callers: 99th percentile", percentile(times, 0.99), "ms")


def search(runs: int) -> Iterator[Row]:
    """Yield the time of 1:N search beside the bare product of the same size, which may use every core."""
    libraries = ThreadpoolController()

    def product(matrix: np.ndarray) -> np.ndarray:
        with libraries.limit(limits=usable_cores(), user_api="blas"):
            return matrix @ probe.vector

    probe = Template.from_array(np.random.default_rng(0).standard_normal(128), model_id="m")
    for people in (2_000, 50_000, 1_000_000):
        gallery, matrix = _search_gallery(people)
        times = interleaved_ms(
            {
                "search": lambda g=gallery: g.identify(probe),
                "product": lambda m=matrix: product(m),
                # The product's thread spins on for 0.1 s on the core that so large a search needs as well.
                "rest": lambda rest_s=0.15 if people == 1_000_000 else 0: time.sleep(rest_s),
            },
            max(10, runs if people < 1_000_000 else runs // 3),
        )
        limit = 0.1 if people == 2_000 else None
        yield Row("search", f"1:N over {people:,}", times["search"], "ms", limit)
        target = 1.3 if people == 1_000_000 else None
        yield Row(
            "search",
            f"1:N over {people:,} / bare product",
            times["search"] / times["product"],
            "times",
            target,
        )
        if people == 1_000_000:
            template = Template.from_array(matrix[5], model_id="m")
            change = median_ms(lambda g=gallery, t=template: (g.add("new", [t]), g.remove("new")), 20)
            yield Row("search", "add and remove one among 1,000,000", change, "ms")


def _search_gallery(people: int) -> tuple[Gallery, np.ndarray]:
    matrix = np.random.default_rng(3).standard_normal((people, 128), dtype=np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    gallery = Gallery()
    for index, row in enumerate(matrix):
        gallery.add(str(index), [Template(row, "m")])
    return gallery, matrix


_START = """
import time; started = time.perf_counter()
from willing.face import Engine
import numpy as np
Engine.from_default_weights().analyse(np.zeros((480, 640, 3), np.uint8))
print(time.perf_counter() - started)
"""

_MEMORY = """
import numpy as np
from benchmarks.measure import resident_mb
from willing.face import Engine, Gallery, Template
engine = Engine.from_default_weights()
engine.analyse(np.zeros((480, 640, 3), np.uint8))
gallery = Gallery()
for index, row in enumerate(np.random.default_rng(3).standard_normal((50_000, 128), dtype=np.float32)):
    gallery.add(str(index), [Template.from_array(row, model_id=engine.model_id)])
gallery.identify(Template.from_array(row, model_id=engine.model_id))
print(resident_mb())
"""


def process() -> Iterator[Row]:
    """Yield how soon a fresh process answers, imports included, and what 50,000 people weigh."""
    starts = [float(_run(_START)) for _ in range(5)]
    yield Row("process", "ready for frames, from the start of Python's imports", sorted(starts)[2], "s", 1)
    yield Row("process", "resident memory with 50,000 people", float(_run(_MEMORY)), "MB", 500)


def _run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def enrol(engine: Engine, folder: Path, count: int) -> Iterator[Row]:
    """Yield photographs a second when a folder is read, as the evaluation and the commands read it."""
    items = photographs(folder)[:count]
    started = time.perf_counter()
    done = sum(reading.face is not None for reading in read_all(engine, items))
    rate = len(items) / (time.perf_counter() - started)
    yield Row(
        "enrol", f"photographs a second ({done} of {len(items)} enrolled)", rate, "1/s", 250, at_most=False
    )
