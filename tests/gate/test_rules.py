"""The rules of the gate, with every branch."""

from datetime import UTC, datetime, timedelta

import pytest

from willing.gate.rules import (
    BelievedTime,
    believe_time,
    decide_direction,
    decide_wait,
    drift_of,
    is_one_passage,
)

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("device_time", "believed"),
    [
        (None, BelievedTime(NOW, is_doubtful=False)),
        (NOW - timedelta(days=6), BelievedTime(NOW - timedelta(days=6), is_doubtful=False)),
        (NOW + 30 * SECOND, BelievedTime(NOW, is_doubtful=False)),
        (NOW + 61 * SECOND, BelievedTime(NOW, is_doubtful=True)),
        (NOW - timedelta(days=8), BelievedTime(NOW, is_doubtful=True)),
        (datetime(2000, 1, 1, tzinfo=UTC), BelievedTime(NOW, is_doubtful=True)),
    ],
)
def test_a_device_is_believed_unless_it_speaks_of_the_future_or_of_long_ago(device_time, believed):
    assert believe_time(device_time, NOW) == believed


def test_a_clock_that_is_wrong_by_more_than_a_minute_is_shown():
    assert drift_of(NOW + 60 * SECOND, NOW) is None
    assert drift_of(NOW - 61 * SECOND, NOW) == -61 * SECOND
    assert drift_of(NOW + timedelta(hours=2), NOW) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("use", "before", "is_latest", "direction"),
    [
        ("in", "in", True, "in"),
        ("out", None, True, "out"),
        ("out", None, False, "out"),
        ("both", None, True, "in"),
        ("both", "in", True, "out"),
        ("both", "out", True, "in"),
        ("both", "unknown", True, "unknown"),
        ("both", "in", False, "unknown"),
    ],
)
def test_the_lane_says_the_direction_and_where_it_does_not_the_order(use, before, is_latest, direction):
    assert decide_direction(use, before, is_latest=is_latest) == direction


def test_two_reads_within_two_seconds_are_one_passage():
    assert is_one_passage(NOW, NOW + 2 * SECOND)
    assert is_one_passage(NOW + 2 * SECOND, NOW)
    assert not is_one_passage(NOW, NOW + 3 * SECOND)


@pytest.mark.parametrize(
    ("waited_ms", "tenths"),
    [(None, None), (-1, None), (0, 0), (149, 1), (150, 2), (600_000, 6000), (600_051, None)],
)
def test_a_wait_is_known_in_tenths_of_a_second_or_not_at_all(waited_ms, tenths):
    assert decide_wait(waited_ms) == tenths
