"""Deeds at the same moment, each in a thread of its own with connections of its own."""

import threading
from collections.abc import Callable

from django.db import connections

from willing.core.errors import Refused


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own; return what each came to: its answer, or the code of its refusal."""
    start = threading.Barrier(len(deeds))
    found: list[object] = [None] * len(deeds)

    def run(place: int) -> None:
        try:
            start.wait(timeout=30)
            found[place] = deeds[place]()
        except Refused as error:
            found[place] = error.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert not any(one.is_alive() for one in threads), "one still waits"
    return found
