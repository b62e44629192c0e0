"""Receipt numbers: one line of them a school, without gaps."""

from django.db.models import QuerySet

from willing.audit.actions import record
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.till.models import ReceiptCounter


def next_receipt_number(school: School) -> int:
    """Return the next number; it is given out where the caller's transaction commits, and only there."""
    counter = _locked_counter(school)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def _locked_counter(school: School) -> ReceiptCounter:
    counter = _counter.first(school=school.pk)
    if counter is None:
        ReceiptCounter.objects.get_or_create(school=school)
        counter = _counter.one(school=school.pk)
    return counter


@prepared
def _counter(school: Parameter) -> QuerySet[ReceiptCounter]:
    return lock(ReceiptCounter.objects).filter(school=school)


@atomic
def skip_receipts(school: School, known: int) -> int:
    """Let receipt numbers go on above `known`, given out after a restored copy. Return the gap."""
    counter = _locked_counter(school)
    skipped = max(0, known - counter.last)
    if skipped:
        facts = {"first": counter.last + 1, "last": known}
        counter.last = known
        counter.save(update_fields=["last"])
        record("receipts.skipped", subject=school.id, facts=facts, personal={})
    return skipped


def highest_receipts() -> dict[str, int]:
    """Return the highest receipt number that each school gave out, by the school's id."""
    return {str(school): last for school, last in ReceiptCounter.objects.values_list("school_id", "last")}
