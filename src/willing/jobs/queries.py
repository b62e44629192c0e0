"""How a job is."""

from collections.abc import Collection
from enum import Enum
from uuid import UUID

from willing.jobs.models import Job


class JobProgress(Enum):
    """Where a job is: in the queue or at work; put off after a fault; not there (done, or never put in)."""

    UNDER_WAY = "under_way"
    PUT_OFF = "put_off"
    GONE = "gone"


def progress_of(kind: str, subject: UUID) -> JobProgress:
    """Return how the job about a subject is."""
    job = Job.objects.filter(kind=kind, subject=subject).first()
    if job is None:
        return JobProgress.GONE
    return JobProgress.PUT_OFF if job.tries and job.leased_until is None else JobProgress.UNDER_WAY


def waiting_of(kinds: Collection[str], subjects: Collection[UUID]) -> set[UUID]:
    """Return about which of these subjects there is a job of one of these kinds."""
    rows = Job.objects.filter(kind__in=kinds, subject__in=subjects)
    return set(rows.values_list("subject", flat=True))
