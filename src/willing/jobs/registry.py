"""Who does which kind of job, and when. A room registers its own when Django starts (`AppConfig.ready`)."""

from collections.abc import Callable, Collection
from enum import StrEnum
from uuid import UUID


class Worker(StrEnum):
    """A thread of a server that does jobs one after the other, by its name; none waits for another's.

    So no message to a family waits behind a code for a whole school, and no card that was revoked waits to
    leave a controller's list until a mail server that does not answer was asked 1,500 times.
    """

    # What people must learn within minutes: an absence, a missing boarder, who came in.
    URGENT = "urgent-messages"
    MAIL = "mail"
    DOORS = "door-devices"
    # What may take a minute.
    LONG = "jobs"


# Gets the id of what the job is about. Done twice it must do no harm: a process may be killed in between.
Handler = Callable[[UUID], None]
_handlers: dict[str, Handler] = {}
_workers: dict[str, Worker] = {}


class TryLater(Exception):
    """A handler could not do its work now. fault: why, in a word, without anybody's data."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def register(kind: str, handler: Handler, worker: Worker) -> None:
    """Let `handler` do the jobs of a kind, in the thread of a worker."""
    _handlers[kind] = handler
    _workers[kind] = worker


def kinds_of(workers: Collection[Worker]) -> set[str]:
    """Return which kinds of jobs some workers do."""
    return {kind for kind, worker in _workers.items() if worker in workers}


def require_handler(kind: str) -> Handler:
    """Return who does the jobs of a kind. Raises KeyError."""
    return _handlers[kind]
