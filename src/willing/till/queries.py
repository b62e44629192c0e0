"""Reads of the till."""

from uuid import UUID

from django.db.models import QuerySet

from willing.people.models import Person, School
from willing.till.models import Sale


def sales_of_person(person: Person) -> QuerySet[Sale]:
    """Return a person's settled sales, newest first."""
    return (
        Sale.objects.filter(person=person, state=Sale.State.SETTLED)
        .select_related("refund")
        .prefetch_related("basket__lines__product")
        .order_by("-settled_at")
    )


def find_sale(school: School, sale_id: UUID) -> Sale | None:
    """Return a sale of this school with its lines and its refund at hand, or None."""
    return (
        Sale.objects.filter(school=school, pk=sale_id)
        .select_related("refund", "basket__terminal")
        .prefetch_related("basket__lines__product")
        .first()
    )
