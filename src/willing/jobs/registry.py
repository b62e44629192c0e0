"""Who does which kind of job. A room registers its own when Django starts (`AppConfig.ready`)."""

from collections.abc import Callable
from uuid import UUID

# Gets the id of what the job is about. Done twice it must do no harm: a process may be killed in between.
Handler = Callable[[UUID], None]
_handlers: dict[str, Handler] = {}


class TryLater(Exception):
    """A handler could not do its work now. fault: why, in a word, without anybody's data."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def register(kind: str, handler: Handler) -> None:
    """Let `handler` do the jobs of a kind."""
    _handlers[kind] = handler


def require_handler(kind: str) -> Handler:
    """Return who does the jobs of a kind. Raises KeyError."""
    return _handlers[kind]
