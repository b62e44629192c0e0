import asyncio
import json
import tempfile

import pytest

from willing.config.limits import LimitBody
from willing.ui.too_large import DROPPED

LIMIT = 1000


def ask(pieces, *, announced=None, taken=None):
    """Send a body in pieces through the limit. Return the status and what the application was given."""
    given, sent = [], []

    async def application(scope, receive, send):
        while True:
            message = await receive()
            given.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        status = 413 if scope.get(DROPPED) else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    queue = [
        {"type": "http.request", "body": piece, "more_body": n < len(pieces) - 1}
        for n, piece in enumerate(pieces)
    ]

    async def receive():
        message = queue.pop(0)
        if taken is not None:
            taken.append(len(message["body"]))
        return message

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", announced)] if announced is not None else []
    asyncio.run(LimitBody(application, LIMIT, 3 * LIMIT)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"], b"".join(given)


@pytest.mark.parametrize("pieces", [[b""], [b"x" * LIMIT], [b"x" * 400, b"y" * 600]])
def test_a_body_within_the_limit_arrives_whole(pieces):
    assert ask(pieces) == (200, b"".join(pieces))


def test_a_body_that_is_too_large_is_taken_in_and_dropped():
    """A browser that is still sending would hear of a broken connection, not of what is wrong."""
    taken = []
    assert ask([b"x" * 600, b"y" * 600, b"z"], announced=b"1201", taken=taken) == (413, b"")
    assert taken == [600, 600, 1]


def test_a_body_that_announces_far_too_much_is_refused_unread():
    taken = []
    assert ask([b"x"], announced=b"3001", taken=taken) == (413, b"")
    assert taken == []


def test_a_body_that_goes_on_and_on_is_cut_off():
    taken = []
    assert ask([b"x" * 700] * 9, taken=taken) == (413, b"")
    assert len(taken) == 5


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


@pytest.mark.parametrize(
    ("asked", "said"),
    [("zh-CN, en;q=0.1", "内容过大。"), ("en", "This is too large."), ("xx", "This is too large.")],
)
def test_what_is_too_large_is_said_in_the_callers_language(asked, said):
    sent = []

    async def receive():
        raise AssertionError("it is refused unread")

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", b"1" * 12), (b"accept-language", asked.encode())]
    scope = {"type": "http", "path": "/api/v1/pair", "headers": headers}
    asyncio.run(LimitBody(None, LIMIT)(scope, receive, send))
    assert json.loads(sent[1]["body"])["title"] == said
