"""A till's receipt printer: where it may be, and how an attempt to print ends, whatever the printer does."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from tests.support.log import facts_of
from tests.support.printer import free_printer_port, printer, stalled_port

from willing.core.errors import Refused
from willing.terminals import printing
from willing.terminals.actions import retire_terminal
from willing.terminals.models import Printer
from willing.terminals.printers import NewPrinter, find_printer, print_bytes, remove_printer, set_printer


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for printers that never answer as long as a test can afford."""
    monkeypatch.setattr(printing, "CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(printing, "ANSWER_SECONDS", 0.3)


@pytest.fixture
def at(cast: Any) -> Callable[[int], Printer]:
    """Return a function that sets the till's printer up at a port of this computer."""
    return lambda port: set_printer(cast.till, NewPrinter("127.0.0.1", port), by=cast.user("office"))


@pytest.fixture
def queues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an `lp` in the path that writes down what it gets, and refuses the queue "gone"."""
    program = tmp_path / "lp"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\ncat > {tmp_path}/came\n[ "$2" != gone ]\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def test_a_printer_that_answers_has_what_was_sent(at: Any) -> None:
    with printer() as paper:
        found = at(paper.port)
        assert print_bytes(found, b"receipt").has_answered
        assert paper.arrived.wait(10)
    assert paper.came == [b"receipt"]
    found.refresh_from_db()
    assert (found.fault, found.worked_at) == ("", found.tried_at)
    assert found.worked_at is not None


def test_a_printer_that_never_says_anything_is_sent_it_all_the_same(at: Any) -> None:
    with printer("silent") as paper:
        assert not print_bytes(at(paper.port), b"receipt").has_answered
        assert paper.arrived.wait(10)
    assert paper.came == [b"receipt"]


@pytest.mark.parametrize(
    ("manner", "fault"), [("no_paper", "offline"), ("hangs_up", "closed"), ("throws_away", "closed")]
)
def test_a_printer_that_does_not_print_is_named_by_what_is_wrong(at: Any, manner: str, fault: str) -> None:
    with printer(manner) as paper:
        found = at(paper.port)
        with pytest.raises(Refused, match="printer_failed") as refused:
            print_bytes(found, b"receipt" * 1000)
    assert refused.value.data == {"fault": fault}
    assert not paper.came
    found.refresh_from_db()
    assert (found.fault, found.worked_at) == (fault, None)


def test_a_port_where_nothing_listens_and_one_that_stalls_are_told_apart(at: Any) -> None:
    with pytest.raises(Refused) as refused:
        print_bytes(at(free_printer_port()), b"receipt")
    assert refused.value.data == {"fault": "refused"}
    with stalled_port() as port, pytest.raises(Refused) as refused:
        print_bytes(at(port), b"receipt")
    assert refused.value.data == {"fault": "timed_out"}


def test_a_printer_that_is_busy_with_one_receipt_takes_no_second_thread(
    at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = at(free_printer_port())
    monkeypatch.setattr(printing, "_busy", {found.terminal_id})
    with pytest.raises(Refused) as refused:
        print_bytes(found, b"receipt")
    assert refused.value.data == {"fault": "busy"}
    found.refresh_from_db()
    assert found.tried_at is None


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (NewPrinter("8.8.8.8"), "outside"),
        (NewPrinter("169.254.169.254"), "outside"),
        (NewPrinter("::ffff:8.8.8.8"), "outside"),
        (NewPrinter("printer.example"), "not_an_address"),
        (NewPrinter("127.0.0.1", 25), "port"),
        (NewPrinter(queue="-h example"), "queue"),
    ],
)
def test_nothing_outside_the_school_is_a_printer(cast: Any, new: NewPrinter, fault: str) -> None:
    with pytest.raises(Refused, match="printer_not_possible") as refused:
        set_printer(cast.till, new, by=cast.user("office"))
    assert refused.value.data == {"fault": fault}
    assert find_printer(cast.till) is None


def test_a_row_that_points_outside_all_the_same_is_sent_nothing(cast: Any, at: Any) -> None:
    found = at(9100)
    Printer.objects.update(address="8.8.8.8")
    found.refresh_from_db()
    with pytest.raises(Refused) as refused:
        print_bytes(found, b"receipt")
    assert refused.value.data == {"fault": "outside"}
    with pytest.raises(IntegrityError):
        Printer.objects.update(port=25)


def test_a_queue_of_the_server_gets_the_bytes_as_they_are(cast: Any, queues: Path) -> None:
    found = set_printer(cast.till, NewPrinter(queue="till-1"), by=cast.user("office"))
    assert not print_bytes(found, b"\x1b@receipt").has_answered
    assert (queues / "came").read_bytes() == b"\x1b@receipt"
    assert (queues / "asked").read_text() == "-d till-1 -o raw -s -\n"


def test_a_queue_that_is_gone_and_a_server_without_queues_are_named(
    cast: Any, queues: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set_printer(cast.till, NewPrinter(queue="gone"), by=cast.user("office"))
    with pytest.raises(Refused) as refused:
        print_bytes(found, b"receipt")
    assert refused.value.data == {"fault": "no_queue"}
    monkeypatch.setenv("PATH", str(queues / "none"))
    with pytest.raises(Refused) as refused:
        print_bytes(found, b"receipt")
    assert refused.value.data == {"fault": "no_queues"}
    with pytest.raises(Refused, match="printer_not_possible"):
        set_printer(cast.till, NewPrinter(queue="till-1"), by=cast.user("office"))


def test_setting_and_removing_are_logged_once_and_a_change_forgets_the_old_fault(cast: Any, at: Any) -> None:
    with pytest.raises(Refused):
        print_bytes(at(free_printer_port()), b"receipt")
    assert at(9101).fault == ""
    for _ in range(2):
        remove_printer(cast.till, by=cast.user("office"))
    assert find_printer(cast.till) is None
    assert [len(facts_of(f"printer.{what}")) for what in ("set", "removed")] == [2, 1]


def test_a_till_that_is_out_of_use_gets_no_printer(cast: Any) -> None:
    till, office = cast.till, cast.user("office")
    retire_terminal(till, by=office.pk)
    with pytest.raises(Refused, match="terminal_unknown"):
        set_printer(till, NewPrinter("127.0.0.1"), by=office)
