"""Run requests inside this process, with nothing in front of them, and say where the time of each goes.

Every moment belongs to one cause: what it calls that has a name of its own counts for that one. Called by
`benchmarks.request` in an installation of its own; prints one JSON object.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import uuid4

RUNS = 30


class Clock:
    """Adds up, for each cause, the time that is its own."""

    def __init__(self) -> None:
        self.own: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    @contextmanager
    def of(self, cause: str) -> Iterator[None]:
        """Count what passes inside for a cause."""
        self._switch()
        self._running.append(cause)
        self.calls[cause] += 1
        try:
            yield
        finally:
            self._switch()
            self._running.pop()

    def _switch(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.own[self._running[-1]] += (now - self._since) * 1e3
        self._since = now

    def take(self) -> tuple[Counter[str], Counter[str]]:
        """Return what was counted since the last time, in ms, and how often."""
        found = self.own, self.calls
        self.own, self.calls = Counter(), Counter()
        return found


clock = Clock()
ALL_MEALS = 10_000  # the same pupil eats all day here, and the cashier serves each main meal


def watch(owner: Any, name: str, cause: str) -> None:
    """Count every call of a function or method for a cause."""
    original = getattr(owner, name)

    @wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        with clock.of(cause):
            return original(*args, **kwargs)

    setattr(owner, name, watched)


def watch_everything() -> None:
    """Give names to the parts of a request."""
    import ninja
    from django.contrib import auth
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.handlers.base import BaseHandler
    from django.db.backends import utils
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql import compiler
    from django.http import JsonResponse
    from django.template.backends.django import Template

    from willing.core.sqlite.base import DatabaseWrapper
    from willing.face import Engine

    watch(BaseDatabaseWrapper, "connect", "connection and PRAGMAs")
    for name in ("_start_transaction_under_autocommit", "_commit"):
        watch(DatabaseWrapper, name, "begin and commit")
    for kind in (compiler.SQLCompiler, compiler.SQLInsertCompiler, compiler.SQLUpdateCompiler):
        watch(kind, "execute_sql", "queries: written")
    for name in ("_execute", "_executemany"):
        watch(utils.CursorWrapper, name, "queries: executed")
    for name in ("load", "save"):
        watch(SessionStore, name, "session and user")
    watch(auth, "get_user", "session and user")
    watch(Template, "render", "response")
    watch(JsonResponse, "__init__", "response")
    watch(ninja.NinjaAPI, "create_response", "response")
    watch(Engine, "process_frame", "face engine")
    make_view = BaseHandler.make_view_atomic

    def make_watched_view(handler: BaseHandler, view: Callable[..., Any]) -> Callable[..., Any]:
        made = make_view(handler, view)

        @wraps(made)
        def watched(*args: Any, **kwargs: Any) -> Any:
            with clock.of("view"):
                return made(*args, **kwargs)

        return watched

    BaseHandler.make_view_atomic = make_watched_view  # type: ignore[method-assign]


class Caller:
    """Sends requests to the application of this process."""

    def __init__(self) -> None:
        from django.core.wsgi import get_wsgi_application

        self.application = get_wsgi_application()

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """Return the answer's body. Raises SystemExit where it is a refusal."""
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **headers,
        }
        status: list[str] = []
        with clock.of("middleware and routing"):
            pieces = self.application(environ, lambda said, *_: status.append(said))
            answer = b"".join(pieces)
            pieces.close()
        if status[0][0] not in "23":
            raise SystemExit(f"{path} was refused: {status[0]} {answer[:300]!r}")
        return answer


class Api:
    """A till that speaks the API."""

    def __init__(self, caller: Caller, token: str) -> None:
        self.caller, self.token = caller, token

    def post(self, path: str, body: dict[str, Any] | bytes) -> dict[str, Any]:
        """Send one write and return its answer."""
        is_frame = isinstance(body, bytes)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.caller.ask(
            "POST", f"/api/v1{path}", sent,
            CONTENT_TYPE="image/jpeg" if is_frame else "application/json",
            HTTP_AUTHORIZATION=f"Bearer {self.token}", HTTP_IDEMPOTENCY_KEY=str(uuid4()),
        )  # fmt: skip
        found: dict[str, Any] = json.loads(answer)
        return found

    def sell_by_card(self, product: str, card: str) -> None:
        """Sell one product: three requests."""
        opened = self.post("/baskets", {"lines": [{"product": product, "quantity": 1}]})
        basket = opened["id"]
        self.post(f"/baskets/{basket}/identify", {"way": "card", "code": card})
        self.post(
            f"/baskets/{basket}/confirm",
            {"total_minor": opened["total_minor"], "main_meals_checked": ALL_MEALS, "repeat_checked": True},
        )


def one_frame(api: Api, product: str, jpeg: bytes) -> tuple[Counter[str], Counter[str]]:
    """Sell by face, and return what its first frame took."""
    opened = api.post("/baskets", {"lines": [{"product": product, "quantity": 1}]})
    basket = opened["id"]
    session = api.post(f"/baskets/{basket}/sessions", {})["id"]
    clock.take()
    state = api.post(f"/sessions/{session}/frames", jpeg)["state"]
    found = clock.take()
    while state == "looking":
        state = api.post(f"/sessions/{session}/frames", jpeg)["state"]
    api.post(
        f"/baskets/{basket}/confirm",
        {"total_minor": opened["total_minor"], "main_meals_checked": ALL_MEALS, "repeat_checked": True},
    )
    clock.take()
    return found


def open_till_page(caller: Caller) -> Callable[[], bytes]:
    """Return what asks for the screen of a paired till with an open basket, as a cashier's browser does."""
    from django.conf import settings
    from django.test import Client
    from tests.support.signing import sign_in

    from willing.accounts.models import User
    from willing.pages.kiosk.access import COOKIE
    from willing.terminals.models import Terminal
    from willing.terminals.pairing import pair_terminal, start_pairing

    terminal = Terminal.objects.filter(name="Bench 1").get()
    token = pair_terminal(start_pairing(terminal), key="bench", device="kiosk").token
    cashier = User.objects.filter(roles__kind="cashier").first()
    assert cashier is not None
    name = settings.SESSION_COOKIE_NAME
    session = sign_in(Client(), cashier).cookies[name].value
    cookies = f"{name}={session}; {COOKIE}={token}"
    return lambda: caller.ask("GET", "/till/", HTTP_COOKIE=cookies)


def main(school_file: str, frame_file: str) -> None:
    """Measure the three and print them."""
    import django

    django.setup()
    school = json.loads(Path(school_file).read_text())
    jpeg = Path(frame_file).read_bytes()
    caller = Caller()
    api = Api(caller, school["tokens"][0])
    look = open_till_page(caller)
    for _ in range(3):
        api.sell_by_card(school["meal"], school["cards"][0])
        one_frame(api, school["cheapest"], jpeg)
        look()
    watch_everything()
    found: dict[str, list[tuple[Counter[str], Counter[str]]]] = {
        "card sale": [],
        "frame": [],
        "till screen": [],
    }
    for number in range(RUNS):
        clock.take()
        api.sell_by_card(school["meal"], school["cards"][1 + number])
        found["card sale"].append(clock.take())
        if number < 4:  # a face alone pays small sums
            found["frame"].append(one_frame(api, school["cheapest"], jpeg))
        look()
        found["till screen"].append(clock.take())
    print(json.dumps({name: _summary(runs) for name, runs in found.items()} | {"opening": _opening_ms()}))


def _summary(runs: list[tuple[Counter[str], Counter[str]]]) -> dict[str, Any]:
    causes = sorted({cause for own, _calls in runs for cause in own})
    return {
        "ms": {cause: statistics.median(own[cause] for own, _calls in runs) for cause in causes},
        "queries": statistics.median(calls["queries: executed"] for _own, calls in runs),
        "requests": statistics.median(calls["middleware and routing"] for _own, calls in runs),
    }


def _opening_ms() -> float:
    """Return what it takes to open both databases, as each request did once."""
    from django.db import connections

    times = []
    for _ in range(RUNS):
        connections.close_all()
        started = time.perf_counter()
        for connection in connections.all():
            connection.ensure_connection()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


if __name__ == "__main__":
    main(*sys.argv[1:3])
