"""The entry `log.restored`: a log restored from a copy, which closes one origin and opens the next. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from willing.audit.verify.entries import EntryContent, read_entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.signed_note import Checkpoint

RESTORED = "log.restored"


@dataclass(frozen=True)
class Restore:
    """What such an entry says.

    origins: the logs that end at `kept` entries: the one that was written to, first, and those before it that
    the copy does not know to be closed. lost: how many entries after those are gone; None where
    nobody knows. opened: the origin that goes on. restore_id: which restore it was.
    """

    sequence: int
    origins: tuple[str, ...]
    kept: int
    lost: int | None
    opened: str
    restore_id: str

    def covers(self, checkpoint: Checkpoint) -> bool:
        """Say whether a checkpoint is of entries that were lost, as far as this entry owns up to it."""
        is_lost = checkpoint.origin in self.origins and checkpoint.size > self.kept
        return is_lost and (self.lost is None or checkpoint.size <= self.kept + self.lost)


def read_restore(hashed: bytes) -> Restore:
    """Return what an entry's canonical bytes say of a restore. Raises Unproven (malformed)."""
    found = find_restore(read_entry(hashed))
    if found is None:
        raise Unproven("malformed", "this entry does not say rightly how the log was restored")
    return found


def find_restore(content: EntryContent) -> Restore | None:
    """Return what an entry says of a restore; None where it is another entry, or claims what cannot be.

    It comes right after the entries that were kept, and opens an origin that it does not close.
    """
    facts = content.facts
    origins, opened, lost = facts.get("origins"), facts.get("opened"), facts.get("lost")
    is_one = (
        content.event == RESTORED
        and isinstance(origins, list)
        and bool(origins)
        and all(isinstance(one, str) for one in origins)
        and isinstance(opened, str)
        and opened not in origins
        and facts.get("kept") == content.sequence - 1
        and (lost is None or (type(lost) is int and lost > 0))
    )
    if not is_one:
        return None
    return Restore(
        content.sequence,
        tuple(origins or ()),
        content.sequence - 1,
        lost,
        str(opened),
        str(facts.get("restore")),
    )


def find_loss(checkpoint: Checkpoint, restores: Iterable[Restore]) -> Restore | None:
    """Return the restore that lost what a checkpoint signs for, or None."""
    return next((one for one in restores if one.covers(checkpoint)), None)


def describe_restore(restore: Restore) -> str:
    """Return one line for the person who checks a log that was restored."""
    lost = "an unknown number of" if restore.lost is None else str(restore.lost)
    return (
        f"entry {restore.sequence}: restored from a copy of {restore.kept} entries; {lost} later ones of "
        f"{', '.join(restore.origins)} were lost; {restore.opened} goes on"
    )


def describe_lost(checkpoint: Checkpoint) -> str:
    """Return one line about a checkpoint of lost entries: it is no sign of a rewritten log."""
    return f"checkpoint of {checkpoint.origin} at {checkpoint.size}: of entries that were lost when restored"
