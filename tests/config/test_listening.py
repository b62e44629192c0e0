"""Behind `--host ::` the server and its door answer on IPv6 and IPv4, each visitor by their own address."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.support.lines import line_to
from tests.support.migrated import give_tables
from tests.support.server import START_SECONDS_MAX, environment, free_port

from willing.config.door import DoorAnswer, open_door
from willing.config.listening import lines_of_both

SIX, FOUR = "::1", "127.0.0.1"
GET = "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"


def answer_of(port: int, source: str, path: str = "/", host: str = "localhost") -> bytes:
    """Return what is answered to one address."""
    with line_to(port, source) as line:
        line.sendall(GET.format(path, host).encode())
        said = b""
        while more := line.recv(65536):
            said += more
    return said


def test_each_visitor_is_heard_by_an_address_of_their_own_form() -> None:
    with ExitStack() as opened:
        of_six, of_four = map(opened.enter_context, lines_of_both(0, backlog=8))
        port = of_six.getsockname()[1]
        for line, source in ((of_six, SIX), (of_four, FOUR)):
            with line_to(port, source):
                accepted, address = line.accept()
                accepted.close()
                assert address[0] == source
        with pytest.raises(OSError, match="in use"):
            lines_of_both(port, backlog=8)


def test_the_door_answers_both() -> None:
    port = free_port()
    open_door(
        "::", port, {"en": DoorAnswer("text/plain", b"come in"), "zh-hans": DoorAnswer("text/plain", b"")}
    )
    for source in (SIX, FOUR):
        assert answer_of(port, source).endswith(b"come in")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a server that was started with `willing serve --host ::`."""
    home, found = tmp_path / "home", free_port()
    give_tables(home)
    kept = environment(home)
    command = [sys.executable, "-m", "willing.cli"]
    subprocess.run([*command, "init", "Test School", "--without-journal"], env=kept, check=True)
    process = subprocess.Popen([*command, "serve", "--host", "::", "--port", str(found)], env=kept)
    yield found
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM, "it ends as it does elsewhere"


@pytest.mark.whole
@pytest.mark.sqlite
def test_a_server_behind_all_addresses_gives_its_pages_to_both(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            answer_of(port, SIX, "/sign-in/")
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            break
    for source, host in ((SIX, f"[{SIX}]:{port}"), (FOUR, f"{FOUR}:{port}"), (SIX, f"localhost:{port}")):
        assert answer_of(port, source, "/.well-known/willing", host).startswith(b"HTTP/1.1 200")
