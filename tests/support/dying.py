"""Work in a process of its own, which may be killed at any boundary between two statements."""

import json
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

Work = Callable[[Callable[[dict[str, Any]], None]], None]


def fork(work: Work) -> tuple[list[dict[str, Any]], bool]:
    """Do work in a process of its own. Return what it told, and whether it was killed."""
    connections.close_all()
    assert threading.active_count() == 1, "a fork would take the locks of other threads along"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _work_and_exit(work, writer)
    os.close(writer)
    with os.fdopen(reader) as told:
        lines = [json.loads(line) for line in told]
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or status == 0, f"the process ended with {status}: {lines[-1:]}"
    return lines, killed


def _work_and_exit(work: Work, writer: int) -> None:
    def tell(line: dict[str, Any]) -> None:
        os.write(writer, (json.dumps(line) + "\n").encode())

    try:
        work(tell)
    except BaseException as error:  # noqa: BLE001  # the parent must hear of it, and this fork must end here
        tell({"error": f"{type(error).__name__}: {error}"})
        os._exit(1)
    os._exit(0)
