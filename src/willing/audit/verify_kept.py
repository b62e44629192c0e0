"""Check what was kept apart: a receipt against this log, and a copy of the database as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, connections

from willing.audit import tree
from willing.audit.errors import CopyUnreadable
from willing.audit.models import Entry
from willing.audit.queries import restores
from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import is_consistent, prove_consistency
from willing.audit.verify.receipts import Proven, verify_receipt
from willing.audit.verify.restores import find_loss
from willing.audit.verify.signed_note import Checkpoint, Key
from willing.audit.verify_database import Verification, head_of, verify_log
from willing.core.snapshot import snapshot


def verify_kept_receipt(text: str, keys: Sequence[Key], *, using: str = "default") -> Proven:
    """Return what a receipt proves, this log still holding it and continuing the checkpoint that it names.

    Raises Unproven, also where this log does not hold the entry (not_included; lost, where it was restored
    from an older copy) or does not continue the checkpoint (cut_off, inconsistent); TreeDamaged.
    """
    proven = verify_receipt(text, keys)
    with snapshot(using):
        _require_held(proven, using)
    return proven


def _require_held(proven: Proven, using: str) -> None:
    signed = proven.checkpoint
    loss = find_loss(signed, restores(using))
    if loss and proven.said.sequence > loss.kept:
        raise Unproven("lost", "the receipt is genuine; its entry was lost when the log was restored")
    entry = Entry.objects.using(using).filter(sequence=proven.said.sequence).first()
    if entry is None or bytes(entry.hashed) != proven.hashed:
        raise Unproven("not_included", "the receipt is genuine, but this log no longer holds its entry")
    if loss:
        return  # the log closes the old origin before what was signed, and states it
    head = head_of(using)
    if head.sequence < signed.size:
        raise Unproven("cut_off", f"{signed.size} entries were signed for; this log has {head.sequence}")
    root = tree.edge_of(head).root()
    proof = prove_consistency(signed.size, head.sequence, tree.reader(using))
    if not is_consistent(signed.size, signed.root, head.sequence, root, proof):
        raise Unproven(
            "inconsistent", "the receipt is genuine, but this log does not continue what it was signed in"
        )


@contextmanager
def opened_copy(path: Path) -> Iterator[str]:
    """Open a copy of an SQLite main database (a backup) for reading, unchanged; yield its alias.

    Raises CopyUnreadable where the file holds no log of this version.
    """
    alias = f"audit-copy-{uuid4().hex}"
    options = {
        **connections.settings["default"],
        "NAME": f"{path.resolve().as_uri()}?mode=ro",
        "CONN_MAX_AGE": 0,
    }
    options["ENGINE"] = "django.db.backends.sqlite3"
    options["OPTIONS"] = {"uri": True}
    connections.settings[alias] = options
    try:
        yield alias
    except DatabaseError as error:
        raise CopyUnreadable(
            f"{path}: this is no copy of a database with a log of this version: {error}"
        ) from error
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def verify_copy(
    path: Path, *, keys: Sequence[Key] | None = None, known: Sequence[Checkpoint] = ()
) -> Verification:
    """Verify the log in a copy of an SQLite main database (a backup). Raises CopyUnreadable."""
    with opened_copy(path) as alias:
        return verify_log(using=alias, keys=keys, known=known)
