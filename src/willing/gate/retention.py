"""What becomes of passages: the log says once a person and day that a gate was used, then they are counted.

Nothing of this happens while a day goes on. An entry of the log has a time of its own, and one that were
written at the passage would say to the minute when a child went where.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce

from willing.audit.actions import NewEntry, record_many
from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic, lock
from willing.gate.models import Door, GateLookUp, Passage, PassageCount, PassageWaits, PassageWay
from willing.people.models import School
from willing.people.queries import today

BATCH = 500
# The person, or the visit of a visitor with a badge.
WHO = Coalesce("person_id", "visit_id")


def log_uses(school: School) -> int:
    """Write into the log who used a gate on days that are over, and by which ways. Nightly; twice is once.

    Return for how many persons and days. Each with the date alone, in the order of nothing that happened.
    """
    before, done = today(school), 0
    while written := _log_some(school, before):
        done += written
    _log_openings(school, before)
    _log_look_ups(school, before)
    return done


@atomic
def _log_some(school: School, before: date) -> int:
    waiting = Passage.objects.filter(door__school=school, day__lt=before, is_logged=False)
    waiting = waiting.exclude(way=PassageWay.GUARD).annotate(who=WHO)
    some = list(waiting.order_by("day", "who").values_list("day", "who").distinct()[:BATCH])
    if not some:
        return 0
    days = lock(Passage.objects).filter(door__school=school, day__in={day for day, _who in some})
    rows = days.exclude(way=PassageWay.GUARD).annotate(who=WHO).filter(_of({who for _day, who in some}))
    ways: dict[tuple[date, UUID | None], dict[bool, set[str]]] = defaultdict(
        lambda: {True: set(), False: set()}
    )
    ids = defaultdict(list)
    for row in rows.only("id", "day", "way", "is_logged"):
        ways[row.day, row.who][row.is_logged].add(row.way)
        ids[row.day, row.who].append(row.id)
    entries = []
    for key in some:
        new = ways[key][False] - ways[key][True]
        if new and key[1] is not None:
            facts = {"day": key[0].isoformat(), "ways": sorted(new)}
            entries.append(NewEntry("gate.used", key[1], facts, {}))
    record_many(entries)
    Passage.objects.filter(pk__in=[one for key in some for one in ids[key]]).update(is_logged=True)
    return len(some)


def _of(those: Collection[UUID | None]) -> Q:
    """Match the passages of these persons and visits; None: of visits that are deleted."""
    known = [one for one in those if one is not None]
    of_nobody = Q(person=None, visit=None) if None in those else Q(pk__in=[])
    return Q(person_id__in=known) | Q(visit_id__in=known) | of_nobody


@atomic
def _log_openings(school: School, before: date) -> None:
    """Say for each day how often which member of staff opened a door; the reasons stay with the passages."""
    rows = lock(Passage.objects).filter(
        door__school=school, day__lt=before, way=PassageWay.GUARD, is_logged=False
    )
    times: Counter[tuple[date, int | None]] = Counter()
    ids = []
    for row in rows.only("id", "day", "by_id"):
        times[row.day, row.by_id] += 1
        ids.append(row.id)
    record_many(
        [
            NewEntry("gate.opened", None, {"day": day.isoformat(), "by": by, "times": count}, {})
            for (day, by), count in sorted(times.items(), key=str)
        ]
    )
    Passage.objects.filter(pk__in=ids).update(is_logged=True)


@atomic
def _log_look_ups(school: School, before: date) -> None:
    rows = list(
        lock(GateLookUp.objects).filter(person__school=school, day__lt=before).order_by("day", "person_id")
    )
    record_many(
        [
            NewEntry("record.viewed", row.person_id, {"by": row.user_id, "gate_day": row.day.isoformat()}, {})
            for row in rows
        ]
    )
    GateLookUp.objects.filter(pk__in=[row.pk for row in rows]).delete()


@atomic
def purge_passages(before: datetime, limit: int) -> int:
    """Count passages of before then, and delete them. Return how many.

    Only those that the log has: what came late waits for the next night.
    """
    old = Passage.objects.filter(recorded_before("at", before), is_logged=True)
    rows = list(lock(old).order_by("day", "id")[:limit])
    _count(rows)
    _count_waits(rows)
    Passage.objects.filter(pk__in=[row.id for row in rows]).delete()
    return len(rows)


def _count(rows: Iterable[Passage]) -> None:
    counts = Counter((row.door_id, row.day, row.direction) for row in rows)
    for (door_id, day, direction), count in sorted(counts.items(), key=str):
        kept, _is_new = lock(PassageCount.objects).get_or_create(
            door_id=door_id, day=day, direction=direction, defaults={"count": 0}
        )
        kept.count += count
        kept.save(update_fields=["count"])


def _count_waits(rows: Iterable[Passage]) -> None:
    schools = dict(Door.objects.values_list("pk", "school_id"))
    waits: dict[tuple[UUID, date, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.waited_tenths is not None:
            waits[schools[row.door_id], row.day, row.way][str(row.waited_tenths)] += 1
    for (school_id, day, way), counted in sorted(waits.items(), key=str):
        kept, _is_new = lock(PassageWaits.objects).get_or_create(school_id=school_id, day=day, way=way)
        kept.waits = dict(Counter(kept.waits) + counted)
        kept.save(update_fields=["waits"])
