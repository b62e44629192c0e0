"""The scenes at the end: money and log are verified, and an altered copy is found out."""

from willing.audit.verify_database import verify_log
from willing.demo.stage import SceneResult, expect
from willing.demo.tampering import alter_a_copy
from willing.ledger.queries import verify_ledger
from willing.people.models import School
from willing.people.school_days import entries_of, next_school_day


def show_ledger() -> SceneResult:
    """Verify every balance."""
    check = verify_ledger()
    expect(check.ok, "every balance follows from the transfers")
    return SceneResult(f"{check.transfers} transfers, every balance right")


def show_log() -> SceneResult:
    """Verify the log."""
    found = verify_log()
    expect(found.ok, "the log is whole")
    return SceneResult(f"{found.entries} entries, whole")


def show_calendar(school: School) -> SceneResult:
    """Look up the last day of the term, and the first after the holidays."""
    (term,) = (one for one in entries_of(school) if one.kind == "term")
    closed = [one for one in entries_of(school) if one.kind == "closed"]
    expect(len(closed) == 2, "two holidays are in the calendar")
    after = next_school_day(school, closed[0].first_day)
    expect(after is not None and after > closed[0].last_day, "no school during the holidays")
    return SceneResult(f"school until {term.last_day}, again on {after} after {closed[0].name}")


def show_altered_copy() -> SceneResult:
    """Alter one row in a copy of the log, and find which."""
    altered = alter_a_copy()
    if altered is None:
        return SceneResult("left out: the copy is made of SQLite files only")
    expect([fault.sequence for fault in altered.faults] == [altered.sequence], "the altered row is named")
    return SceneResult(f"found: entry {altered.sequence} was {altered.faults[0].code}")
