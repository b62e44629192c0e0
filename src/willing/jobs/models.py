"""What waits to be done by the worker of a server."""

from typing import ClassVar

from django.db import models

from willing.core.clock import now
from willing.core.ids import new_id


class Job(models.Model):
    """One piece of work. It is deleted once it is done; what it led to is recorded where it belongs.

    It holds no data of its own: `subject` is the id of the row that it is about.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.UUIDField()
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now)
    # Which process is doing it, and until when nobody else takes it over.
    worker = models.CharField(max_length=120, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # The kind of error only: its text may hold a person's data.
    last_fault = models.CharField(max_length=60, blank=True, default="")
    # After the last try: it waits for a person, who lets it be tried again or drops it.
    is_given_up = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject"], name="one_job_a_kind_and_subject"),
        ]
        indexes: ClassVar = [models.Index(fields=["is_given_up", "due_at"], name="job_due")]
