"""The application, and an address at which it forgets what it remembers, as if it had just started.

For a server that one test after the other uses: `Server.return_to` puts its databases back and asks here.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from willing.config.wsgi import application as served

# Only after the application has set Django up.
from willing.biometrics.gallery import drop_all_galleries  # isort: skip
from django.core.cache import cache  # isort: skip

FORGET = "/forget-what-you-remember/"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer as Willing does, but for one address."""
    if environ["PATH_INFO"] != FORGET:
        return served(environ, start_response)
    cache.clear()  # who tried too often, and when
    drop_all_galleries()
    start_response(f"{HTTPStatus.NO_CONTENT.value} {HTTPStatus.NO_CONTENT.phrase}", [])
    return []
