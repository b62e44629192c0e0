"""How long there is to notify a breach, and what may follow what, by table."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from willing.dpia.breach_rules import (
    AUTHORITY,
    FAMILIES,
    LEAVE,
    NOTIFIED,
    NOTIFY,
    clock_of,
    is_settled,
    may_add,
    needs_why_late,
    whole_hours,
)

KNOWN = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "after", "left", "is_overdue"),
    [
        (72, timedelta(0), timedelta(hours=72), False),
        (72, timedelta(hours=71), timedelta(hours=1), False),
        (72, timedelta(hours=72), timedelta(0), True),
        (72, timedelta(hours=80), timedelta(hours=-8), True),
        (None, timedelta(hours=900), None, False),
    ],
)
def test_the_clock_counts_down(hours, after, left, is_overdue):
    clock = clock_of(KNOWN, hours, KNOWN + after)
    assert (clock.left, clock.is_overdue) == (left, is_overdue)
    assert clock.due_at == (KNOWN + timedelta(hours=72) if hours else None)


def test_gdpr_33_the_clock_counts_real_hours_over_a_change_of_summer_time():
    berlin = ZoneInfo("Europe/Berlin")
    known = datetime(2026, 10, 23, 12, 0, tzinfo=berlin).astimezone(UTC)  # the clocks go back on the 25th
    due = clock_of(known, 72, known).due_at
    assert due is not None
    assert due - known == timedelta(hours=72)
    assert due.astimezone(berlin).strftime("%d %H:%M") == "26 11:00"


@pytest.mark.parametrize(
    ("steps", "settled"),
    [
        ([], False),
        ([NOTIFY], False),
        ([LEAVE], True),
        ([LEAVE, NOTIFY], False),
        ([NOTIFY, NOTIFIED], True),
    ],
)
def test_it_is_settled_once_notified_or_decided_against(steps, settled):
    assert is_settled(steps) is settled


@pytest.mark.parametrize(
    ("steps", "step", "may"),
    [
        ([], NOTIFY, True),
        ([], NOTIFIED, False),
        ([LEAVE], NOTIFIED, False),
        ([LEAVE], NOTIFY, True),
        ([NOTIFY], NOTIFIED, True),
        ([NOTIFY, NOTIFIED], LEAVE, False),
        ([NOTIFY, NOTIFIED], NOTIFIED, False),
    ],
)
def test_what_was_sent_is_not_decided_anew_and_nothing_is_sent_undecided(steps, step, may):
    assert may_add(steps, step) is may


@pytest.mark.parametrize(
    ("step", "recipient", "hours_after", "needed"),
    [
        (NOTIFIED, AUTHORITY, 73, True),
        (NOTIFIED, AUTHORITY, 71, False),
        (NOTIFIED, FAMILIES, 73, False),
        (NOTIFY, AUTHORITY, 73, False),
    ],
)
def test_only_a_late_notification_of_the_authority_gives_a_reason(step, recipient, hours_after, needed):
    at = KNOWN + timedelta(hours=hours_after)
    assert needs_why_late(step, recipient, KNOWN, 72, at) is needed


@pytest.mark.parametrize(("minutes", "shown"), [(0, (0, 0)), (61, (1, 1)), (-150, (2, 30))])
def test_time_is_shown_in_whole_hours_and_minutes(minutes, shown):
    assert whole_hours(timedelta(minutes=minutes)) == shown
