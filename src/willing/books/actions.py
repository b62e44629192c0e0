"""The writers of the rates of tax and of closed months."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.books import errors
from willing.books.counting import forget_days
from willing.books.models import MonthEnd, TaxRate
from willing.books.months import next_month, open_month
from willing.books.rules import RATE_MAX
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.drawers.queries import left_open
from willing.people.models import School
from willing.people.queries import today


@dataclass(frozen=True)
class NewRate:
    """A rate of a tax code from a day on. rate: hundredths of a percent; buyer "": everyone."""

    code: str
    buyer: str
    rate: int
    first_day: date


@atomic
def set_tax_rate(school: School, new: NewRate, *, by: User) -> TaxRate:
    """Set a rate, in place of one of the same code, buyers and day. Raises Refused tax_rate_not_valid."""
    if not 0 <= new.rate <= RATE_MAX:
        raise errors.tax_rate_not_valid()
    rate, _ = TaxRate.objects.update_or_create(
        school=school,
        code=new.code,
        buyer=new.buyer,
        first_day=new.first_day,
        defaults={"rate": new.rate, "user": by, "set_at": now()},
    )
    forget_days(school, new.first_day)
    record("tax_rate.set", subject=school.id, facts=_facts(rate, by), personal={})
    return rate


@atomic
def delete_tax_rate(school: School, rate_id: UUID, *, by: User) -> None:
    """Delete a rate that was a mistake; what held before holds again. Raises Refused tax_rate_unknown."""
    rate = lock(TaxRate.objects).filter(school=school, pk=rate_id).first()
    if rate is None:
        raise errors.tax_rate_unknown()
    forget_days(school, rate.first_day)
    record("tax_rate.deleted", subject=school.id, facts=_facts(rate, by), personal={})
    rate.delete()


@atomic
def close_month(school: School, first: date, *, by: User | None) -> MonthEnd:
    """Close a month: what its report says stays so. first: its first day.

    What is posted into it afterwards, by a clock that was put back, the next month shows as such.
    Raises Refused month_not_over, month_closed, month_out_of_order, drawers_open.
    """
    lock(School.objects).get(pk=school.pk)
    if next_month(first) > today(school):
        raise errors.month_not_over()
    newest = MonthEnd.objects.filter(school=school).order_by("-first_day").first()
    if newest is not None and newest.first_day >= first:
        raise errors.month_closed()
    if newest is not None and next_month(newest.first_day) != first:
        raise errors.month_out_of_order(next_month(newest.first_day).isoformat())
    if left_open(school, next_month(first)):
        raise errors.drawers_open()
    month = open_month(school, first)
    closed = MonthEnd.objects.create(
        school=school,
        first_day=first,
        content=month.as_bytes(),
        sha256=month.sha256,
        closed_by=by,
        closed_at=now(),
    )
    facts = {"month": first.isoformat(), "sha256": closed.sha256, "by": by.pk if by else None}
    record("month.closed", subject=school.id, facts=facts, personal={})
    return closed


def _facts(rate: TaxRate, by: User) -> dict[str, object]:
    return {
        "code": rate.code,
        "buyer": rate.buyer,
        "rate": rate.rate,
        "first_day": rate.first_day.isoformat(),
        "by": by.pk,
    }
