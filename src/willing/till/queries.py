"""Reads of the till."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet

from willing.people.models import Person, School
from willing.till.models import Basket, Sale
from willing.till.refund_models import Refund, RefundLine


def with_refunds(sales: QuerySet[Sale]) -> QuerySet[Sale]:
    """Let sales be read with their refunds, each with its lines, in one statement each for all of them.

    What a row points at comes with it by a join: asked for apart, Django writes "id = 1 OR id = 2 OR …", and
    SQLite refuses a thousand of those.
    """
    lines = RefundLine.objects.select_related("line")
    return sales.prefetch_related("refunds", Prefetch("refunds__lines", lines))


def sales_of_person(person: Person) -> QuerySet[Sale]:
    """Return a person's sales, newest first."""
    sales = Sale.objects.filter(person=person).select_related("basket")
    return sales.prefetch_related("basket__lines").order_by("-settled_at")


def find_sale(school: School, sale_id: UUID) -> Sale | None:
    """Return a sale of this school with its lines and its refunds at hand, or None."""
    found = Sale.objects.filter(school=school, pk=sale_id).select_related("basket__terminal")
    return with_refunds(found.prefetch_related("basket__lines")).first()


def find_sale_of_basket(basket: Basket) -> Sale | None:
    """Return the sale of a basket, or None while it is not paid."""
    if basket.state != Basket.State.PAID:
        return None
    return Sale.objects.filter(basket=basket).first()


def refunds_of(sale: Sale) -> list[Refund]:
    """Return a sale's refunds, the oldest first."""
    return sorted(sale.refunds.all(), key=lambda one: (one.at, one.id))
