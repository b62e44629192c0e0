"""Reads about print runs."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q

from willing.biometrics.models import Template
from willing.core.clock import now
from willing.credentials import errors
from willing.credentials.models import Card
from willing.credentials.print_models import PrintedItem, PrintRun
from willing.credentials.print_rules import PrintLayout, sheets_of
from willing.people.models import Guardian, GuardianLink, Person, School

# No run takes as long to make: what is not ready by then was broken off.
MINUTES_MAX = 10


@dataclass(frozen=True)
class PrintRunState:
    """A run, how many pieces are in which state, and what a confirmation revokes.

    next_sheet: the first sheet that nobody has confirmed or given up. cards_revoked, faces_erased: what the
    persons on the waiting sheets have until now.
    """

    run: PrintRun
    waiting: int
    confirmed: int
    void: int
    next_sheet: int
    cards_revoked: int
    faces_erased: int

    @property
    def sheets(self) -> int:
        """On how many sheets the run is."""
        return sheets_of(PrintLayout(self.run.layout), self.run.total)

    @property
    def is_broken_off(self) -> bool:
        """Whether its sheets were never made, and will not be."""
        return self.run.ready_at is None and now() - self.run.started_at > timedelta(minutes=MINUTES_MAX)


def find_run(school: School, run_id: UUID) -> PrintRun | None:
    """Return a run of a school, or None: it may not have begun yet, or could not be made."""
    return PrintRun.objects.filter(school=school, pk=run_id).select_related("school").first()


def require_run(school: School, run_id: UUID) -> PrintRun:
    """Return a run whose sheets were made. Raises Refused unknown_print_run."""
    run = find_run(school, run_id)
    if run is None or run.ready_at is None:
        raise errors.unknown_print_run()
    return run


def run_state(run: PrintRun) -> PrintRunState:
    """Return how far a run is, and what confirming what waits revokes."""
    items = PrintedItem.objects.filter(run=run).order_by()
    counts = dict(items.values_list("state").annotate(count=Count("pk")))
    waiting = items.filter(state=PrintedItem.State.WAITING)
    first = waiting.order_by("number").values_list("sheet", flat=True).first()
    earlier = Card.objects.none()
    if run.kind == PrintRun.Kind.CARDS:
        own = items.values("card")
        earlier = Card.objects.filter(
            person__in=waiting.values("person"), revoked_at=None, is_foreign=False
        ).exclude(pk__in=own)
    return PrintRunState(
        run,
        counts.get(PrintedItem.State.WAITING, 0),
        counts.get(PrintedItem.State.CONFIRMED, 0),
        counts.get(PrintedItem.State.VOID, 0),
        first or 0,
        earlier.count(),
        Template.objects.filter(card_id__in=earlier.values("pk")).count(),
    )


def open_runs(school: School) -> list[PrintRun]:
    """Return the runs of which something waits to be confirmed, the oldest first."""
    rows = PrintRun.objects.filter(school=school, ready_at__isnull=False, closed_at=None)
    waits = Count("items", filter=Q(items__state=PrintedItem.State.WAITING))
    return list(rows.annotate(waiting=waits).filter(waiting__gt=0).order_by("started_at", "pk"))


def waiting_persons(run: PrintRun) -> list[UUID]:
    """Return whose cards or slips of a run wait, in the order of its sheets."""
    rows = PrintedItem.objects.filter(run=run, state=PrintedItem.State.WAITING)
    return list(rows.order_by("number").values_list("person_id", flat=True))


def waiting_guardians(run: PrintRun) -> list[UUID]:
    """Return whose letters of a run wait, in the order in which they were printed."""
    rows = PrintedItem.objects.filter(run=run, state=PrintedItem.State.WAITING, guardian__isnull=False)
    found = rows.order_by("number").values_list("guardian_id", flat=True)
    return [one for one in found if one is not None]


def children_of(guardians: list[UUID]) -> list[UUID]:
    """Return the ids of those whom guardians decide for today."""
    links = GuardianLink.objects.filter(guardian__in=guardians, ended_at=None)
    return list(links.values_list("person_id", flat=True))


def recipients(persons: list[Person]) -> list[tuple[Guardian, list[Person]]]:
    """Return the guardians of persons with those of them who are theirs, in the order of the persons.

    A guardian of several children is where the first of them is: one letter, one envelope.
    """
    links = GuardianLink.objects.filter(person__in=persons, ended_at=None, guardian__merged_into=None)
    by_person: dict[UUID, list[Guardian]] = {}
    for link in links.select_related("guardian").order_by("guardian__name", "guardian_id"):
        by_person.setdefault(link.person_id, []).append(link.guardian)
    found: dict[UUID, tuple[Guardian, list[Person]]] = {}
    for person in persons:
        for guardian in by_person.get(person.pk, []):
            found.setdefault(guardian.pk, (guardian, []))[1].append(person)
    return list(found.values())
