"""Answer on IPv6 and IPv4 alike, behind `--host ::`."""

import logging
import socket
import sys
from typing import Any

import uvicorn

BOTH = "::"
log = logging.getLogger("uvicorn.error")


def lines_of_both(port: int, *, backlog: int) -> list[socket.socket]:
    """Listen on a port of every address of this computer.

    A line for each of the two: on one for both every visitor of IPv4 would have an address of another form,
    which no proxy and no limit is named by. Raises OSError where one of them is in use.
    """
    of_six = socket.create_server((BOTH, port), family=socket.AF_INET6, backlog=backlog)  # IPv6 alone
    try:
        of_four = socket.create_server(("0.0.0.0", of_six.getsockname()[1]), backlog=backlog)  # noqa: S104
    except OSError:
        of_six.close()
        raise
    return [of_six, of_four]


def run_on_both(port: int, asked: dict[str, Any]) -> None:
    """Serve as `uvicorn.run` does, which asks asyncio to listen on IPv6 alone behind `::`."""
    server = uvicorn.Server(uvicorn.Config(host=BOTH, port=port, **asked))
    lines = lines_of_both(port, backlog=asked["backlog"])
    scheme = "https" if "ssl_context_factory" in asked else "http"
    # Uvicorn says so of what it opens itself.
    log.info("Uvicorn running on %s://[::]:%d and %s://0.0.0.0:%d", scheme, port, scheme, port)
    server.run(sockets=lines)
    if not server.started:
        sys.exit(3)
