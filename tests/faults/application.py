"""The application, with the harness's clock and with a database that may not grow.

What it reads from the environment, the product does not know: only the harness starts this entry point.
"""

import os
from typing import Any

from django.db.backends.signals import connection_created
from tests.faults import clock
from tests.faults.clock import PAGES_MORE

from willing.config.wsgi import application

__all__ = ["application"]


def _limit(connection: Any, **_: Any) -> None:
    """Let a database have no more than so many pages beyond those it began with."""
    if connection.alias != "default":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count={_pages_max}")


def _count_pages() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        pages = int(cursor.execute("PRAGMA page_count").fetchone()[0])
    connection.close()
    return pages


clock.install()
if PAGES_MORE in os.environ:
    _pages_max = _count_pages() + int(os.environ[PAGES_MORE])
    connection_created.connect(_limit)
