import asyncio
import tempfile

import pytest

from willing.config.limits import LimitBody

LIMIT = 1000


def ask(pieces, *, announced=None):
    """Send a body in pieces through the limit. Return the status and what the application was given."""
    given, sent = [], []

    async def application(scope, receive, send):
        while True:
            message = await receive()
            given.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    queue = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]

    async def receive():
        return queue.pop(0)

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", announced)] if announced is not None else []
    asyncio.run(LimitBody(application, LIMIT)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], b"".join(given)


@pytest.mark.parametrize("pieces", [[b""], [b"x" * LIMIT], [b"x" * 400, b"y" * 600]])
def test_a_body_within_the_limit_arrives_whole(pieces):
    assert ask(pieces) == (200, b"".join(pieces))


def test_a_body_that_announces_too_much_is_refused_unread():
    assert ask([b"x"], announced=b"1001") == (413, b"")


@pytest.mark.parametrize("announced", [b"-1", b"1e3", b""])
def test_a_length_that_is_no_number_is_refused(announced):
    assert ask([b"x"], announced=announced) == (413, b"")


def test_a_body_that_comes_in_pieces_is_counted():
    assert ask([b"x" * 600, b"y" * 600]) == (413, b"")
    assert ask([b"x" * 600, b"y" * 600], announced=b"10") == (413, b"")


def test_the_server_never_writes_an_upload_to_the_disk(cast, monkeypatch):
    """The whole stack: a body of 13 MB to the real application makes no temporary file."""
    monkeypatch.setattr("willing.config.startup.start_process", lambda: None)
    from willing.config.asgi import application

    def spooled(*_, **__):
        raise AssertionError("a body was written to a temporary file")

    monkeypatch.setattr(tempfile, "_TemporaryFileWrapper", spooled)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", spooled)
    sent = []
    queue = [{"type": "http.request", "body": bytes(13_000_000), "more_body": False}]

    async def receive():
        return queue.pop(0) if queue else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/pair",
        "headers": [(b"host", b"localhost")],
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 413
