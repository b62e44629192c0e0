"""The writer of a notice to wardens that nobody has opened tonight's list of their house by its hour."""

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

from willing.audit.actions import record
from willing.boarding.models import House
from willing.boarding.queries import EveningSlot, houses_of, last_untaken_slot, slots_of, tonight
from willing.core.transactions import atomic, lock
from willing.jobs.actions import enqueue
from willing.people.models import School
from willing.people.school_days import school_days_between

UNTAKEN = "boarding.untaken"
# In the holidays boarders are at home and no list is taken: no notice goes out later than this after school.
NEAR = timedelta(days=2)


def notify_of_untaken(school: School) -> int:
    """Let wardens know of lists that nobody opened, each once. Return of how many houses."""
    houses, night = houses_of(school), tonight(school)
    if not houses or not school_days_between(school, night - NEAR, night + NEAR):
        return 0
    by_house: defaultdict[UUID, list[EveningSlot]] = defaultdict(list)
    for one in slots_of(school, night, houses):
        by_house[one.house.id].append(one)
    late = [last_untaken_slot(one) for one in by_house.values()]
    return sum(_notify(one) for one in late if one is not None and one.house.untaken_due_at != one.due_at)


@atomic
def _notify(slot: EveningSlot) -> bool:
    house = lock(House.objects).get(pk=slot.house.pk)
    if house.untaken_due_at == slot.due_at:
        return False
    house.untaken_due_at = slot.due_at
    house.save(update_fields=["untaken_due_at"])
    facts = {"number": slot.number, "boarders": slot.boarders}
    record("evening_list.missed", subject=house.id, facts=facts, personal={})
    enqueue(UNTAKEN, [house.id])
    return True
