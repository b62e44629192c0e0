"""Decisions about messages to guardians who want to know that a child came in or went out. Pure."""

from datetime import datetime, timedelta

# What is older tells a family nothing: a list that comes a week late sends no message at all.
OLD_AFTER = timedelta(minutes=10)


def is_message_due(
    direction: str,
    *,
    at: datetime,
    now: datetime,
    is_doubtful: bool,
    wants_in: bool,
    wants_out: bool,
) -> bool:
    """Say whether a guardian gets a message about a passage now.

    Not where the direction is unknown, where the device's clock or card is in doubt, and not about what is
    old or yet to come.
    """
    is_wanted = (direction == "in" and wants_in) or (direction == "out" and wants_out)
    return is_wanted and not is_doubtful and timedelta(0) <= now - at <= OLD_AFTER
