"""The server: uvicorn's event loop, which reads, in front of threads that run Django."""

from collections.abc import Callable, Collection
from typing import Any

from willing.config.admissions import Admissions
from willing.config.connections import make_protocol
from willing.config.server_limits import ServerLimits
from willing.config.workers import Callers, Workers, WSGIApplication


def options(
    application: WSGIApplication,
    callers: Callers,
    *,
    limits: ServerLimits,
    proxies: Collection[str] = (),
    at_the_end: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Return what uvicorn is asked for. at_the_end: done in a thread once all requests are answered."""
    admissions = Admissions(limits, proxies)
    return {
        "app": Workers(application, admissions, callers, at_the_end),
        "http": make_protocol(admissions),
        # So many are accepted in one go, before any other line is heard again.
        "backlog": 128,
        "ws": "none",
        "loop": "asyncio",
        "interface": "asgi3",
        "lifespan": "on",  # for what is done at the end
        # The access log would hold consent links; what people did is in the audit log.
        "access_log": False,
        # Named, not left to uvicorn: it believes any client on this computer, or FORWARDED_ALLOW_IPS.
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": list(proxies),
        "server_header": False,  # which program and version this is helps only those who look for its faults
    }
