"""How long a job waits after each failed try."""

from datetime import timedelta

from willing.jobs.rules import LEASE, TRIES_MAX, WAIT_MAX, WAITS, next_wait


def test_each_wait_is_longer_than_the_last_and_the_last_try_has_none() -> None:
    waits = [next_wait(tries) for tries in range(1, TRIES_MAX)]
    assert waits == list(WAITS)
    assert sorted(WAITS) == list(WAITS)
    assert len(set(WAITS)) == TRIES_MAX - 1
    assert [next_wait(tries) for tries in (TRIES_MAX, TRIES_MAX + 1, 1000)] == [None] * 3


def test_the_waits_are_those_of_the_documents() -> None:
    assert [wait.total_seconds() / 60 for wait in WAITS] == [1, 5, 15, 30, 120, 300, 720, 1200, 1440]
    assert timedelta(minutes=3) == LEASE


def test_ten_tries_outlast_a_weekend_and_a_lease_outlasts_no_wait() -> None:
    friday_to_monday = timedelta(days=3) - timedelta(hours=9)  # from five o'clock until eight
    assert friday_to_monday < sum(WAITS, timedelta()) < timedelta(days=4)
    assert max(WAITS) == WAIT_MAX
    assert timedelta(minutes=5) > LEASE
