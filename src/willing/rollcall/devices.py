"""The writer of what is known of phones: which holds today's list, and that a person opened it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, inside
from willing.people.models import School
from willing.rollcall.models import RollCall, WardenDevice


@atomic
def note_list_sent(school: School, *, by: User, device_id: UUID | None, is_opened: bool) -> None:
    """Note that a phone gets the list as it is now, and record that a person opened it there.

    One transaction for both: each waits for its turn to write and for the disk, and so do people outside.
    """
    if device_id is not None:
        WardenDevice.objects.update_or_create(id=device_id, defaults={"user": by, "refreshed_at": now()})
    if is_opened:
        inside(record_list_opened)(school, by=by, device_id=device_id)


@atomic
def record_list_opened(
    school: School, *, by: User, device_id: UUID | None = None, moments: Sequence[datetime] = ()
) -> None:
    """Record that a member of staff opened the list; on a phone without connection, how often and since when.

    One entry for the list: one for each of a thousand names, many times a day, would hide what counts.
    """
    facts: dict[str, str | int | None] = {"by": by.pk, "device": str(device_id) if device_id else None}
    if moments:
        facts |= {"times": len(moments), "first": min(moments).isoformat()}
    record("roll_call.list_opened", subject=school.pk, facts=facts, personal={})


@atomic
def record_report_made(roll_call: RollCall, form: str, *, by: User) -> None:
    """Record that a member of staff made a report of a roll call, which names everyone."""
    facts = {"form": form, "by": by.pk}
    record("roll_call.report_made", subject=roll_call.pk, facts=facts, personal={})
