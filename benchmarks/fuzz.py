"""Feed mutated pictures to the whole engine: `python -m benchmarks.fuzz --count 100000`.

Ends with 1 on the first crash of any kind but a FaceError, on an input that takes over a second of processor
time, and where memory grows by more than 300 MB. Inputs follow from the seed, so a failure can be had again.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator

import click
import cv2
import numpy as np

from benchmarks.frames import portrait
from willing.face import Engine, FaceError

SECONDS_MAX = 1.0
GROWTH_MAX_MB = 300


def seeds() -> list[bytes]:
    """Return small portraits in every format that is read, to start from."""
    pixels = cv2.imdecode(np.frombuffer(portrait("person_b_2"), np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(pixels, (96, 144), interpolation=cv2.INTER_AREA)
    kinds = [
        (".jpg", [cv2.IMWRITE_JPEG_QUALITY, 80]),
        (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
        (".png", []),
        (".webp", [cv2.IMWRITE_WEBP_QUALITY, 70]),
        (".webp", [cv2.IMWRITE_WEBP_QUALITY, 101]),
        (".gif", []),
        (".bmp", []),
    ]
    found = [bytes(cv2.imencode(suffix, small, options)[1]) for suffix, options in kinds]
    found.append(bytes(cv2.imencode(".png", small.astype(np.uint16) * 257)[1]))
    found.append(bytes(cv2.imencode(".png", cv2.cvtColor(small, cv2.COLOR_BGR2BGRA))[1]))
    found.append(bytes(cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_BGR2GRAY))[1]))
    return found


def mutate(rng: np.random.Generator, start: list[bytes]) -> bytes:
    """Return one seed with a few random changes: bits, bytes, lengths, pieces of itself and of others."""
    data = bytearray(start[rng.integers(len(start))])
    for _ in range(rng.integers(1, 6)):
        kind, at = rng.integers(7), int(rng.integers(max(1, len(data))))
        # Most structure lies at the front, so half of the changes go there.
        at = at if rng.random() < 0.5 else int(rng.integers(min(64, max(1, len(data)))))
        if kind == 0 and data:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1 and data:
            data[at] = int(rng.choice([0, 1, 127, 128, 254, 255]))
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at : at + int(rng.integers(1, 200))]
        elif kind == 4:
            data[at:at] = rng.integers(0, 256, int(rng.integers(1, 40)), dtype=np.uint8).tobytes()
        elif kind == 5:
            other = start[rng.integers(len(start))]
            cut = int(rng.integers(len(other)))
            data[at:at] = other[cut : cut + int(rng.integers(1, 400))]
        else:
            data[at : at + 4] = int(rng.integers(0, 2**32)).to_bytes(4, "big")
    return bytes(data)


def inputs(seed: int, count: int) -> Iterator[bytes]:
    """Yield mutated pictures, the same ones for the same seed."""
    rng, start = np.random.default_rng(seed), seeds()
    for _ in range(count):
        yield mutate(rng, start)


def feed(engine: Engine, data: bytes) -> str:
    """Return what an input came to: "faces", "no_face" or the code of the typed error."""
    try:
        return "faces" if engine.analyse(data) else "no_face"
    except FaceError as error:
        return error.code


@click.command()
@click.option("--count", default=100_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(count: int, seed: int) -> None:
    """Run the fuzzer and print how often each outcome came."""
    engine = Engine.from_default_weights(threads=1)
    for data in seeds():
        feed(engine, data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes: dict[str, int] = {}
    slowest = 0.0
    for index, data in enumerate(inputs(seed, count)):
        started = time.process_time()
        outcome = feed(engine, data)
        slowest = max(slowest, time.process_time() - started)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        if slowest > SECONDS_MAX:
            sys.exit(f"input {index} of seed {seed} took {slowest:.2f} s")
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{count} inputs, seed {seed}: {outcomes}")
    print(f"slowest {slowest * 1e3:.0f} ms of processor time; memory grew {growth:.0f} MB")
    if growth > GROWTH_MAX_MB:
        sys.exit(f"memory grew by {growth:.0f} MB")


if __name__ == "__main__":
    main()
