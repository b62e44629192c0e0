"""How many went through, and how long each way takes. About nobody.

Sums are by door and direction, or by way, never by both: the log says who used a face on a day, and where
one did, a count of faces at a door would say where.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from willing.core.statistics import median_and_p90
from willing.gate.models import Direction, Passage, PassageCount, PassageWaits, PassageWay
from willing.gate.rules import drift_of
from willing.people.models import School
from willing.people.queries import today

# A median of fewer passages shows chance rather than the way; as many as at the till (till.reports).
WAITS_AT_LEAST = 20
# So many days back the waits are compared.
WAIT_DAYS = 30


@dataclass(frozen=True)
class DoorCount:
    """How many went through a door on a day, in, out or not known."""

    door: str
    direction: str
    count: int


def counts_on(school: School, day: date) -> list[DoorCount]:
    """Return the counts of a day, as they are while its passages are kept, and after."""
    live = Passage.objects.filter(door__school=school, day=day)
    rows = list(live.values_list("door__name", "direction").annotate(n=Count("id")).order_by("door__name"))
    kept = PassageCount.objects.filter(door__school=school, day=day)
    rows += list(kept.values_list("door__name", "direction", "count"))
    sums: Counter[tuple[str, str]] = Counter()
    for door, direction, count in rows:
        sums[door, direction] += count
    return [
        DoorCount(door, str(Direction(direction).label), count)
        for (door, direction), count in sorted(sums.items())
    ]


@dataclass(frozen=True)
class WayWait:
    """How long one way took, in tenths of a second: half were faster than the median, nine in ten than p90.

    Both are None where fewer than WAITS_AT_LEAST went through. label: the way, as it is read. times: how
    often a wait was measured.
    """

    way: str
    label: str
    times: int
    median_tenths: int | None = None
    p90_tenths: int | None = None

    @property
    def seconds(self) -> str:
        """The median in seconds, as it is read; "" where there is none."""
        return as_seconds(self.median_tenths)


def as_seconds(tenths: int | None) -> str:
    """Return tenths of a second as seconds, as they are read; "" where there are none."""
    return "" if tenths is None else f"{tenths / 10:.1f}"


def waits_by_way(school: School, first: date, after: date) -> list[WayWait]:
    """Return the wait of every way for passages from the day `first` until before the day `after`.

    So a slower one is seen (promise 2). It runs from the first press, or the read of a card, until the answer
    is shown. A door that staff open is none of them: nobody was asked who they are.
    """
    waits: dict[str, Counter[int]] = {way: Counter() for way in PassageWay.values if way != PassageWay.GUARD}
    of_days = {"day__gte": first, "day__lt": after, "way__in": waits}
    live = Passage.objects.filter(door__school=school, **of_days, waited_tenths__isnull=False)
    for way, tenths, count in live.values_list("way", "waited_tenths").annotate(n=Count("id")).order_by():
        assert tenths is not None
        waits[way][tenths] += count
    kept = PassageWaits.objects.filter(school=school, **of_days)
    for way, counted in kept.values_list("way", "waits"):
        waits[way].update({int(tenths): count for tenths, count in counted.items()})
    return [_wait(way, of_way) for way, of_way in waits.items()]


def recent_waits(school: School) -> list[WayWait]:
    """Return the wait of every way over the last days, today among them."""
    day = today(school)
    return waits_by_way(school, day - timedelta(days=WAIT_DAYS), day + timedelta(days=1))


def _wait(way: str, counts: Counter[int]) -> WayWait:
    name, times = str(PassageWay(way).label), counts.total()
    if times < WAITS_AT_LEAST:
        return WayWait(way, name, times)
    return WayWait(way, name, times, *median_and_p90(counts))


@dataclass(frozen=True)
class Drift:
    """By how many seconds the clock of a lane's device is wrong, ahead or behind."""

    lane: str
    seconds: int
    is_ahead: bool


def drifts_today(school: School) -> list[Drift]:
    """Return lanes whose device's clock is more than a minute wrong by its last press today."""
    rows = Passage.objects.filter(door__school=school, day=today(school), device_time__isnull=False)
    found: dict[str, timedelta] = {}
    pressed = rows.exclude(lane=None).order_by("received_at")
    for name, device_time, received_at in pressed.values_list(
        "lane__terminal__name", "device_time", "received_at"
    ):
        assert device_time is not None
        drift = drift_of(device_time, received_at)
        found.pop(name, None)
        if drift is not None:
            found[name] = drift
    return [
        Drift(name, round(abs(drift.total_seconds())), drift > timedelta(0))
        for name, drift in sorted(found.items())
    ]
