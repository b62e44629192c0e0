"""A morning with absences, and the worker's looks at the messages about them."""

from datetime import datetime, timedelta

from tests.support.clocks import stopped_at

from willing.accounts.models import User
from willing.attendance.marking import NewMark, record_marks
from willing.attendance.message_rules import HOLD_SECONDS, LOOK_SECONDS_MAX
from willing.attendance.messages import advance_runs
from willing.attendance.models import Register
from willing.attendance.registers import close_register
from willing.jobs.actions import run_due
from willing.people.models import Person, School


def close_with_absences(register: Register, here: list[Person], *, by: User) -> None:
    """Mark some present and close the register, so that the others are absent without a reason."""
    with stopped_at(register.closes_at - timedelta(minutes=10)):
        record_marks(register, [NewMark(one.id, "/") for one in here], by=by)
    with stopped_at(register.closes_at):
        close_register(register)


def look_for(school: School, begin: datetime, seconds: int, *, every: int = LOOK_SECONDS_MAX) -> datetime:
    """Let the worker look for so many seconds, as seldom as a hold still counts, and send what waits.

    Return when that is over.
    """
    at = begin
    while at < begin + timedelta(seconds=seconds):
        at += timedelta(seconds=every)
        with stopped_at(at):
            advance_runs(school)
    with stopped_at(at):
        run_due()
    return at


def hold_over(school: School, begin: datetime) -> datetime:
    """Let the ten minutes of a hold pass. Return when they are over."""
    return look_for(school, begin, HOLD_SECONDS)
