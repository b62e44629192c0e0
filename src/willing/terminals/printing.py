"""The one place that talks to receipt printers: bytes over the school's network, or to a queue of CUPS.

Nothing waits for it but the press that asks for a receipt; a sale is done before.
"""

import errno
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from uuid import UUID

from willing.terminals.escpos import ASK_STATUS, is_ready
from willing.terminals.models import Printer
from willing.terminals.printer_rules import find_printer_fault

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 1.0
# For everything together: a thread of the server is never longer with a printer.
ALL_SECONDS = 4.0
# What the system says where the other side has closed the line.
CLOSED = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN)
_busy: set[UUID] = set()
_busy_lock = threading.Lock()


class PrinterFailed(Exception):
    """Nothing was printed. fault: a word of PRINTER_FAULTS."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class PrintResult:
    """A printer has taken what was sent. has_answered: it said that it is ready; many never say anything."""

    has_answered: bool


def send_to_printer(printer: Printer, data: bytes) -> PrintResult:
    """Send bytes to a printer, once. Raises PrinterFailed, after four seconds at the latest."""
    with _busy_lock:
        if printer.terminal_id in _busy:
            raise PrinterFailed("busy")
        _busy.add(printer.terminal_id)
    try:
        return _send_to_queue(printer.queue, data) if printer.queue else _send_to_address(printer, data)
    finally:
        with _busy_lock:
            _busy.discard(printer.terminal_id)


def _send_to_address(printer: Printer, data: bytes) -> PrintResult:
    # Asked again here: whatever has written the row, nothing is sent out of the school.
    address, port = str(printer.address), int(printer.port or 0)
    if find_printer_fault(address=address, port=port, queue=""):
        raise PrinterFailed("outside")
    until = time.monotonic() + ALL_SECONDS
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        try:
            line.settimeout(CONNECT_SECONDS)
            line.connect((address, port))
            has_answered = _require_ready(line)
            line.settimeout(_left(until))
            line.sendall(data)
            _part(line, until)
        except TimeoutError:
            raise PrinterFailed("timed_out") from None
        except ConnectionRefusedError:
            raise PrinterFailed("refused") from None
        except OSError as error:
            raise PrinterFailed("closed" if error.errno in CLOSED else "unreachable") from None
    return PrintResult(has_answered)


def _left(until: float) -> float:
    """Return the seconds that are left, a little at least."""
    return max(0.05, until - time.monotonic())


def _require_ready(line: socket.socket) -> bool:
    """Ask whether the printer is ready; say whether it has answered. Raises PrinterFailed."""
    line.settimeout(ANSWER_SECONDS)
    line.sendall(ASK_STATUS)
    try:
        answer = line.recv(1)
    except TimeoutError:
        return False  # one of those that never say anything
    if not answer:
        raise PrinterFailed("closed")
    if is_ready(answer) is False:
        raise PrinterFailed("offline")
    return is_ready(answer) is True


def _part(line: socket.socket, until: float) -> None:
    """Say that this is all, and hear whether the other side took none of it: it resets the line then."""
    line.shutdown(socket.SHUT_WR)
    line.settimeout(min(ANSWER_SECONDS, _left(until)))
    try:
        line.recv(16)
    except TimeoutError:
        return  # it keeps the line open while it prints


def has_print_queues() -> bool:
    """Say whether this computer has queues for printing (CUPS)."""
    return shutil.which("lp") is not None


def _send_to_queue(queue: str, data: bytes) -> PrintResult:
    program = shutil.which("lp")
    if program is None:
        raise PrinterFailed("no_queues")
    if find_printer_fault(address="", port=0, queue=queue):
        raise PrinterFailed("no_queue")
    command = [program, "-d", queue, "-o", "raw", "-s", "-"]
    try:
        done = subprocess.run(  # noqa: S603  # a program of the system, a checked name, no shell
            command, input=data, capture_output=True, timeout=ALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PrinterFailed("timed_out") from None
    if done.returncode:
        raise PrinterFailed("no_queue")
    return PrintResult(has_answered=False)
