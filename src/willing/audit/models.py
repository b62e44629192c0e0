"""The log: entries that nobody changes unnoticed.

Two structures are built over the same leaf hashes. The chain names the entry where something was changed; the
tree (RFC 6962) gives a root for the whole log, which is signed, and short proofs (docs/decisions/0015).

An entry's hashed part never holds personal text. Personal text is beside it in `personal_json`, bound
by a salted digest that is part of the hashed bytes, so that erasing the text leaves the chain whole.
"""

from typing import ClassVar

from django.db import models

from willing.core.clock import now
from willing.core.prepared_rows import PreparedModel


class Entry(PreparedModel):
    """One entry of the log, in the order of `sequence`, which starts at 1 and has no gaps."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=64, db_index=True)
    subject = models.UUIDField(null=True, db_index=True)
    hashed = models.BinaryField()
    entry_hash = models.BinaryField(max_length=32)
    chain_hash = models.BinaryField(max_length=32, unique=True)
    personal_json = models.TextField(null=True)  # noqa: DJ001  # null says erased; "{}" says there was none
    personal_salt = models.BinaryField(null=True, max_length=32)
    # Of `actor_rules`, from the facts, to search by; null, so that SQLite adds them to a long log at once.
    actor_kind = models.CharField(max_length=8, null=True)  # noqa: DJ001
    actor_id = models.CharField(max_length=36, null=True)  # noqa: DJ001

    class Meta:
        ordering: ClassVar = ["sequence"]
        indexes: ClassVar = [
            models.Index(fields=["event", "sequence"], name="audit_entry_by_event"),
            models.Index(fields=["actor_kind", "sequence"], name="audit_entry_by_actor_kind"),
            models.Index(
                fields=["actor_id", "sequence"],
                condition=models.Q(actor_id__isnull=False),
                name="audit_entry_by_actor",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="entry_sequence_from_one"),
        ]


class Head(PreparedModel):
    """The end of the log: one row, locked by every writer, so that entries form one line.

    peaks: the right edge of the tree, `verify.merkle.CompactRange.to_bytes`, at most 2 KiB.
    newest_at: the latest time that an entry bears, among those since the operator last vouched for the clock;
    empty before it is first needed (`clock_state.newest_time`). found_behind_at: since when, by its own time,
    the clock is behind that; empty while it is right.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    chain_hash = models.BinaryField(max_length=32)
    peaks = models.BinaryField(default=bytes, max_length=2048)
    newest_at = models.DateTimeField(null=True)
    found_behind_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row"),
        ]


class Node(models.Model):
    """A complete subtree, on every fourth level (`tree.LEVELS`). A leaf is its entry's `entry_hash`."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)


class SignedCheckpoint(models.Model):
    """A signed tree head, in the order of `number`, from 1 and without gaps. The note says all of it."""

    number = models.PositiveBigIntegerField(primary_key=True)
    size = models.PositiveBigIntegerField(db_index=True)
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="checkpoint_number_from_one"),
            models.CheckConstraint(condition=models.Q(size__gte=1), name="checkpoint_of_some_entries"),
        ]


class Witness(models.Model):
    """Somebody outside the school who signs that the log only ever grows (`verify.cosignatures`).

    key: the public key's line, `name+id+base64`. removed_at: since when it is not asked any more; what it
    signed until then stays.
    """

    key = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=100)
    added_at = models.DateTimeField(default=now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(removed_at=None), name="witness_of_one_name"
            ),
        ]


class Cosignature(models.Model):
    """A witness's signature line under a checkpoint. at: when the witness says that it signed."""

    checkpoint = models.ForeignKey(SignedCheckpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, related_name="cosignatures")
    line = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="cosigned_once_a_witness"),
        ]


class JournalLine(models.Model):
    """A line that waits to be written to the journal of refusals (`journal`); deleted once it is there.

    facts: ids, codes and whole numbers, as in a log entry. entry: the deed's in the log, where there is one.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=64)
    entry = models.PositiveBigIntegerField(null=True)
    facts = models.JSONField()
    at = models.DateTimeField(default=now)


class LogCheck(models.Model):
    """The state of the check of the whole log, and what the last finished one found: one row (`log_check`).

    result: `log_check._describe`; kept while a later check runs, fails or is broken off.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(max_length=16, choices=State)
    error = models.CharField(max_length=16, blank=True)
    started_at = models.DateTimeField()
    entries_done = models.PositiveBigIntegerField(default=0)
    entries_total = models.PositiveBigIntegerField(default=0)
    result = models.JSONField(null=True)
    result_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_log_check_is_one_row"),
        ]
