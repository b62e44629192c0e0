"""How long a session lasts and which pupils may sign in, by table."""

from dataclasses import FrozenInstanceError
from datetime import timedelta

import pytest

from willing.accounts.rules import (
    INVITATION_DAYS,
    INVITATION_LENGTH,
    NEEDS_SECOND_FACTOR,
    STAFF_INVITATION_DAYS,
    STAFF_ROLES,
    may_pupil_sign_in,
    session_limits,
    takes_the_last_administrator,
)

HOURS, MINUTES, DAYS = (timedelta(hours=1), timedelta(minutes=1), timedelta(days=1))


@pytest.mark.parametrize(
    ("roles", "by_passkey", "idle", "total"),
    [
        ({"pupil"}, False, 15 * MINUTES, 2 * HOURS),
        ({"pupil", "guardian"}, True, 15 * MINUTES, 2 * HOURS),
        ({"pupil", "office"}, False, 15 * MINUTES, 2 * HOURS),
        ({"cashier"}, False, 4 * HOURS, 12 * HOURS),
        ({"cashier", "guardian"}, False, 30 * MINUTES, 12 * HOURS),
        ({"cashier", "office"}, False, 30 * MINUTES, 12 * HOURS),
        ({"office"}, True, 30 * MINUTES, 12 * HOURS),
        ({"canteen"}, False, 30 * MINUTES, 12 * HOURS),
        ({"dpo"}, False, 30 * MINUTES, 12 * HOURS),
        ({"administrator"}, False, 30 * MINUTES, 12 * HOURS),
        ({"office", "guardian"}, True, 30 * MINUTES, 12 * HOURS),
        (set(), False, 30 * MINUTES, 12 * HOURS),
        ({"guardian"}, True, 30 * DAYS, 30 * DAYS),
        ({"guardian"}, False, 12 * HOURS, 12 * HOURS),
    ],
)
def test_the_shortest_session_that_any_role_has_counts(roles, by_passkey, idle, total):
    limits = session_limits(roles, by_passkey=by_passkey)
    assert (limits.idle, limits.total) == (idle, total)
    with pytest.raises(FrozenInstanceError):
        limits.idle = DAYS  # type: ignore[misc]  # frozen for mypy as well


def test_who_reads_every_record_needs_a_second_factor_and_a_cashier_does_not():
    assert {"office", "canteen", "teacher", "dpo", "administrator"} == NEEDS_SECOND_FACTOR
    assert {"office", "canteen", "teacher", "dpo", "administrator", "cashier"} == STAFF_ROLES
    assert (INVITATION_DAYS, STAFF_INVITATION_DAYS, INVITATION_LENGTH) == (30, 7, 16)


@pytest.mark.parametrize(
    ("roles_after", "others", "takes"),
    [
        (set(), 0, True),
        ({"office", "dpo"}, 0, True),
        ({"office"}, 1, False),
        ({"office"}, 2, False),
        ({"administrator"}, 0, False),
        ({"administrator", "office"}, 1, False),
    ],
)
def test_a_change_takes_the_last_administrator_where_no_other_is_left(roles_after, others, takes):
    assert takes_the_last_administrator(roles_after, others) is takes


@pytest.mark.parametrize(
    ("age", "is_let_in", "may"),
    [(None, True, True), (None, False, False), (13, True, False), (14, False, True), (15, False, True)],
)
def test_a_pupil_who_is_old_enough_or_was_let_in_may_sign_in(age, is_let_in, may):
    assert may_pupil_sign_in(age, 14, is_let_in=is_let_in) is may
