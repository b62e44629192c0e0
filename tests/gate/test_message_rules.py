"""When a guardian hears that a child came in or went out, with every branch."""

from datetime import UTC, datetime, timedelta

import pytest

from willing.gate.message_rules import OLD_AFTER, is_message_due

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("direction", "facts", "is_due"),
    [
        ("in", {}, True),
        ("out", {}, False),
        ("out", {"wants_out": True}, True),
        ("in", {"wants_in": False, "wants_out": True}, False),
        ("unknown", {"wants_out": True}, False),
        ("in", {"is_doubtful": True}, False),
        ("in", {"at": NOON - OLD_AFTER}, True),
        ("in", {"at": NOON - OLD_AFTER - timedelta(seconds=1)}, False),
        ("in", {"at": NOON - timedelta(days=7)}, False),
        ("in", {"at": NOON + timedelta(seconds=1)}, False),
    ],
)
def test_only_what_was_chosen_is_sure_and_is_new_is_told(direction, facts, is_due):
    said = {"at": NOON, "is_doubtful": False, "wants_in": True, "wants_out": False, **facts}
    assert is_message_due(direction, now=NOON, **said) is is_due
