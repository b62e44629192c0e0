"""The log: a chain of entries that nobody changes unnoticed.

An entry's hashed part never holds personal text. Personal text stands beside it in `personal_json`, bound
by a salted digest that is part of the hashed bytes, so that erasing the text leaves the chain whole.
"""

from typing import ClassVar

from django.db import models


class Entry(models.Model):
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

    class Meta:
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(sequence__gte=1), name="entry_sequence_from_one"),
        ]


class Head(models.Model):
    """The end of the chain: one row, locked by every writer, so that entries form one line."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.PositiveBigIntegerField(default=0)
    chain_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_one_row"),
        ]
