"""The nightly look at every page of both databases, and what it found."""

import json
import logging
from collections.abc import Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.audit.actions import record
from willing.audit.queries import latest_entry
from willing.core.integrity import (
    ALIASES,
    NAMES,
    DatabaseDamaged,
    check_integrity,
    how_checked,
    was_damage_met,
)
from willing.core.transactions import atomic
from willing.ops.condition import Condition
from willing.people.models import School

EVENT = "databases.checked"
LABELS = {"default": gettext_lazy("Main database"), "keys": gettext_lazy("Keys database")}
log = logging.getLogger("willing.integrity")


def check_databases(school: School) -> dict[str, list[str]]:
    """Check the pages of both databases, note the result in the log, and return the faults of each alias.

    A database that is damaged may refuse the note as well; then the server's own log has it alone.
    """
    found = {alias: check_integrity(alias) for alias in ALIASES}
    for alias, faults in found.items():
        for fault in faults:
            log.error("%s is damaged: %s", NAMES[alias], fault)
    try:
        _record(school, {alias: len(faults) for alias, faults in found.items()})
    except DatabaseError:
        if not any(found.values()):
            raise
        log.exception("the result of the check could not be noted")
    return found


def describe_damage(found: dict[str, list[str]]) -> str:
    """Return one sentence for the operator about what `check_databases` found; "" where all is well."""
    return " ".join(str(DatabaseDamaged(alias, faults[0])) + "." for alias, faults in found.items() if faults)


@atomic
def _record(school: School, faults: dict[str, int]) -> None:
    how = {alias: how_checked(alias) for alias in faults}
    record(EVENT, subject=school.id, facts={"faults": faults, "how": how}, personal={})


def last_check(school: School) -> Iterator[Condition]:
    """Yield for each database what the last nightly check found; it was not checked is said, not guessed."""
    entry = latest_entry(EVENT, school.id)
    facts = json.loads(bytes(entry.hashed))["facts"] if entry else {"faults": {}, "how": {}}
    at = f"{entry.at:%Y-%m-%d %H:%M}" if entry else ""
    for alias in ALIASES:
        faults, how = facts["faults"].get(alias), facts["how"].get(alias)
        if was_damage_met(alias):
            detail = _(
                "It is damaged: a page of it could not be read since the server started. "
                "The operator stops the server and restores the newest copy."
            )
            yield Condition(f"database_{alias}", False, LABELS[alias], detail)
        else:
            yield Condition(f"database_{alias}", not faults, LABELS[alias], _describe(faults, how, at))


def _describe(faults: int | None, how: str | None, at: str) -> str:
    if faults is None:
        return _("Its pages were not checked yet; the nightly job does it.")
    if how == "nothing":
        return _(
            "PostgreSQL checks pages as it reads them where data checksums are on. "
            "With its extension amcheck the nightly job checks every table and index."
        )
    if faults:
        return _(
            "It is damaged, found on %(at)s UTC: sales may fail. "
            "The operator stops the server and restores the newest copy."
        ) % {"at": at}
    return _("Every page was readable on %(at)s UTC.") % {"at": at}
