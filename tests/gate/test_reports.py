"""How long each way takes, over what is kept and what is only counted, and whose clock is wrong."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.support.clocks import stopped_at

from willing.gate.models import Passage, PassageCount, PassageWaits, PassageWay
from willing.gate.passages import Press, note_wait, record_opening, record_passage
from willing.gate.reports import (
    WAITS_AT_LEAST,
    DoorCount,
    Drift,
    WayWait,
    counts_on,
    drifts_today,
    recent_waits,
    waits_by_way,
)
from willing.gate.retention import log_uses, purge_passages
from willing.till import reports as till_reports

MORNING = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def walk(cast, lane):
    """Let a person go through the lane, a minute after the one before."""
    minutes = iter(range(10_000))

    def go(way, waited_ms, day=0, name="Ada"):
        with stopped_at(MORNING + day * DAY + next(minutes) * MINUTE):
            press = Press(uuid4(), waited_ms=waited_ms)
            by = cast.user("office") if way == PassageWay.STAFF else None
            return record_passage(lane, press, cast.person(name), PassageWay(way), by=by)

    return go


def of(waits, way):
    return next(one for one in waits if one.way == way)


def test_each_way_has_a_median_from_as_many_passages_as_at_the_till_counted_or_not(cast, lane, walk):
    assert WAITS_AT_LEAST == till_reports.WAITS_AT_LEAST
    for number in range(WAITS_AT_LEAST):
        walk("card", 300 if number < 15 else 2_000, day=number // 10)
        walk("pin", 4_100, day=9)
    for _ in range(WAITS_AT_LEAST - 1):
        walk("staff", 9_000, day=9)
    note_wait(walk("face", None, day=9), 2_340)
    with stopped_at(MORNING + 9 * DAY):
        record_opening(lane, Press(uuid4(), waited_ms=100), by=cast.user("office"), reason="Delivery")
    with stopped_at(MORNING + 10 * DAY):
        log_uses(cast.school)
        assert purge_passages(MORNING + 3 * DAY, 500) == WAITS_AT_LEAST
        assert PassageCount.objects.count() == 4, "each day in and out"
        assert PassageWaits.objects.count() == 2, "each day of cards"
        expected = [
            WayWait("card", "Card or code", 20, 3, 20),
            WayWait("pin", "PIN", 20, 41, 41),
            WayWait("face", "Face", 1, None, None),
            WayWait("staff", "Looked up by staff", 19, None, None),
        ]
        assert sorted(recent_waits(cast.school), key=str) == sorted(expected, key=str)
        assert [one.seconds for one in expected] == ["0.3", "4.1", "", ""]
    first = MORNING.date()
    for day, passages in ((first, 10), (first + DAY, 10), (first + 2 * DAY, 0)):
        assert of(waits_by_way(cast.school, day, day + DAY), "card").times == passages


def test_the_only_face_of_a_day_is_counted_at_no_door(cast, lane, new_lane, walk):
    """The log says that Ada used a face that day; a count of one face at a door would say at which."""
    new_lane("Elsewhere")
    walk("card", 300, name="Carl")
    walk("face", 1_200)
    counted = [DoorCount(lane.door.name, "In", 2)]
    with stopped_at(MORNING + DAY):
        assert counts_on(cast.school, MORNING.date()) == counted
        log_uses(cast.school)
        assert purge_passages(MORNING + DAY, 500) == 2
        assert counts_on(cast.school, MORNING.date()) == counted
    columns = {field.name for field in PassageCount._meta.get_fields()}
    assert columns == {"id", "door", "day", "direction", "count"}
    assert sorted(PassageWaits.objects.values_list("way", "waits")) == [
        ("card", {"3": 1}),
        ("face", {"12": 1}),
    ]
    assert {field.name for field in PassageWaits._meta.get_fields()} == {
        "id",
        "school",
        "day",
        "way",
        "waits",
    }


def test_passages_whose_wait_nobody_measured_and_days_before_count_for_nothing(cast, walk):
    for _ in range(WAITS_AT_LEAST):
        walk("card", None)
        walk("pin", 900)
    with stopped_at(MORNING + 31 * DAY):
        assert of(recent_waits(cast.school), "pin").times == 0
    with stopped_at(MORNING + 30 * DAY):
        waits = recent_waits(cast.school)
    assert (of(waits, "card").times, of(waits, "pin").median_tenths) == (0, 9)
    assert Passage.objects.count() == 2 * WAITS_AT_LEAST


def test_a_lane_s_clock_is_wrong_by_its_last_press_today_from_more_than_a_minute_on(cast, new_lane):
    ahead, behind, mended, right = (new_lane(name) for name in ("B ahead", "A behind", "C", "D"))
    pressed = [
        (ahead, 61),
        (behind, -7_200),
        (mended, 500),
        (mended, -60),
        (right, 60),
    ]
    for number, (lane, seconds) in enumerate(pressed):
        at = MORNING + number * MINUTE
        with stopped_at(at):
            press = Press(uuid4(), device_time=at + timedelta(seconds=seconds))
            record_passage(lane, press, cast.person("Ada"), PassageWay.CARD)
    with stopped_at(MORNING + timedelta(hours=2)):
        assert drifts_today(cast.school) == [
            Drift("A behind", 7_200, is_ahead=False),
            Drift("B ahead", 61, is_ahead=True),
        ]
    with stopped_at(MORNING + DAY):
        assert drifts_today(cast.school) == []
