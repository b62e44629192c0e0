"""What is kept of a register once a pupil has left, and what is deleted after six years."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from willing.attendance.message_models import AbsenceMessage, ContactCheck, MessageRun
from willing.attendance.models import CurrentMark, Mark, Register, RollName, SetCode
from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.people.models import Person


@atomic
def keep_roll_names(left_before: datetime) -> int:
    """Keep, for the registers, the names of pupils that lunch is about to forget. Return how many."""
    marked = Exists(Mark.objects.filter(person=OuterRef("pk")))
    kept = Exists(RollName.objects.filter(person=OuterRef("pk")))
    rows = Person.objects.filter(recorded_before("left_at", left_before), marked, ~kept)
    rows = rows.exclude(given_name="").select_related("year_group")
    for person in rows:
        RollName.objects.create(
            person=person,
            given_name=person.given_name,
            family_name=person.family_name,
            birth_date=person.birth_date,
            class_name=person.year_group.name if person.year_group else "",
        )
    return len(rows)


@atomic
def purge_marks(recorded_before_then: datetime, limit: int) -> int:
    """Delete marks that were recorded before then, what they left empty, and names without a mark."""
    rows = Mark.objects.filter(
        recorded_before("recorded_at", recorded_before_then),
        register__in=_registers(recorded_before_then).values("pk"),
    )
    ids = list(rows.order_by("recorded_at", "id").values_list("id", flat=True)[:limit])
    CurrentMark.objects.filter(mark_id__in=ids).delete()
    Mark.objects.filter(pk__in=ids).delete()
    _purge_set_codes(recorded_before_then)
    if ids:
        _purge_what_is_empty(recorded_before_then)
    return len(ids)


def _registers(before: datetime) -> QuerySet[Register]:
    """Return the registers that may hold a mark of before then, or of a clock that was wrong and lay ahead.

    A mark is made on its register's day or later, and days have an index: most marks are not read.
    """
    oldest, ahead = (before + timedelta(days=1)).date(), (now() + timedelta(days=1)).date()
    return Register.objects.filter(Q(day__lte=oldest) | Q(day__gt=ahead))


def _purge_set_codes(before: datetime) -> None:
    """Delete codes set for many whose days are that long over, once no mark of them is kept."""
    rows = SetCode.objects.filter(recorded_before("set_at", before), last_day__lt=before.date())
    rows.filter(~Exists(Mark.objects.filter(set_code=OuterRef("pk")))).delete()


def _purge_what_is_empty(before: datetime) -> None:
    empty = ~Exists(Mark.objects.filter(register=OuterRef("pk")))
    old: QuerySet[Register] = _registers(before).filter(recorded_before("opened_at", before), empty)
    old.delete()
    RollName.objects.filter(~Exists(Mark.objects.filter(person=OuterRef("person")))).delete()


@atomic
def purge_messages(before: datetime, limit: int) -> int:
    """Delete what was staged before then with all that came of it, and confirmations of then: asked anew."""
    runs = MessageRun.objects.filter(recorded_before("staged_at", before)).order_by("staged_at", "id")
    messages = AbsenceMessage.objects.filter(run__in=list(runs.values_list("id", flat=True)[:limit]))
    ids = list(messages.order_by("id").values_list("id", flat=True)[:limit])
    AbsenceMessage.objects.filter(pk__in=ids).delete()
    empty = ~Exists(AbsenceMessage.objects.filter(run=OuterRef("pk")))
    MessageRun.objects.filter(recorded_before("staged_at", before), empty).delete()
    ContactCheck.objects.filter(recorded_before("confirmed_at", before)).delete()
    return len(ids)
