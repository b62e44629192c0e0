"""When a passage was, which way it went, and what is one passage. Pure: values in, decision out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DOOR_NAME_CHARS_MAX = 60
REASON_CHARS_MAX = 200
# A lock is opened for no longer; who needs more has a card again, or a person at the door.
OPEN_SECONDS_MAX = 10
# One card read twice within this time at one door is one passage: readers repeat themselves.
ONE_PASSAGE = timedelta(seconds=2)
# A device whose clock is further from ours is shown to the office.
DRIFT_MAX = timedelta(seconds=60)
# As long as passages are kept (consent/retention.toml); a device that was off for longer is not believed.
KEPT_DAYS = 7
# A wait that is longer was not one: the page was left open.
WAIT_TENTHS_MAX = 10 * 60 * 10


@dataclass(frozen=True)
class BelievedTime:
    """When something happened, as far as anyone can say; is_doubtful: the device's clock is not believed."""

    at: datetime
    is_doubtful: bool


def believe_time(device_time: datetime | None, received_at: datetime) -> BelievedTime:
    """Return when a passage was: as the device says, unless that can't be.

    A device may send what it kept while we were off. It can't know what has not happened yet, and what is
    older than passages are kept, its clock has made up, or it is of no use: then it is when we heard of it.
    """
    if device_time is None:
        return BelievedTime(received_at, is_doubtful=False)
    behind = received_at - device_time
    if behind < -DRIFT_MAX or behind > timedelta(days=KEPT_DAYS):
        return BelievedTime(received_at, is_doubtful=True)
    return BelievedTime(min(device_time, received_at), is_doubtful=False)


def drift_of(device_time: datetime, received_at: datetime) -> timedelta | None:
    """Return by how much a device's clock is wrong where that is more than a minute; else None.

    Of a passage that was sent at once: one that was kept says nothing about the clock.
    """
    drift = device_time - received_at
    return drift if abs(drift) > DRIFT_MAX else None


def decide_direction(use: str, before: str | None, *, is_latest: bool) -> str:
    """Return which way a person went through a lane: in, out, unknown.

    use: of the lane: in, out, both. before: the direction of the person's passage before this one today, or
    None. Where people go both ways, the first of a day is in, and each after it is the opposite of the last.
    is_latest: False where a later one is known already (a device sent late): then nothing is guessed.
    """
    if use in ("in", "out"):
        return use
    if not is_latest or before == "unknown":
        return "unknown"
    return "out" if before == "in" else "in"


def is_one_passage(earlier: datetime, later: datetime) -> bool:
    """Say whether one person at one door at these two times went through once."""
    return abs(later - earlier) <= ONE_PASSAGE


def decide_wait(waited_ms: int | None) -> int | None:
    """Return a wait in tenths of a second; None where the page does not say, or it was none."""
    if waited_ms is None or waited_ms < 0:
        return None
    tenths = (waited_ms + 50) // 100
    return tenths if tenths <= WAIT_TENTHS_MAX else None
