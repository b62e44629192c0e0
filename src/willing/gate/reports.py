"""How many went through, and how long each way takes. About nobody: sums by door, direction and way."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from willing.gate.models import Direction, Passage, PassageCount, PassageWay
from willing.gate.rules import drift_of, median_tenths
from willing.people.models import School
from willing.people.queries import today

# A median of fewer passages shows chance rather than the way, as at the till (till.reports).
WAITS_AT_LEAST = 5
# So many days back the waits are compared.
WAIT_DAYS = 28


@dataclass(frozen=True)
class DoorCount:
    """How many went through a door on a day, one way, by one way of being known."""

    door: str
    direction: str
    way: str
    count: int


def counts_on(school: School, day: date) -> list[DoorCount]:
    """Return the counts of a day, as they are while its passages are kept, and after."""
    live = Passage.objects.filter(door__school=school, day=day)
    rows = list(
        live.values_list("door__name", "direction", "way").annotate(n=Count("id")).order_by("door__name")
    )
    kept = PassageCount.objects.filter(door__school=school, day=day)
    rows += list(kept.values_list("door__name", "direction", "way", "count"))
    sums: Counter[tuple[str, str, str]] = Counter()
    for door, direction, way, count in rows:
        sums[door, direction, way] += count
    return [
        DoorCount(door, str(Direction(direction).label), str(PassageWay(way).label), count)
        for (door, direction, way), count in sorted(sums.items())
    ]


@dataclass(frozen=True)
class WayWait:
    """How long a way takes: median in tenths of a second, None for fewer passages than show it."""

    way: str
    passages: int
    median_tenths: int | None

    @property
    def seconds(self) -> str:
        """The median in seconds, as it is read."""
        return "" if self.median_tenths is None else f"{self.median_tenths / 10:.1f}"


def waits_by_way(school: School, days: int = WAIT_DAYS) -> list[WayWait]:
    """Return the wait of each way over the last days, so that a slower one is seen (promise 2)."""
    first = today(school) - timedelta(days=days)
    waits: dict[str, Counter[int]] = {way: Counter() for way in PassageWay.values if way != PassageWay.GUARD}
    live = Passage.objects.filter(door__school=school, day__gte=first, waited_tenths__isnull=False)
    for way, tenths, count in live.values_list("way", "waited_tenths").annotate(n=Count("id")).order_by():
        if way in waits and tenths is not None:
            waits[way][tenths] += count
    kept = PassageCount.objects.filter(door__school=school, day__gte=first)
    for way, counted in kept.values_list("way", "waits"):
        if way in waits:
            waits[way].update({int(tenths): count for tenths, count in counted.items()})
    return [
        WayWait(
            str(PassageWay(way).label),
            of_way.total(),
            median_tenths(of_way) if of_way.total() >= WAITS_AT_LEAST else None,
        )
        for way, of_way in waits.items()
    ]


def drifts_today(school: School) -> list[tuple[str, int]]:
    """Return lanes whose device's clock is more than a minute wrong by its last press today, in seconds."""
    rows = Passage.objects.filter(door__school=school, day=today(school), device_time__isnull=False)
    found: dict[str, int] = {}
    pressed = rows.exclude(lane=None).order_by("received_at")
    for name, device_time, received_at in pressed.values_list(
        "lane__terminal__name", "device_time", "received_at"
    ):
        assert device_time is not None
        drift = drift_of(device_time, received_at)
        found.pop(name, None)
        if drift is not None:
            found[name] = round(drift.total_seconds())
    return sorted(found.items())
