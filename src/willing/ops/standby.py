"""Whether the database's standby follows, for Health, and the two entries of the log that say so."""

from collections.abc import Iterator

from django.db import connection, connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.audit.actions import record
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.core.postgresql.standby import CHECK_SECONDS, StandbyWatch, standby_state
from willing.core.supervision import supervise
from willing.core.transactions import atomic
from willing.ops.condition import Condition
from willing.people.models import School

LABEL = gettext_lazy("The database's standby")
LOST, RECOVERED = "standby.lost", "standby.recovered"
# Of PostgreSQL's advisory locks: processes that notice the same at once write it down once.
_LOCK_NUMBER = 7_743_001


def watch_standbys() -> None:
    """Watch the standby of each database that is on PostgreSQL, until this process exits."""
    for alias in connections:
        if connections[alias].vendor == "postgresql":
            step = StandbyWatch(alias, record_standby).check
            supervise(f"standby-{alias}", step, every_seconds=CHECK_SECONDS)


@atomic
def record_standby(alias: str, is_alone: bool) -> None:
    """Record that a database's commits wait for no standby any more, or do again.

    Several processes notice the same; the first of them writes it down.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])
    known = Entry.objects.filter(event__in=(LOST, RECOVERED)).order_by("-sequence")
    newest = next(
        (entry.event for entry in known.iterator() if facts_of(entry)["database"] == alias), RECOVERED
    )
    event = LOST if is_alone else RECOVERED
    if event != newest:
        record(event, subject=None, facts={"database": alias}, personal={})


def standby_follows(_school: School) -> Iterator[Condition]:
    """Yield how the standby of the databases is, where one is configured: of the one that is worse off."""
    states = {alias: standby_state(alias) for alias in connections}
    expected = [(state.may_see, state.follows, alias) for alias, state in states.items() if state.expected]
    if not expected:
        return
    may_see, follows, alias = min(expected)
    if not may_see:
        detail = _("Willing may not read whether it follows. Run on the database: %(command)s")
        command = f"GRANT pg_monitor TO {connections[alias].settings_dict['USER']}"
        yield Condition("standby", False, LABEL, detail % {"command": command})
    elif not follows:
        detail = _(
            "Sales go on, on one database server alone. What is paid until the standby has caught up "
            "would be lost with that server. The operator starts the standby again."
        )
        yield Condition("standby", False, gettext_lazy("The database's standby does not follow."), detail)
    else:
        yield Condition("standby", True, LABEL, _("It has everything that was confirmed."))
