"""The writer of break-glass: where a person was last seen, for who looks for them in a roll call.

One trace, the latest; never two, which would be a path. It is worked out when it is opened, in a drill only
the first time: what is opened there again shows that trace, so that nobody is followed by way of an exercise.
What was shown is deleted after 24 hours. That it was opened, by whom and why stays in the log, which families
read.
"""

from collections.abc import Iterator
from uuid import UUID

from willing.accounts.models import User
from willing.attendance.models import CurrentMark
from willing.attendance.queries import codes_of, find_settings
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.gate.models import Passage
from willing.leave.models import Leave
from willing.people.models import Person, School
from willing.people.queries import day_bounds, require_person, today
from willing.rollcall import errors
from willing.rollcall.models import LastSeen, RollCall
from willing.rollcall.presence import meaning_of
from willing.rollcall.queries import progress_of
from willing.rollcall.rules import (
    REASON_CHARS_MAX,
    MarkMeaning,
    SeenFault,
    Trace,
    decide_last_seen,
    latest,
)
from willing.till.models import Sale


@atomic
def open_last_seen(school: School, roll_call_id: UUID, person_id: UUID, reason: str, *, by: User) -> LastSeen:
    """Work out where a missing person was last seen today, and write down that it was opened.

    Raises Refused roll_call_unknown, unknown_person, last_seen_not_running, last_seen_too_late,
    last_seen_in_a_test, last_seen_of_who_is_there, last_seen_reason_missing.
    """
    roll_call = lock(RollCall.objects).filter(school=school, pk=roll_call_id).first()
    if roll_call is None:
        raise errors.roll_call_unknown()
    roll_call.school = school
    person = require_person(school, person_id)
    words = " ".join(reason.split())[:REASON_CHARS_MAX]
    fault = decide_last_seen(
        kind=roll_call.kind,
        is_running=roll_call.ended_at is None,
        is_there=person.id in progress_of(roll_call).there,
        reason=words,
        started_at=roll_call.started_at,
        now=now(),
    )
    if fault is not SeenFault.NONE:
        raise errors.last_seen_refused(fault)
    seen = _shown_before(roll_call, person) or latest(_traces(person))
    opened = LastSeen.objects.create(
        roll_call=roll_call,
        person=person,
        reason=words,
        opened_by=by,
        opened_at=now(),
        source=seen.source if seen else LastSeen.Source.NOTHING,
        seen_at=seen.at if seen else None,
        where=seen.where if seen else "",
    )
    facts = {"roll_call": str(roll_call.id), "kind": roll_call.kind, "by": by.pk}
    record("roll_call.last_seen_opened", subject=person.id, facts=facts, personal={"reason": words})
    return opened


def _shown_before(roll_call: RollCall, person: Person) -> Trace | None:
    """Return what a drill has shown of a person already; a live roll call looks anew."""
    if roll_call.kind != RollCall.Kind.DRILL:
        return None
    # Any of them: they all show the same.
    shown = LastSeen.objects.filter(roll_call=roll_call, person=person).exclude(seen_at=None).first()
    return Trace(shown.source, shown.seen_at, shown.where) if shown and shown.seen_at else None


def _traces(person: Person) -> Iterator[Trace]:
    """Yield what is known of a person today: the latest of each kind."""
    school, day = person.school, today(person.school)
    begins, _ends = day_bounds(school, day)
    settings = find_settings(school)
    if settings is not None:
        codes = codes_of(settings)
        rows = CurrentMark.objects.filter(person=person, day=day)
        for one in rows.select_related("mark", "register__group__year_group").order_by("number"):
            if meaning_of(codes, one.symbol) is MarkMeaning.HERE:
                at = one.mark.device_at or one.mark.recorded_at
                yield Trace(LastSeen.Source.MARK, at, one.register.group.title)
    out = Leave.objects.filter(person=person, signed_out_at__gte=begins).order_by("-signed_out_at").first()
    if out is not None and out.signed_out_at is not None:
        yield Trace(LastSeen.Source.OUT, out.signed_out_at)
    passages = Passage.objects.filter(person=person, day=day).select_related("door")
    passage = passages.order_by("-at").first()
    if passage is not None:
        yield Trace(LastSeen.Source.GATE, passage.at, passage.door.name)
    sales = Sale.objects.filter(person=person, settled_at__gte=begins).select_related("terminal")
    sale = sales.order_by("-settled_at").first()
    if sale is not None:
        yield Trace(LastSeen.Source.SALE, sale.settled_at, sale.terminal.name)
