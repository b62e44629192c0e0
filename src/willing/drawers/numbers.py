"""The numbers of pay-ins and Zs: without gaps, but for those that a restored copy does not know."""

from django.db.models import Max

from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.drawers.models import Drawer, DrawerSession, PayInCounter, SkippedNumbers
from willing.people.models import School


def next_pay_in(school: School) -> int:
    """Return the next number of a pay-in's receipt; given out where the caller's transaction commits."""
    counter = _counter(school)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def next_z(drawer: Drawer) -> int:
    """Return the next Z of a drawer that the caller has locked."""
    return _last_z(drawer) + 1


@atomic
def skip_pay_ins(school: School, known: int) -> int:
    """Let the receipts of pay-ins go on above `known`, given out after a restored copy. Return the gap."""
    counter = _counter(school)
    first, skipped = counter.last + 1, max(0, known - counter.last)
    if skipped:
        counter.last = known
        counter.save(update_fields=["last"])
        SkippedNumbers.objects.create(school=school, first=first, last=known)
        facts = {"first": first, "last": known}
        record("pay_in_receipts.skipped", subject=school.id, facts=facts, personal={})
    return skipped


@atomic
def skip_zs(drawer: Drawer, known: int) -> int:
    """Do the same with the Zs of a drawer."""
    locked = lock(Drawer.objects).select_related("school").get(pk=drawer.pk)
    last = _last_z(locked)
    skipped = max(0, known - last)
    if skipped:
        SkippedNumbers.objects.create(school=locked.school, drawer=locked, first=last + 1, last=known)
        facts = {"first": last + 1, "last": known}
        record("z_numbers.skipped", subject=locked.id, facts=facts, personal={})
    return skipped


def highest_pay_ins() -> dict[str, int]:
    """Return the highest number of a pay-in that each school gave out, by the school's id."""
    return {str(school): last for school, last in PayInCounter.objects.values_list("school_id", "last")}


def highest_zs() -> dict[str, int]:
    """Return the highest Z that each drawer gave out, by the drawer's id."""
    rows = DrawerSession.objects.exclude(z_number=None).order_by().values_list("drawer_id")
    return {str(drawer): last for drawer, last in rows.annotate(last=Max("z_number"))}


def _counter(school: School) -> PayInCounter:
    PayInCounter.objects.get_or_create(school=school)
    return lock(PayInCounter.objects).get(school=school)


def _last_z(drawer: Drawer) -> int:
    given = drawer.sessions.aggregate(last=Max("z_number"))["last"] or 0
    return max(given, drawer.skipped.aggregate(last=Max("last"))["last"] or 0)
