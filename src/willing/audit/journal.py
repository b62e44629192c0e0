"""The journal: what a restore must not forget, in a folder that is neither in the home nor with the copies.

A copy of the database is a night old. Restoring it would undo each refusal since, each face erased, each
card revoked. So each of these is also written here, as ids only, with the log's size and root and the highest
numbers of receipts and Zs.

What is to be written is first a row of the deed's own transaction (`JournalLine`), so that a full disk or a
crash loses nothing, and a refusal is never held up by this file: a line that cannot be written waits, and is
tried again with the next one, by the server, and at night.

The file holds one JSON object a line, each with a hash over all before it. It is only appended to, and never
made anew in silence: where it is gone (a disk that was not mounted), lines wait.
"""

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from willing.audit import tree
from willing.audit.errors import JournalDamaged, JournalUnfit, SigningKeyUnreadable, TreeDamaged
from willing.audit.journal_file import FILE, FORMAT, MARKS, Position, append, line_of
from willing.audit.models import Head, JournalLine
from willing.audit.signing import own_key
from willing.core.files import written_whole
from willing.core.paths import home
from willing.core.transactions import do_last

BATCH = 500
PATIENCE_SECONDS = 2.0
log = logging.getLogger("willing.journal")
# Set by the rooms that number anything without gaps, which this one does not know: of each kind ("receipts",
# "pay_ins", "zs") the highest number given out, by the id of whose they are.
number_finders: dict[str, Callable[[], dict[str, int]]] = {}
_writing = threading.Lock()
_stuck: threading.Thread | None = None


def note(kind: str, facts: Mapping[str, Any]) -> None:
    """Let a line be written once the caller's transaction is committed. Nothing of a disk is ever raised.

    Call it after the deed's entry in the log: the line carries its number, or a later one of the same
    transaction, by which a restore knows what a copy holds. facts: ids, codes and whole numbers only. Where
    no folder was named, nothing is kept.
    """
    note_many([(kind, facts)])


def note_many(lines: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Do what `note` does for many lines at once."""
    if lines and journal_folder() is not None:
        do_last(_store, lines)


def _store(lines: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    last = Head.objects.filter(id=1).values_list("sequence", flat=True).first()
    JournalLine.objects.bulk_create(
        JournalLine(kind=kind, facts=dict(facts), entry=last) for kind, facts in lines
    )
    transaction.on_commit(write_pending, robust=True)


def write_pending() -> bool:
    """Append whatever waits to the file. Return whether nothing waits any more.

    It never raises for a disk, and waits two seconds for one that does not answer.
    """
    folder = journal_folder()
    if folder is None or not JournalLine.objects.exists():
        return True
    if not _writing.acquire(timeout=PATIENCE_SECONDS):
        return False  # the next writer takes these lines along, or reports why not
    try:
        while rows := list(JournalLine.objects.order_by("id")[:BATCH]):
            told = _state()
            bodies = [{"kind": row.kind, "entry": row.entry, "facts": row.facts, **told} for row in rows]
            if not _in_time(partial(append, folder / FILE, bodies)):
                return False
            JournalLine.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return True
    finally:
        _writing.release()


def write_marks() -> bool:
    """Write the log's end and the highest receipt numbers beside the journal, in place of the last ones.

    Run every minute by a server: these go on with every sale, and a line for each would be too many.
    Return whether it worked; it never raises for a disk.
    """
    folder = journal_folder()
    if folder is None:
        return True
    marks = json.dumps(_state()).encode()
    path = folder / MARKS

    def write() -> None:
        if not (folder / FILE).exists():
            raise FileNotFoundError(folder / FILE)
        if not path.exists() or path.read_bytes() != marks:
            with written_whole(path) as file:
                file.write(marks)

    return _in_time(write)


def begin(folder: Path) -> None:
    """Make `folder` this installation's from now on, and begin a journal in it.

    Raises JournalUnfit where it lies in the home, holds copies or another journal, or cannot be written.
    """
    folder = folder.resolve()
    if folder.is_relative_to(home()) or home().is_relative_to(folder):
        raise JournalUnfit("it lies together with the data: whatever destroys one destroys both")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.glob("*.sqlite3.age")):
            raise JournalUnfit("it holds copies: whatever destroys them destroys the journal too")
        if (folder / FILE).exists():
            raise JournalUnfit(
                "it holds a journal already, maybe another installation's: name another folder"
            )
        body = {"kind": "begun", "entry": None, "facts": {"format": FORMAT}, **_state()}
        with written_whole(folder / FILE) as file:
            file.write(line_of(body, Position(0, ""))[0])
        set_folder(folder)
    except OSError as error:
        raise JournalUnfit(f"it cannot be written: {error.strerror}") from None


def journal_folder() -> Path | None:
    """Return the folder that was named at set-up, or None. $WILLING_JOURNAL_DIR says it moved."""
    if (named := os.environ.get("WILLING_JOURNAL_DIR")) is not None:
        return Path(named) if named else None
    try:
        return Path(_named_in().read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return None


def set_folder(folder: Path) -> None:
    """Keep which folder it is, in the home: the database may be lost when it is asked for. Raises OSError."""
    with written_whole(_named_in()) as file:
        file.write(f"{folder}\n".encode())


def _named_in() -> Path:
    return home() / "journal.folder"


@dataclass(frozen=True)
class JournalState:
    """How it is with the journal. folder: None where none was named. waiting: lines not written yet."""

    folder: Path | None
    is_writable: bool
    waiting: int
    oldest_at: datetime | None

    @property
    def is_ok(self) -> bool:
        """True where everything that should be in the file is. Without a folder nothing should."""
        return self.folder is None or (self.is_writable and not self.waiting)


def journal_state() -> JournalState:
    """Return how it is with the journal, by looking only."""
    folder = journal_folder()
    waiting = JournalLine.objects.order_by("id")
    first = waiting.first()
    is_writable = folder is not None and os.access(folder / FILE, os.W_OK)
    if first is None:
        return JournalState(folder, is_writable, 0, None)
    return JournalState(folder, is_writable, waiting.count(), first.at)


def _state() -> dict[str, Any]:
    """Return what each line tells beside its own: the log's end and the highest numbers, as they are now."""
    head = Head.objects.filter(id=1).first()
    try:
        edge = tree.edge_of(head) if head else None
    except TreeDamaged:  # the verifier's to tell; the refusal is what matters here
        edge = None
    try:
        origin = own_key().name
    except SigningKeyUnreadable:
        origin = ""
    return {
        "origin": origin,
        "size": edge.size if edge else 0,
        "root": edge.root().hex() if edge else "",
        "numbers": {kind: find() for kind, find in sorted(number_finders.items())},
    }


def _in_time(write: Callable[[], object]) -> bool:
    """Run `write` beside this thread and wait a little: a network disk may hang for minutes."""
    global _stuck
    if _stuck is not None and _stuck.is_alive():
        return False
    faults: list[Exception] = []

    def run() -> None:
        try:
            write()
        except (OSError, JournalDamaged) as error:
            faults.append(error)

    thread = threading.Thread(target=run, name="willing-journal-write", daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    _stuck = thread if thread.is_alive() else None
    if _stuck or faults:
        why = type(faults[0]).__name__ if faults else "no answer"
        log.error("the journal of refusals could not be written (%s); what should be in it waits", why)
    return not _stuck and not faults
