"""What the retention job deletes in this room: who paid, from where, what they wrote. Sums and days stay."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from willing.audit.actions import NewEntry, record_many
from willing.audit.clock_state import recorded_before
from willing.biometrics.erasure import destroy_after_commit
from willing.core.transactions import atomic
from willing.payments.models import PayOut, StatementLine


def purge_payers(imported_before: datetime, limit: int) -> int:
    """Delete who paid by the bank, where that was imported before then. Return how many bookings."""
    return _purge_lines(recorded_before("statement__at", imported_before), limit)


def purge_strangers(settled_before: datetime, limit: int) -> int:
    """Delete who paid what is not for lunch, a while after the office said so. Return how many bookings."""
    rows = Q(state__in=(StatementLine.State.ASIDE, StatementLine.State.DETAILED))
    return _purge_lines(rows & recorded_before("settled_at", settled_before), limit)


@atomic
def _purge_lines(which: Q, limit: int) -> int:
    rows = StatementLine.objects.filter(which, sealed__isnull=False)
    found = list(rows.order_by("id").values_list("pk", flat=True)[:limit])
    if found:
        destroy_after_commit({line_id: line_id for line_id in found})
        StatementLine.objects.filter(pk__in=found).update(sealed=None, payer_digest="")
    return len(found)


@atomic
def purge_payees(closed_before: datetime, limit: int) -> int:
    """Delete to which accounts was paid out, where that was closed before then. Return how many."""
    rows = PayOut.objects.filter(recorded_before("closed_at", closed_before), sealed__isnull=False)
    found: Mapping[UUID, UUID] = dict(rows.order_by("id").values_list("pk", "person_id")[:limit])
    if found:
        destroy_after_commit(dict(found))
        PayOut.objects.filter(pk__in=found).update(sealed=None)
        record_many(
            [
                NewEntry("pay_out.account_deleted", person, {"pay_out": str(pay_out)}, {})
                for pay_out, person in found.items()
            ]
        )
    return len(found)
