"""Ask for a page the way either kind of server does."""

from typing import Any

from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client


def get(client: Client, path: str, *, is_async: bool) -> Any:
    """Return the answer to `path`, an unexpected exception included, under WSGI or under ASGI.

    The cookies are those of `client`, whichever way it is asked.
    """
    if is_async:
        other = AsyncClient(raise_request_exception=False)
        other.cookies = client.cookies
        return async_to_sync(other.get)(path)
    client.raise_request_exception = False
    return client.get(path)
