"""Reads of the till."""

from uuid import UUID

from django.db.models import QuerySet

from willing.people.models import Person, School
from willing.till.models import Basket, Refund, Sale

# What a sale is read with where its refunds are shown, each with its lines; asked for once for many sales.
REFUNDS = ("refunds", "refunds__lines__line")


def sales_of_person(person: Person) -> QuerySet[Sale]:
    """Return a person's sales, newest first."""
    return Sale.objects.filter(person=person).prefetch_related("basket__lines").order_by("-settled_at")


def find_sale(school: School, sale_id: UUID) -> Sale | None:
    """Return a sale of this school with its lines and its refunds at hand, or None."""
    return (
        Sale.objects.filter(school=school, pk=sale_id)
        .select_related("basket__terminal")
        .prefetch_related("basket__lines", *REFUNDS)
        .first()
    )


def find_sale_of_basket(basket: Basket) -> Sale | None:
    """Return the sale of a basket, or None while it is not paid."""
    if basket.state != Basket.State.PAID:
        return None
    return Sale.objects.filter(basket=basket).first()


def refunds_of(sale: Sale) -> list[Refund]:
    """Return a sale's refunds, the oldest first."""
    return sorted(sale.refunds.all(), key=lambda one: (one.at, one.id))
