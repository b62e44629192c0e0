"""What a seed means: which scenarios run in which order, and each one's own seed."""

import re
from collections.abc import Iterator, Sequence
from random import Random

UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(text: str) -> int:
    """Return the seconds of `90s`, `30m` or `1h`. Raises ValueError."""
    found = re.fullmatch(r"(\d+)([smh])", text)
    if not found:
        raise ValueError(f"{text} is no time: write 90s, 30m or 1h")
    return int(found[1]) * UNITS[found[2]]


def plan(seed: int, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield scenarios with their seeds, without end: each once a round, in an order that the seed gives.

    The first round runs every scenario with the seed itself, so that a short run has tried each kind of harm.
    """
    random = Random(seed)
    number = seed
    while True:
        order = sorted(names)
        random.shuffle(order)
        yield from ((name, number) for name in order)
        number = random.randrange(10**9)
