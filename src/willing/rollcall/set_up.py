"""The writers of what a roll call needs beforehand: points, wardens, medical words, and when it turns red."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School, YearGroup
from willing.people.queries import require_person
from willing.rollcall import errors
from willing.rollcall.models import (
    AssemblyPoint,
    LastSeen,
    Listed,
    MedicalWords,
    PointClass,
    RollCallSettings,
    Warden,
    WardenDevice,
)
from willing.rollcall.queries import require_point
from willing.rollcall.rules import (
    MEDICAL_CHARS_MAX,
    NAME_CHARS_MAX,
    POINTS_MAX,
    PRINT_QUEUE_CHARS_MAX,
    RED_AFTER_MINUTES_MAX,
    is_queue_name,
)


@dataclass(frozen=True)
class NewPoint:
    """An assembly point, and who gathers there. classes: the ids of classes, which leave any other point."""

    name: str
    classes: Collection[int] = ()
    is_for_staff: bool = False
    is_for_visitors: bool = False


@atomic
def set_point(school: School, new: NewPoint, *, by: User, point_id: UUID | None = None) -> AssemblyPoint:
    """Add an assembly point, or change one: a class, the staff and the visitors gather at one alone.

    Raises Refused assembly_point_unknown, assembly_point_not_valid, assembly_points_too_many.
    """
    lock(School.objects).get(pk=school.pk)
    name = " ".join(new.name.split())
    others = AssemblyPoint.objects.filter(school=school, retired_at=None)
    if point_id is not None:
        others = others.exclude(pk=point_id)
    if not name or len(name) > NAME_CHARS_MAX or others.filter(name=name).exists():
        raise errors.point_not_valid()
    if new.is_for_staff:
        others.update(is_for_staff=False)
    if new.is_for_visitors:
        others.update(is_for_visitors=False)
    if point_id is None:
        if len(others) >= POINTS_MAX:
            raise errors.too_many_points()
        point = AssemblyPoint(school=school, position=len(others))
    else:
        point = require_point(school, point_id)
    point.name, point.is_for_staff, point.is_for_visitors = name, new.is_for_staff, new.is_for_visitors
    point.save()
    classes = YearGroup.objects.filter(school=school, pk__in=new.classes)
    PointClass.objects.filter(point=point).delete()
    PointClass.objects.filter(year_group__in=classes).delete()
    PointClass.objects.bulk_create([PointClass(point=point, year_group=one) for one in classes])
    facts = {"classes": len(classes), "by": by.pk}
    record("assembly_point.changed", subject=point.id, facts=facts, personal={})
    return point


@atomic
def retire_point(school: School, point_id: UUID, *, by: User) -> None:
    """Use an assembly point no more; its classes have none until they are given another.

    Raises Refused assembly_point_unknown.
    """
    point = require_point(school, point_id)
    PointClass.objects.filter(point=point).delete()
    AssemblyPoint.objects.filter(pk=point.pk).update(retired_at=now())
    record("assembly_point.removed", subject=point.id, facts={"by": by.pk}, personal={})


@atomic
def name_warden(school: School, user_id: int, *, by: User, point_id: UUID | None = None) -> Warden:
    """Name a member of staff a warden, with the point that their phone shows first.

    Raises Refused warden_not_valid, assembly_point_unknown.
    """
    staff = User.objects.filter(roles__school=school, guardian=None, person=None, is_active=True)
    user = staff.filter(pk=user_id).first()
    if user is None:
        raise errors.warden_not_valid()
    point = require_point(school, point_id) if point_id is not None else None
    warden, _is_new = Warden.objects.update_or_create(
        user=user, defaults={"school": school, "point": point, "named_by": by, "named_at": now()}
    )
    record("warden.named", subject=school.pk, facts={"user": user.pk, "by": by.pk}, personal={})
    return warden


@atomic
def remove_warden(school: School, user_id: int, *, by: User) -> None:
    """Let a member of staff be a warden no more: their phone gets no list from now on."""
    removed, _rows = Warden.objects.filter(school=school, pk=user_id).delete()
    WardenDevice.objects.filter(user=user_id).delete()
    if removed:
        record("warden.removed", subject=school.pk, facts={"user": user_id, "by": by.pk}, personal={})


@atomic
def write_medical_words(person: Person, text: str, basis: str, *, by: User) -> None:
    """Write what helpers must know of a person outside; nothing to say deletes it.

    What it says is in no entry of the log. Raises Refused medical_words_not_valid, has_left.
    """
    words = " ".join(text.split())
    person = require_person(person.school, person.id)
    if not words:
        removed, _rows = MedicalWords.objects.filter(person=person).delete()
        if removed:
            record("medical_words.removed", subject=person.id, facts={"by": by.pk}, personal={})
        return
    if len(words) > MEDICAL_CHARS_MAX or basis not in MedicalWords.Basis.values:
        raise errors.medical_words_not_valid()
    MedicalWords.objects.update_or_create(
        person=person, defaults={"text": words, "basis": basis, "written_by": by, "written_at": now()}
    )
    facts = {"basis": basis, "by": by.pk}
    record("medical_words.recorded", subject=person.id, facts=facts, personal={})


@atomic
def set_roll_call(school: School, red_after_minutes: int, *, by: User, print_queue: str = "") -> None:
    """Set after how many minutes who is not there yet is shown in red, and where the sheets are printed.

    Raises Refused red_after_not_valid, print_queue_not_valid.
    """
    if not 1 <= red_after_minutes <= RED_AFTER_MINUTES_MAX:
        raise errors.red_after_not_valid()
    queue = print_queue.strip()
    if len(queue) > PRINT_QUEUE_CHARS_MAX or not is_queue_name(queue):
        raise errors.print_queue_not_valid()
    RollCallSettings.objects.update_or_create(
        school=school,
        defaults={"red_after_minutes": red_after_minutes, "print_queue": queue, "print_fault": ""},
    )
    facts = {"red_after_minutes": red_after_minutes, "has_queue": bool(queue), "by": by.pk}
    record("roll_call.settings_changed", subject=school.pk, facts=facts, personal={})


@atomic
def note_sheets(school: School, closed_at: datetime, *, fault: str = "") -> None:
    """Note that the sheets of a close were sent to the printer, or why they were not."""
    held = RollCallSettings.objects.filter(school=school)
    held.update(print_fault=fault)
    if not fault:
        held.update(printed_for=closed_at, printed_at=now())


@atomic
def move_roll_calls(gone: Person, kept: Person) -> None:
    """Let what roll calls hold of a record that is gone go on with the kept one.

    Where both were on one list, each stays there: both names were called. Medical words protect: of two, the
    kept record's stay, with the other's behind them as far as they fit.
    """
    both = Listed.objects.filter(person=kept).values_list("roll_call_id", flat=True)
    Listed.objects.filter(person=gone).exclude(roll_call_id__in=list(both)).update(person=kept)
    LastSeen.objects.filter(person=gone).update(person=kept)
    words = MedicalWords.objects.filter(person=gone).first()
    if words is None:
        return
    held = MedicalWords.objects.filter(person=kept).first()
    if held is None:
        MedicalWords.objects.filter(person=gone).update(person=kept)
        return
    if words.text not in held.text:
        text = f"{held.text}; {words.text}"[:MEDICAL_CHARS_MAX]
        MedicalWords.objects.filter(person=kept).update(text=text)
    words.delete()
