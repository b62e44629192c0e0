"""How long payments take, by the rule alone."""

from datetime import UTC, datetime, timedelta

import pytest

from willing.till.wait_rules import wait_seconds

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
DAY = 86_400


@pytest.mark.parametrize(
    ("waited", "seconds"),
    [(0, 0), (1.4, 1), (1.6, 2), (120, 120), (-1, None), (-7200, None), (DAY - 1, DAY - 1), (DAY, None),
     (10**8, None)],
    ids=str,
)  # fmt: skip
def test_a_wait_during_which_the_clock_was_set_is_none(waited, seconds):
    assert wait_seconds(NOW, NOW + timedelta(seconds=waited)) == seconds
