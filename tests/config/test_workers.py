"""The application behind the limits: what it is given of a request, and that none of it touches the disk."""

import asyncio
import json
import tempfile
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from tests.support.signing import sign_in

from willing.config.admissions import Admissions
from willing.config.callers import KnownCallers
from willing.config.connections import CONNECTION
from willing.config.refusals import refusal
from willing.config.server_limits import ServerLimits
from willing.config.workers import Workers, environ_of

BLANK = "12345678-1234-4678-8234-567812345678"
UPLOAD = f"/staff/enrol/{BLANK}/canteen/{BLANK}/upload/"


class Line:
    """A connection whose client waits for its answer."""

    is_known = is_proxied = False
    transport = SimpleNamespace(is_closing=lambda: False)
    flow = SimpleNamespace(write_paused=False)

    def become_known(self) -> None:
        self.is_known = True


def scope_of(path: str, *headers: tuple[bytes, bytes], query: bytes = b"") -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"localhost"), *headers],
        CONNECTION: Line(),
    }


def ask(scope: dict[str, Any], body: bytes) -> tuple[int, bytes]:
    """Send one request through the limits to the whole application."""
    sent: list[dict[str, Any]] = []
    pieces = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    workers = Workers(get_wsgi_application(), Admissions(ServerLimits()), KnownCallers())
    asyncio.run(workers(scope, receive, send))
    workers.close()
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


@pytest.mark.parametrize("size", [11_000_000, 13_000_000])
def test_the_server_never_writes_an_upload_to_the_disk(
    cast: Any, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """The whole application: photographs within the limit, and beyond it, make no temporary file."""

    def spooled(*_: Any, **__: Any) -> None:
        raise AssertionError("a body was written to a temporary file")

    monkeypatch.setattr(tempfile, "_TemporaryFileWrapper", spooled)
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", spooled)
    session = sign_in(Client(), cast.user("office")).cookies["sessionid"].value
    form = b'--x\r\nContent-Disposition: form-data; name="pictures"; filename="a.jpg"\r\n\r\n'
    headers = [
        (b"cookie", f"sessionid={session}".encode()),
        (b"content-type", b"multipart/form-data; boundary=x"),
    ]
    status, page = ask(scope_of(UPLOAD, *headers), form + bytes(size) + b"\r\n--x--\r\n")
    assert status == (413 if size > 12_582_912 else 403)  # 403: the form has no token, it was read whole
    assert (b"too_much_uploaded" in page) is (status == 413)


def test_an_upload_of_somebody_who_is_not_signed_in_is_told_so(cast: Any) -> None:
    status, page = ask(scope_of(UPLOAD), bytes(100_000))
    assert (status, page) == (401, b"Only a paired till or a signed-in user may send this much.")


@pytest.mark.parametrize(
    ("asked", "said"),
    [("zh-CN, en;q=0.1", "内容过大。"), ("en", "This is too large."), ("xx", "This is too large.")],
)
def test_what_is_too_large_is_said_in_the_callers_language(asked: str, said: str) -> None:
    _headers, body = refusal(413, path="/api/v1/pair", headers=[(b"accept-language", asked.encode())])
    assert json.loads(body)["title"] == said


def test_a_path_is_given_as_the_bytes_that_it_stands_for() -> None:
    found = environ_of(scope_of("/staff/%E4%B8%AD%20%FF/", query=b"q=%41"))
    assert found["PATH_INFO"].encode("latin-1") == b"/staff/\xe4\xb8\xad \xff/"
    assert found["QUERY_STRING"] == "q=%41"


def test_headers_that_come_twice_are_joined_as_each_is_written() -> None:
    found = environ_of(
        scope_of("/", (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x/y"), (b"accept", b"z/w"))
    )
    assert (found["HTTP_COOKIE"], found["HTTP_ACCEPT"]) == ("a=1; b=2", "x/y,z/w")
