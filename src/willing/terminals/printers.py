"""The writers of a till's receipt printer: set up, taken away, and how the last attempt went."""

from dataclasses import dataclass

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.terminals.errors import printer_failed, printer_not_possible, terminal_unknown
from willing.terminals.models import Characters, Printer, Terminal
from willing.terminals.printer_rules import COLUMNS, PORT, PrinterFault, find_printer_fault
from willing.terminals.printing import PrinterFailed, PrintResult, has_print_queues, send_to_printer


@dataclass(frozen=True)
class NewPrinter:
    """A receipt printer as the office sets it up: an address of the school's network, or a queue of CUPS."""

    address: str = ""
    port: int = PORT
    queue: str = ""
    columns: int = COLUMNS[-1]
    characters: str = Characters.WEST.value
    prints_always: bool = False


@atomic
def set_printer(terminal: Terminal, new: NewPrinter, *, by: User) -> Printer:
    """Let a till print receipts there from now on. Raises Refused printer_not_possible, terminal_unknown."""
    fault = find_printer_fault(address=new.address, port=new.port, queue=new.queue)
    if fault is None and new.queue and not has_print_queues():
        fault = PrinterFault.NO_QUEUES
    if fault is not None:
        raise printer_not_possible(fault)
    if lock(Terminal.objects).filter(pk=terminal.pk, retired_at=None).first() is None:
        raise terminal_unknown()
    printer, _ = Printer.objects.update_or_create(
        terminal_id=terminal.pk,
        defaults={
            "address": None if new.queue else new.address,
            "port": None if new.queue else new.port,
            "queue": new.queue,
            "columns": new.columns,
            "characters": Characters(new.characters),
            "prints_always": new.prints_always,
            "user": by,
            "set_at": now(),
            "tried_at": None,
            "worked_at": None,
            "fault": "",
        },
    )
    facts = {"address": new.queue or f"{new.address}:{new.port}", "always": new.prints_always, "by": by.pk}
    record("printer.set", subject=terminal.pk, facts=facts, personal={})
    return printer


@atomic
def remove_printer(terminal: Terminal, *, by: User) -> None:
    """Print no more receipts at a till. Twice changes nothing."""
    removed, _ = Printer.objects.filter(terminal_id=terminal.pk).delete()
    if removed:
        record("printer.removed", subject=terminal.pk, facts={"by": by.pk}, personal={})


def find_printer(terminal: Terminal) -> Printer | None:
    """Return a till's receipt printer, or None."""
    return Printer.objects.filter(terminal_id=terminal.pk).first()


def print_bytes(printer: Printer, data: bytes) -> PrintResult:
    """Send bytes to a till's printer and note how that went. Raises Refused printer_failed.

    Outside any transaction: while a printer stalls, nothing of the database is held.
    """
    try:
        taken = send_to_printer(printer, data)
    except PrinterFailed as failed:
        if failed.fault != "busy":
            _note(printer, fault=failed.fault)
        raise printer_failed(failed.fault) from None
    _note(printer, fault="")
    return taken


def _note(printer: Printer, *, fault: str) -> None:
    """Note how an attempt went. No entry of the log: it tells whether a device works, and of nobody."""
    at = now()
    rows = Printer.objects.filter(pk=printer.pk, set_at=printer.set_at)
    if fault:
        rows.update(tried_at=at, fault=fault)
    else:
        rows.update(tried_at=at, worked_at=at, fault="")
