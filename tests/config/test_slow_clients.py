"""Clients that are slow, many or too large, against the server itself, over real connections."""

import json
import re
import socket
import threading
from contextlib import ExitStack
from typing import Any

import pytest
from tests.config.slow_clients import read_all, read_answer, serving, wait_until

from willing.config.connections import LINGERING_MAX
from willing.config.server_limits import BODY_BYTES_MAX, ServerLimits

HALF = b"GET / HTTP/1.1\r\nHost: x\r\nX-Half: "
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
AS_TILL = b"GET / HTTP/1.1\r\nHost: x\r\nCookie: till\r\n\r\n"
ATTACKER = "127.0.0.2"


def post(size: int, *, path: str = "/", announced: int | None = None, more: str = "") -> bytes:
    length = size if announced is None else announced
    return f"POST {path} HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {length}\r\n\r\n".encode() + bytes(size)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def problem_in(answer: bytes) -> dict[str, Any]:
    header, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in header
    found: dict[str, Any] = json.loads(body)
    return found


def said_in(answer: bytes) -> str:
    """Return what a connection was told that was refused before anybody knew what it asks."""
    header, _, body = answer.partition(b"\r\n\r\n")
    assert b"text/html; charset=utf-8" in header
    said = body.decode()
    assert '<p lang="en">' in said
    assert re.search('<p lang="zh-Hans">[^<]*[一-鿿]', said), "in Chinese too"
    return said


def test_half_a_header_is_answered_408_when_its_time_is_over() -> None:
    with serving(ServerLimits(header_seconds_max=0.1)) as server:
        answer = server.ask(HALF)
    assert status_of(answer) == 408
    assert "This arrived too slowly." in said_in(answer)


def test_a_header_that_drips_gains_no_time_by_it() -> None:
    with serving(ServerLimits(header_seconds_max=0.3)) as server, server.connect() as line:
        line.settimeout(0.02)
        answer = b""
        for number in range(5000):
            try:
                line.sendall(b"\r\n" if number < 3 else HALF if number == 3 else b"x")
                answer += line.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                break
            if answer:
                break
    assert status_of(answer) == 408


def test_a_second_request_has_a_deadline_of_its_own() -> None:
    with serving(ServerLimits(header_seconds_max=0.2)) as server, server.connect() as line:
        line.sendall(WHOLE)
        assert status_of(read_answer(line)) == 200
        line.sendall(HALF)
        assert status_of(read_all(line)) == 408


def test_a_browsers_spare_connection_is_closed_without_a_word() -> None:
    with serving(ServerLimits(header_seconds_max=0.05)) as server, server.connect() as line:
        assert read_all(line) == b""


def test_an_unfinished_body_is_answered_408_and_is_let_go_of() -> None:
    with serving(ServerLimits(body_seconds_max=0.1)) as server:
        answer = server.ask(post(10, path="/api/v1/pair", announced=20))
        assert (status_of(answer), problem_in(answer)["code"]) == (408, "too_slow")
        assert server.workers.admissions.buffered_bytes == 0


def test_a_page_reads_in_its_own_language_that_it_came_too_slowly() -> None:
    with serving(ServerLimits(body_seconds_max=0.1)) as server:
        answer = server.ask(post(10, announced=20, more="Accept-Language: zh-CN\r\n"))
    assert "太慢".encode() in answer.partition(b"\r\n\r\n")[2]


def test_a_header_that_is_too_large_is_refused_in_one_piece_or_in_many() -> None:
    with serving(ServerLimits(header_bytes_max=1000)) as server:
        for header in (HALF + bytes([120]) * 2000 + b"\r\n\r\n", HALF + bytes([120]) * 2000):
            answer = server.ask(header)
            assert status_of(answer) == 431
            assert "The header of this request is too large." in said_in(answer)


def test_what_is_no_http_is_refused_in_words() -> None:
    with serving(ServerLimits()) as server:
        answer = server.ask(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
    assert status_of(answer) == 400
    assert "be read" in said_in(answer)


def test_an_attacker_takes_the_connections_of_one_address_and_a_till_goes_on_selling() -> None:
    limits = ServerLimits(unknown_an_address_max=4)
    with serving(limits) as server, ExitStack() as lines:
        for _ in range(4):
            lines.enter_context(server.connect(ATTACKER)).sendall(HALF)
        wait_until(lambda: server.admitted == 4)
        refused = server.ask(HALF, ATTACKER)
        assert status_of(refused) == 429
        assert "There are too many connections from this address." in said_in(refused)
        assert b"retry-after: 2" in refused
        till = lines.enter_context(server.connect())
        for _ in range(3):
            till.sendall(AS_TILL)
            assert status_of(read_answer(till)) == 200


def test_refused_clients_that_hang_up_at_once_leave_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    """A connection that is cut before it is refused: no fault in the log, and others are still told why."""
    with serving(ServerLimits(unknown_an_address_max=1)) as server, ExitStack() as lines:
        lines.enter_context(server.connect(ATTACKER)).sendall(HALF)
        wait_until(lambda: server.admitted == 1)
        going = threading.Event()
        server.server.servers[0].get_loop().call_soon_threadsafe(going.wait)
        for _ in range(LINGERING_MAX):
            server.connect(ATTACKER).close()
        going.set()
        wait_until(lambda: server.workers.admissions.lingering == 0)
        assert status_of(server.ask(HALF, ATTACKER)) == 429
    assert not [record for record in caplog.records if record.exc_info]


def test_tills_that_were_answered_leave_room_for_others_at_their_address() -> None:
    with serving(ServerLimits(unknown_an_address_max=2)) as server, ExitStack() as lines:
        for _ in range(5):
            till = lines.enter_context(server.connect())
            till.sendall(AS_TILL)
            assert status_of(read_answer(till)) == 200
        wait_until(lambda: server.admitted == 5)


def test_where_every_connection_is_taken_the_oldest_half_header_gives_way() -> None:
    with serving(ServerLimits(connections_max=3)) as server, ExitStack() as lines:
        halves = []
        for number in range(3):
            halves.append(lines.enter_context(server.connect(f"127.0.0.{number + 2}")))
            halves[-1].sendall(HALF)
            wait_until(lambda: server.admitted == len(halves))
        till = lines.enter_context(server.connect())
        till.sendall(AS_TILL)
        assert status_of(read_answer(till)) == 200
        assert read_all(halves[0]) == b""


def test_where_every_connection_is_at_work_a_new_one_is_told_so() -> None:
    going, begun = threading.Event(), []

    def waits(_environ: Any, start: Any) -> list[bytes]:
        begun.append(True)
        going.wait()
        start("200 OK", [])
        return [b"done"]

    try:
        with serving(ServerLimits(connections_max=2), application=waits) as server, ExitStack() as lines:
            working = [lines.enter_context(server.connect()) for _ in range(2)]
            for line in working:
                line.sendall(WHOLE)
            wait_until(lambda: len(begun) == 2)
            refused = server.ask(WHOLE)
            assert status_of(refused) == 503
            assert "very busy" in said_in(refused)
            going.set()
            assert [status_of(read_answer(line)) for line in working] == [200, 200]
    finally:
        going.set()


@pytest.mark.parametrize("path", ["/api/v1/pair", "/large"])
def test_a_body_that_is_too_large_is_refused_by_name_and_the_rest_is_not_kept(path: str) -> None:
    with serving(ServerLimits()) as server:
        answer = server.ask(post(5 * BODY_BYTES_MAX, path=path, more="Cookie: till\r\nConnection: close\r\n"))
        if path.startswith("/api/"):
            assert problem_in(answer)["code"] == "too_large"
        else:
            assert b"\r\n\r\n0 /large" in answer  # the page answers, without its body
        assert server.workers.admissions.buffered_bytes == 0


def test_a_large_body_is_taken_from_a_till_and_from_nobody_else() -> None:
    with serving(ServerLimits()) as server:
        large = 3 * BODY_BYTES_MAX
        taken = server.ask(post(large, path="/large", more="Cookie: till\r\nConnection: close\r\n"))
        assert f"\r\n\r\n{large} /large".encode() in taken
        refused = server.ask(post(large, path="/large"))
        assert status_of(refused) == 401


def test_more_than_this_computer_holds_for_all_together_is_refused_until_there_is_room() -> None:
    with serving(ServerLimits(buffered_bytes_max=1000)) as server:
        with server.connect() as first:
            first.sendall(post(900, announced=901))
            wait_until(lambda: server.workers.admissions.buffered_bytes == 900)
            refused = server.ask(post(200, path="/api/v1/pair"))
            assert (status_of(refused), problem_in(refused)["code"]) == (503, "service_unavailable")
            first.sendall(b"x")
            assert b"901 /" in read_answer(first)
        assert b"200 /" in server.ask(post(200, more="Connection: close\r\n"))


def test_a_client_that_does_not_fetch_its_answer_is_cut_off() -> None:
    with serving(ServerLimits(answer_seconds_max=0.1)) as server, server.connect() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda: server.admitted == 1)
        wait_until(lambda: server.admitted == 0)
        wait_until(lambda: server.workers.admissions.buffered_bytes == 0)


def test_a_large_answer_arrives_whole_where_it_is_fetched() -> None:
    with serving(ServerLimits()) as server:
        answer = server.ask(b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert len(answer.partition(b"\r\n\r\n")[2]) == 8_000_000


def test_requests_are_answered_in_threads_that_last() -> None:
    with serving(ServerLimits(unknown_threads=2)) as server:
        names = {
            server.ask(WHOLE.replace(b"Host", b"Connection: close\r\nHost")).split()[-1] for _ in range(9)
        }
    assert names <= {b"willing-visitor_0", b"willing-visitor_1"}


def test_visitors_who_are_slow_to_serve_keep_no_till_waiting() -> None:
    going, begun = threading.Event(), []

    def waits(environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ.get("HTTP_COOKIE") != "till":
            begun.append(True)
            going.wait()
        start("200 OK", [])
        return [b"done"]

    limits = ServerLimits(threads=1, unknown_threads=2)
    try:
        with serving(limits, application=waits) as server, ExitStack() as lines:
            till = lines.enter_context(server.connect())
            till.sendall(AS_TILL)
            assert b"done" in read_answer(till)
            for _ in range(4):
                lines.enter_context(server.connect(ATTACKER)).sendall(WHOLE)
            wait_until(lambda: len(begun) == 2)
            for _ in range(3):
                till.sendall(AS_TILL)
                assert b"done" in read_answer(till)
            going.set()
    finally:
        going.set()


def test_a_request_under_way_is_answered_before_the_server_stops_and_the_end_is_last() -> None:
    begun, going, order = threading.Event(), threading.Event(), []

    def waits(_environ: Any, start: Any) -> list[bytes]:
        begun.set()
        going.wait()
        order.append("answered")
        start("200 OK", [])
        return [b"done"]

    try:
        with (
            serving(ServerLimits(), application=waits, at_the_end=lambda: order.append("ended")) as server,
            server.connect() as line,
        ):
            line.sendall(WHOLE)
            begun.wait()
            server.server.should_exit = True
            going.set()
            assert b"done" in read_answer(line)
            server.thread.join()
    finally:
        going.set()
    assert order == ["answered", "ended"]


def test_a_name_with_an_underscore_is_not_read_as_another_header() -> None:
    with serving(ServerLimits()) as server:
        refused = server.ask(post(3 * BODY_BYTES_MAX, path="/large", more="X-A: b\r\nCOO_KIE: till\r\n"))
    assert status_of(refused) == 401
