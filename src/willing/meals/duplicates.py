"""Purchases that look like duplicates: found every hour, the certain ones refunded, to be undone."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.meals import errors
from willing.meals.models import Duplicate
from willing.meals.rules import SUSPECT_SECONDS, Bought, Repetition, decide_duplicate
from willing.people.models import School
from willing.people.queries import find_school, listed_guardians
from willing.till.charging_again import charge_again
from willing.till.models import BasketLine, Sale
from willing.till.refunds import RefundedBy, refund_sale

# So far back it reads each time: a server that was off for a weekend misses nothing.
READ_DAYS = 4


def find_duplicates(school: School) -> int:
    """List the pairs of the last days that are alike and refund the certain ones. Return how many are new.

    Twice finds nothing new. Each pair is a transaction of its own: one that fails holds up no other.
    """
    found = _pairs(school)
    known = set(
        Duplicate.objects.filter(second__in=[one[1].pk for one in found]).values_list("second_id", flat=True)
    )
    new = [one for one in found if one[1].pk not in known]
    for first, second, likeness in new:
        _keep(school, first, second, likeness)
    return len(new)


def find_duplicates_here() -> None:
    """Do that for the school of this installation, where there is one yet."""
    school = find_school()
    if school is not None:
        find_duplicates(school)


def _pairs(school: School) -> list[tuple[Sale, Sale, Repetition]]:
    since = now() - timedelta(days=READ_DAYS)
    rows = Sale.objects.filter(school=school, settled_at__gte=since, refunded="", total_minor__gt=0)
    rows = rows.exclude(person=None)
    sales: defaultdict[tuple[UUID, int], list[Sale]] = defaultdict(list)
    for sale in rows.order_by("settled_at", "receipt_number").iterator():
        assert sale.person_id is not None
        sales[sale.person_id, sale.total_minor].append(sale)
    near = [
        (first, second)
        for same in sales.values()
        for first, second in pairwise(same)
        if (second.settled_at - first.settled_at).total_seconds() < SUSPECT_SECONDS
    ]
    lines = _lines([one for pair in near for one in pair])
    judged = [
        (first, second, decide_duplicate(_bought(first, lines), _bought(second, lines)))
        for first, second in near
    ]
    return [one for one in judged if one[2] is not Repetition.NONE]


def _lines(sales: Sequence[Sale]) -> dict[UUID, tuple[tuple[str, int], ...]]:
    found: defaultdict[UUID, list[tuple[str, int]]] = defaultdict(list)
    rows = BasketLine.objects.filter(basket__in=[one.basket_id for one in sales])
    for basket, product, quantity in rows.values_list("basket", "product", "quantity"):
        found[basket].append((str(product), quantity))
    return {basket: tuple(sorted(one)) for basket, one in found.items()}


def _bought(sale: Sale, lines: dict[UUID, tuple[tuple[str, int], ...]]) -> Bought:
    return Bought(
        sale.settled_at,
        str(sale.terminal_id),
        sale.total_minor,
        lines.get(sale.basket_id, ()),
        sale.is_repeat_checked,
    )


@atomic
def _keep(school: School, first: Sale, second: Sale, likeness: Repetition) -> Duplicate:
    is_certain = likeness is Repetition.CERTAIN
    kept = Duplicate.objects.create(
        id=derive_id(second.id, "duplicate"),
        school=school,
        first=first,
        second=second,
        is_certain=is_certain,
        found_at=now(),
    )
    facts = {"first": str(first.id), "second": str(second.id), "certain": is_certain}
    record("duplicate.found", subject=second.person_id, facts=facts, personal={})
    if is_certain:
        _refund(kept, None)
    return kept


def _refund(pair: Duplicate, by: User | None) -> None:
    """Refund the second purchase and write to the family."""
    who = RefundedBy(user=by, is_automatic=by is None)
    pair.refund = refund_sale(pair.second_id, key=derive_id(pair.id, "refund"), by=who)
    pair.state = Duplicate.State.REFUNDED
    pair.decided_at, pair.decided_by = now(), by
    pair.save(update_fields=["refund", "state", "decided_at", "decided_by"])
    person = pair.second.person
    assert person is not None, "sales in cash are no pairs"
    write_to(listed_guardians(person.id), Topic.REFUND, person)


@atomic
def refund_duplicate(school: School, pair_id: UUID, *, by: User) -> Duplicate:
    """Refund the second of two purchases that the office found to be one.

    Raises Refused duplicate_unknown, duplicate_decided, already_refunded.
    """
    pair = _lock_open(school, pair_id)
    _refund(pair, by)
    return pair


@atomic
def keep_both(school: School, pair_id: UUID, *, by: User) -> Duplicate:
    """Decide that both purchases were meant; what was refunded by itself is charged again.

    Raises Refused duplicate_unknown, duplicate_decided, not_covered where the wallet has not enough any more.
    """
    pair = _lock(school, pair_id)
    if pair.state == Duplicate.State.MEANT:
        return pair
    if pair.state == Duplicate.State.REFUNDED:
        if not pair.is_certain:
            raise errors.duplicate_decided()
        pair.charged_again = charge_again(pair.second, key=derive_id(pair.id, "again"), by=by)
    pair.state, pair.decided_at, pair.decided_by = Duplicate.State.MEANT, now(), by
    pair.save(update_fields=["state", "decided_at", "decided_by", "charged_again"])
    facts = {"second": str(pair.second_id), "by": by.pk, "charged_again": pair.charged_again_id is not None}
    record("duplicate.dismissed", subject=pair.second.person_id, facts=facts, personal={})
    return pair


def _lock(school: School, pair_id: UUID) -> Duplicate:
    rows = lock(Duplicate.objects).select_related("second__person")
    found = rows.filter(school=school, pk=pair_id).first()
    if found is None:
        raise errors.duplicate_unknown()
    return found


def _lock_open(school: School, pair_id: UUID) -> Duplicate:
    found = _lock(school, pair_id)
    if found.state != Duplicate.State.OPEN:
        raise errors.duplicate_decided()
    return found


def count_open(school: School) -> int:
    """Return how many pairs wait for a decision."""
    return Duplicate.objects.filter(school=school, state=Duplicate.State.OPEN).count()


def listed_duplicates(school: School, days: int = 30) -> list[Duplicate]:
    """Return the pairs found lately, those that wait for a decision first."""
    rows = Duplicate.objects.filter(school=school, found_at__gte=now() - timedelta(days=days))
    found = rows.select_related(
        "first__terminal", "second__terminal", "second__person__year_group", "charged_again"
    )
    return sorted(found, key=lambda one: one.state != Duplicate.State.OPEN)
