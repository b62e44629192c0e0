"""The application, but there is no turn for a writer while the file `busy` lies in its home."""

from unittest import mock

from willing.config.wsgi import application
from willing.core.paths import home
from willing.core.write_queue import DatabaseBusy, WriteQueue, WriteTurn

__all__ = ["application"]

_enter = WriteQueue.enter


def _enter_or_not(queue: WriteQueue) -> WriteTurn:
    if (home() / "busy").exists():
        raise DatabaseBusy("the file says so")
    return _enter(queue)


mock.patch.object(WriteQueue, "enter", _enter_or_not).start()
