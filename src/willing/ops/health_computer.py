"""What Health says about the computer: copies, room on its disk, and which versions run."""

import platform
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

import django
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing import __version__
from willing.audit.actions import record
from willing.audit.queries import latest_entries, latest_entry
from willing.core.clock import now
from willing.core.paths import home
from willing.core.transactions import atomic
from willing.ops.condition import Condition
from willing.people.models import School

TAKEN = "backup.created"
# Copies are made at night: a day, and half of one for a computer that was off.
COPIES_HOURS_MAX = 36
# A year of a large school with its copy beside it; below it, a disk fills within weeks.
FREE_BYTES_MIN = 2_000_000_000


@atomic
def record_copies(school: School, sizes_bytes: list[int]) -> None:
    """Record that both databases were copied; not where the copies are."""
    record(TAKEN, subject=school.id, facts={"bytes": sizes_bytes}, personal={})


def last_copies(school: School) -> datetime | None:
    """Return when both databases were last copied by `willing backup take`, or None."""
    taken = latest_entry(TAKEN, school.id)
    return taken.at if taken else None


def copies_taken(school: School) -> Iterator[Condition]:
    """Say how old the newest copies are; a school that was set up today has none yet."""
    label = gettext_lazy("Copies")
    found = latest_entries((TAKEN, "school.created"), school.id)
    last = found[TAKEN].at if TAKEN in found else None
    if last is None and connection.vendor == "postgresql":
        detail = _("PostgreSQL is copied by the operator's own job: whether it runs is not seen here.")
        yield Condition("copies", True, label, detail)
        return
    begun = found.get("school.created")
    since = last or (begun.at if begun else None)
    is_old = since is not None and now() - since > timedelta(hours=COPIES_HOURS_MAX)
    if last is None:
        detail = _("None was made yet. The operator runs “willing backup take” every night.")
    else:
        detail = _("Last made on %(at)s UTC.") % {"at": f"{last:%Y-%m-%d %H:%M}"}
    if not is_old:
        yield Condition("copies", True, label, detail)
        return
    lost = _("If this computer is lost, so is everything since then.")
    yield Condition("copies", False, gettext_lazy("There is no new copy."), f"{detail} {lost}")


def disk_has_room(_school: School) -> Iterator[Condition]:
    """Say how much room the disk of the data has left."""
    free = shutil.disk_usage(home()).free
    detail = _("%(free)s GB are free where the data is.") % {"free": f"{free / 1e9:.1f}"}
    if free >= FREE_BYTES_MIN:
        yield Condition("disk", True, gettext_lazy("Disk"), detail)
        return
    full = _("Where none is left, nothing can be sold. The operator makes room.")
    yield Condition("disk", False, gettext_lazy("The disk is almost full."), f"{detail} {full}")


def versions() -> dict[str, str]:
    """Return the name and version of each part by what it is."""
    return {
        "willing": f"Willing {__version__}",
        "python": f"Python {platform.python_version()}",
        "django": f"Django {django.get_version()}",
        "database": f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}",
    }
