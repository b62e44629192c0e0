"""What the retention job does in this room: a day after an import, what it let wait is done for good."""

from datetime import datetime

from django.db.models import Max

from willing.audit.clock_state import recorded_before
from willing.core.transactions import atomic
from willing.credentials.leavers import purge_leavers
from willing.people.guardians import settle_removed_links
from willing.roster.models import ListImport


@atomic
def purge_imports(made_before: datetime, limit: int) -> int:
    """Delete what leavers of imports before then still have, and those records. Return how many.

    The no of a guardian whom such a file removed counts no more.
    """
    done = purge_leavers(made_before, limit) + settle_removed_links(made_before, limit)
    return done or _purge_records(made_before)


def _purge_records(made_before: datetime) -> int:
    """Delete records with their changes, an old one with all before it: the last is never one of those."""
    old = ListImport.objects.filter(recorded_before("at", made_before))
    last = dict(old.values_list("school").annotate(last=Max("number")))
    ids = [
        pk
        for school, number in last.items()
        for pk in ListImport.objects.filter(school=school, number__lte=number).values_list("pk", flat=True)
    ]
    ListImport.objects.filter(pk__in=ids).delete()
    return len(ids)
