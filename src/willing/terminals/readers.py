"""The writer of how a terminal's reader types, as a test scan has shown it."""

from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.terminals.keyboards import KeyboardLayout, KeyboardReader, Suffix
from willing.terminals.models import Terminal


@atomic
def set_reader(terminal: Terminal, reader: KeyboardReader, *, by: int) -> None:
    """Let a terminal read its reader so from now on; what it does already changes nothing."""
    row = lock(Terminal.objects).get(pk=terminal.pk)
    if reader_of(row) == reader:
        return
    row.reader_layout, row.reader_suffix = reader.layout.value, reader.suffix.value
    row.reader_prefix = reader.prefix
    row.save(update_fields=["reader_layout", "reader_suffix", "reader_prefix"])
    facts = {"layout": row.reader_layout, "suffix": row.reader_suffix, "by": by}
    record("terminal.reader_set", subject=row.id, facts=facts, personal={})


def reader_of(terminal: Terminal) -> KeyboardReader:
    """Return how a terminal's reader types."""
    return KeyboardReader(
        KeyboardLayout(terminal.reader_layout), Suffix(terminal.reader_suffix), str(terminal.reader_prefix)
    )
