"""Reads about mail."""

from dataclasses import dataclass

from django.db.models import QuerySet

from willing.jobs.models import Job
from willing.mail.models import Mail
from willing.mail.outbox import JOBS, is_still_refused
from willing.people.models import School


@dataclass(frozen=True)
class Outbox:
    """How the outbox is: how many wait, how many were given up, and why the newest fault."""

    waiting: int
    given_up: int
    fault: str


def outbox_of(school: School) -> Outbox:
    """Return how the outbox of a school is."""
    jobs = Job.objects.filter(kind__in=JOBS)
    faulty = jobs.exclude(last_fault="").order_by("-tries").first()
    return Outbox(
        waiting=mails_of(school).filter(state=Mail.State.WAITING).count(),
        given_up=jobs.filter(is_given_up=True).count(),
        fault=faulty.last_fault if faulty else "",
    )


def mails_of(school: School) -> QuerySet[Mail]:
    """Return the mails of a school, newest first."""
    rows = Mail.objects.filter(person__school=school).select_related("guardian", "person")
    return rows.order_by("-created_at", "-id")


def refused_mails(school: School) -> list[Mail]:
    """Return the mails whose address the server refused and that is still the guardian's, newest first."""
    rows = mails_of(school).filter(state=Mail.State.REFUSED)
    return [one for one in rows if is_still_refused(one)]


def given_up_mails(school: School) -> list[Mail]:
    """Return the mails that the worker tried for days in vain."""
    ids = Job.objects.filter(kind__in=JOBS, is_given_up=True).values_list("subject", flat=True)
    return list(mails_of(school).filter(pk__in=list(ids)))
