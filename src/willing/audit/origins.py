"""A log that was restored from a copy begins a new origin, so that nobody takes it for a rewritten history.

Entries after the copy are lost, though some of them were signed for. So the old origin is closed where the
copy is closed: its key is destroyed, and the first entry of the new origin, under a new key, says what was
known of the old one. A checkpoint of the old origin past that place is then one of lost entries; without such
an entry it is proof that someone rewrote the log.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from willing.audit import tree
from willing.audit.actions import record_now
from willing.audit.journal import note
from willing.audit.models import Head
from willing.audit.queries import newest_checkpoint, newest_restore, restores
from willing.audit.signing import next_key, own_key, trusted_keys
from willing.audit.verify.restores import RESTORED, Restore, read_restore
from willing.core.transactions import atomic


@dataclass(frozen=True)
class LastKnown:
    """How far the log had come that a copy takes the place of, as far as is known; root in hexadecimal."""

    size: int
    root: str


@atomic
def open_origin(restore_id: UUID, last: LastKnown | None, *, by: dict[str, Any]) -> Restore:
    """Close the log's origin at its last entry, and record the first entry of a new one.

    last: what was known of the lost log; None where nothing was, or nothing was lost past the copy. by: facts
    about the restore itself. The same restore again changes nothing. `actions.finish_opening` changes the key
    once this is committed. Raises SigningKeyUnreadable, TreeDamaged.
    """
    done = newest_restore()
    if done is not None and done.restore_id == str(restore_id):
        return done
    head = Head.objects.filter(id=1).first()
    size = head.sequence if head else 0
    root = tree.edge_of(head).root().hex() if head else ""
    signed = newest_checkpoint()
    facts = {
        "restore": str(restore_id),
        "origins": _open_origins(),
        "kept": size,
        "kept_root": root,
        "known_size": last.size if last else None,
        "known_root": last.root if last else None,
        "lost": last.size - size if last and last.size > size else None,
        "checkpoint": signed.note if signed else None,
        "opened": next_key().name,
        **by,
    }
    entry = record_now(RESTORED, subject=None, facts=facts, personal={})
    lineage = {name: facts[name] for name in ("restore", "origins", "kept", "opened")}
    note(RESTORED, lineage)
    return read_restore(bytes(entry.hashed))


def _open_origins() -> list[str]:
    """Return the origins to close now: the own one, then those that the log does not know as closed."""
    ended = {name for one in restores() for name in one.origins}
    names = dict.fromkeys([own_key().name, *(key.name for key in trusted_keys())])
    return [name for name in names if name not in ended]
