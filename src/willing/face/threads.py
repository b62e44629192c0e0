"""How many cores there are, and how few threads work on one frame."""

from __future__ import annotations

import os
from functools import cache

from threadpoolctl import threadpool_limits


@cache
def one_thread_each() -> None:
    """Set NumPy's matrix products to one thread, once, for the whole process; the engine sets OpenCV's, too.

    Their threads go on spinning for milliseconds after their work, on the core that inference needs next.
    Their work on one frame is too small for two cores anyway, and with several callers every core has its own
    frame.
    """
    threadpool_limits(limits=1, user_api="blas")


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
