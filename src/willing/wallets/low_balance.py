"""A mail to a guardian who wants one when a child's balance falls below a sum: once a crossing."""

from django.db import close_old_connections
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.ledger.models import Account
from willing.ledger.queries import available_minor
from willing.mail.models import Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person
from willing.people.queries import listed_guardians
from willing.wallets.models import LowBalance


@atomic
def set_low_balance(guardian: Guardian, person: Person, below_minor: int | None) -> None:
    """Record below which balance a guardian wants a mail; None: never.

    What is below already is no crossing: the guardian who sets it sees the balance. Raises Refused
    not_a_guardian.
    """
    if guardian not in listed_guardians(person.id):
        raise not_a_guardian()
    rows = LowBalance.objects.filter(guardian=guardian, person=person)
    if below_minor is None:
        rows.delete()
    else:
        LowBalance.objects.update_or_create(
            guardian=guardian,
            person=person,
            defaults={
                "below_minor": below_minor,
                "is_below": available_minor(person) < below_minor,
                "set_at": now(),
            },
        )
    facts = {"guardian": str(guardian.id), "below": below_minor}
    record("low_balance.set", subject=person.id, facts=facts, personal={})


@atomic
def move_low_balances(gone: Person, kept: Person) -> int:
    """Let what guardians chose for one record be chosen for another: both are one person. Return how many."""
    have = LowBalance.objects.filter(person=kept).values("guardian")
    LowBalance.objects.filter(person=gone, guardian__in=have).delete()
    return LowBalance.objects.filter(person=gone).update(person=kept)


@atomic
def move_guardian_low_balances(gone: Guardian, kept: Guardian) -> int:
    """Let what one record of a guardian chose be the other's, where that has chosen nothing itself."""
    have = LowBalance.objects.filter(guardian=kept).values("person")
    LowBalance.objects.filter(guardian=gone, person__in=have).delete()
    return LowBalance.objects.filter(guardian=gone).update(guardian=kept)


def write_low_balances() -> int:
    """Write to guardians of children whose balance has fallen below their sum since it was last asked.

    Asked every minute by each server process; where nothing has crossed, it writes nothing. Return how many.
    """
    crossed = list(_crossed().values_list("pk", flat=True)[:500])
    written = sum(_note(one) for one in crossed)
    close_old_connections()
    return written


def _crossed() -> QuerySet[LowBalance]:
    wallet = Account.objects.filter(person=OuterRef("person"), kind=Account.Kind.WALLET)
    spent = F("debits_posted") + F("debits_pending")
    available = Coalesce(Subquery(wallet.values(left=F("credits_posted") - spent)), 0)
    rows = LowBalance.objects.annotate(available=available).filter(person__left_at=None)
    falls = Q(is_below=False, available__lt=F("below_minor"))
    return rows.filter(falls | Q(is_below=True, available__gte=F("below_minor"))).order_by("pk")


@atomic
def _note(row_id: int) -> int:
    row = lock(LowBalance.objects).select_related("guardian", "person__school").filter(pk=row_id).first()
    if row is None or not _crossed().filter(pk=row_id).exists():
        return 0  # another process was first
    row.is_below = not row.is_below
    row.save(update_fields=["is_below"])
    if not row.is_below or row.guardian not in listed_guardians(row.person_id):
        return 0
    return write_to([row.guardian], Topic.LOW, row.person)
