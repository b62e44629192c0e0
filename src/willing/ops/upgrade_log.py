"""The log's entries about which version runs, and what Health says of them."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.audit.actions import record
from willing.audit.queries import facts_of, latest_entries
from willing.core.transactions import atomic
from willing.ops.condition import Condition
from willing.ops.health_computer import TAKEN, versions
from willing.people.models import School
from willing.people.queries import find_school

UPGRADED, ROLLED_BACK = "program.upgraded", "program.restored"


@atomic
def record_upgrade(event: str, before: str, after: str) -> None:
    """Record that another version runs from now on; where no school is set up there is no log yet."""
    school = find_school()
    if school is not None:
        record(event, subject=school.id, facts={"before": before, "after": after}, personal={})


def versions_run(school: School) -> Iterator[Condition]:
    """Say which versions run, since when, and how old the newest copies were then."""
    parts = [", ".join(versions().values())]
    newest = latest_entries((UPGRADED, ROLLED_BACK, TAKEN), school.id)
    copied = newest.pop(TAKEN, None)
    found = max(newest.values(), key=lambda one: one.sequence, default=None)
    for event, text in (
        (UPGRADED, _("Upgraded from %(before)s to %(after)s on %(at)s UTC.")),
        (ROLLED_BACK, _("Version %(before)s was taken back for %(after)s on %(at)s UTC.")),
    ):
        if found is not None and found.event == event:
            parts.append(text % {**facts_of(found), "at": f"{found.at:%Y-%m-%d %H:%M}"})
    if len(parts) > 1 and copied is not None:
        parts.append(_("Newest copies: %(at)s UTC.") % {"at": f"{copied.at:%Y-%m-%d %H:%M}"})
    yield Condition("versions", True, gettext_lazy("Versions"), " ".join(parts))
