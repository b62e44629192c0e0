"""Undo the last import, within a day: put back what it changed, and leave alone what was changed since.

Nothing that a family said meanwhile is undone: a guardian who said no stays listed, and a face comes back
only where it is still permitted.
"""

from datetime import datetime, timedelta

from willing.accounts.models import User
from willing.audit.actions import record
from willing.consent.retention import require_kind
from willing.core.clock import now, still_runs
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.roster import errors
from willing.roster.models import ListImport
from willing.roster.undo_walk import UndoWalk
from willing.roster.undoing import Undoing


def kept_for() -> timedelta:
    """Return how long an import may be undone."""
    return timedelta(days=require_kind("imports").days or 0)


def undoable_until(made: ListImport) -> datetime:
    """Return until when an import may be undone."""
    return made.at + kept_for()


def undoable_import(school: School) -> ListImport | None:
    """Return the last import where it may still be undone, else None."""
    last = ListImport.objects.filter(school=school).select_related("by").order_by("number").last()
    if last is None or last.undone_at or not still_runs(undoable_until(last), kept_for()):
        return None
    return last


def require_undoable(school: School, number: int) -> ListImport:
    """Return an import that may be undone. Raises Refused no_import_to_undo, undo_not_last."""
    made = undoable_import(school)
    if made is None:
        raise errors.no_import_to_undo()
    if made.number != number:
        raise errors.undo_not_last()
    return made


def plan_undo(school: School, number: int) -> Undoing:
    """Return what undoing an import would put back; nothing is written. Raises as require_undoable."""
    return UndoWalk(school, require_undoable(school, number), None, write=False).run()


@atomic
def undo_import(school: School, number: int, *, by: User | None) -> Undoing:
    """Undo the last import, all that can be, in one transaction. Raises as require_undoable."""
    lock(School.objects).get(pk=school.pk)  # no import, and no person added by hand, meanwhile
    made = require_undoable(school, number)
    done = UndoWalk(school, made, by, write=True).run()
    made.undone_at = now()
    made.save(update_fields=["undone_at"])
    made.changes.all().delete()
    facts = {**done.counts, "stays": done.stays_count, "import": made.entry, "by": by.pk if by else None}
    record("roster.undone", subject=school.id, facts=facts, personal={})
    return done
