"""Reads about scans. Never a scan itself: looking at one is a deed (`actions.look_at_paper`)."""

from uuid import UUID

from willing.papers import errors
from willing.papers.models import Paper
from willing.people.models import Person


def papers_of(person: Person) -> list[Paper]:
    """Return which forms are kept of a person, newest first, without the sealed bytes."""
    return list(Paper.objects.filter(person=person).defer("sealed").order_by("-at"))


def require_paper(person: Person, paper_id: UUID) -> Paper:
    """Return a form of this person. Raises Refused paper_gone."""
    found = Paper.objects.filter(person=person, pk=paper_id).first()
    if found is None:
        raise errors.paper_gone()
    return found
