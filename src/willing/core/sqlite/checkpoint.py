"""SQLite's write-ahead logs: what was committed and is not yet in the database's own file."""

import logging

from django.db import DatabaseError, connections

log = logging.getLogger("willing.storage")


def checkpoint_all() -> None:
    """Move what is in the write-ahead logs into the files, and close this thread's connections.

    For a server that stops: its threads keep their connections, so no last one is closed that would do it. A
    file that is copied afterwards is whole without its log. Where a reader is in the way the log stays.
    """
    for connection in connections.all():
        if connection.vendor != "sqlite":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except DatabaseError as error:
            log.warning("the log of %s was not folded in: %s", connection.alias, type(error).__name__)
    connections.close_all()
