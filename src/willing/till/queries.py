"""Reads of the till."""

from uuid import UUID

from django.db.models import QuerySet

from willing.people.models import Person, School
from willing.till.models import Basket, Sale


def sales_of_person(person: Person) -> QuerySet[Sale]:
    """Return a person's sales, newest first."""
    return (
        Sale.objects.filter(person=person)
        .select_related("refund")
        .prefetch_related("basket__lines")
        .order_by("-settled_at")
    )


def find_sale(school: School, sale_id: UUID) -> Sale | None:
    """Return a sale of this school with its lines and its refund at hand, or None."""
    return (
        Sale.objects.filter(school=school, pk=sale_id)
        .select_related("refund", "basket__terminal")
        .prefetch_related("basket__lines")
        .first()
    )


def find_sale_of_basket(basket: Basket) -> Sale | None:
    """Return the sale of a basket with its refund at hand, or None while it is not paid."""
    if basket.state != Basket.State.PAID:
        return None
    return Sale.objects.select_related("refund").filter(basket=basket).first()
