"""The writers of how a school takes its registers: codes, times, groups.

The log names settings and groups by their ids; who is in a group is in no entry of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from willing.accounts.models import User
from willing.attendance import errors
from willing.attendance.code_sets import NAMES, require_code_set
from willing.attendance.models import (
    LABEL_CHARS_MAX,
    NAME_CHARS_MAX,
    SYMBOL_CHARS_MAX,
    AttendanceSettings,
    DistrictCode,
    GroupMeeting,
    GroupMember,
    GroupTeacher,
    Mark,
    RegisterGroup,
    RegisterTime,
)
from willing.attendance.queries import require_group
from willing.attendance.rules import TimesFault, decide_times
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.comparison import fold_name
from willing.core.transactions import atomic, lock
from willing.people.models import Person, School, YearGroup
from willing.people.queries import today


@dataclass(frozen=True)
class NewTime:
    """When one of a day's registers is taken. minutes: how long a period is; None where halves count."""

    name: str
    opens: time
    minutes: int | None = None


@dataclass(frozen=True)
class NewSettings:
    """How registers are taken. full_day_minutes, half_day_minutes: only where minutes decide."""

    code_set: str
    open_minutes: int
    times: tuple[NewTime, ...]
    full_day_minutes: int | None = None
    half_day_minutes: int | None = None


@atomic
def set_attendance(school: School, new: NewSettings, *, by: User) -> AttendanceSettings:
    """Set how registers are taken, from the next one on; those that were opened keep their times.

    Raises Refused code_set_unknown, codes_in_use, register_times_missing, register_times_not_halves,
    register_times_overlap, register_open_too_long, register_day_too_short.
    """
    lock(School.objects).get(pk=school.pk)
    if new.code_set not in NAMES:
        raise errors.code_set_unknown(new.code_set)
    _require_times(new)
    held = AttendanceSettings.objects.filter(school=school).first()
    if held is not None and held.code_set != new.code_set and Mark.objects.exists():
        raise errors.codes_in_use()
    settings, _made = AttendanceSettings.objects.update_or_create(
        school=school,
        defaults={
            "code_set": new.code_set,
            "open_minutes": new.open_minutes,
            "full_day_minutes": new.full_day_minutes,
            "half_day_minutes": new.half_day_minutes,
        },
    )
    RegisterTime.objects.filter(school=school).delete()
    for number, one in enumerate(sorted(new.times, key=lambda one: one.opens), 1):
        RegisterTime.objects.create(
            school=school, number=number, name=one.name.strip(), opens=one.opens, minutes=one.minutes
        )
    facts = {"codes": new.code_set, "open_minutes": new.open_minutes, "times": len(new.times), "by": by.pk}
    record("attendance.settings_changed", subject=school.id, facts=facts, personal={})
    return settings


def _require_times(new: NewSettings) -> None:
    codes = require_code_set(new.code_set)
    lengths = [one.minutes or 0 for one in new.times]
    by_minutes = new.full_day_minutes is not None
    half, full = new.half_day_minutes or 0, new.full_day_minutes or 0
    fault = decide_times(
        codes,
        [one.opens.hour * 60 + one.opens.minute for one in new.times],
        open_minutes=new.open_minutes,
        day_minutes=sum(lengths) if by_minutes else None,
        full_from=new.full_day_minutes,
    )
    if fault is TimesFault.NONE and by_minutes and not 0 < half < full:
        fault = TimesFault.DAY_TOO_SHORT
    if any(not one.name.strip() or len(one.name.strip()) > NAME_CHARS_MAX for one in new.times):
        fault = TimesFault.EMPTY
    if fault is not TimesFault.NONE:
        raise errors.times_not_valid(fault, minutes_max=codes.open_minutes_max)


@atomic
def add_district_code(school: School, symbol: str, label: str, meaning: str, *, by: User) -> DistrictCode:
    """Add a code of the school's own, or bring one back. Raises Refused district_code_not_valid."""
    settings = lock(AttendanceSettings.objects).filter(school=school).first()
    if settings is None:
        raise errors.registers_not_set_up()
    codes = require_code_set(settings.code_set)
    symbol, label = symbol.strip(), " ".join(label.split())
    held = DistrictCode.objects.filter(school=school, symbol=symbol).first()
    is_free = symbol not in codes.codes and (held is None or held.retired_at is not None)
    sizes = 0 < len(symbol) <= SYMBOL_CHARS_MAX and 0 < len(label) <= LABEL_CHARS_MAX
    # A code that marks bear already goes on meaning what it meant.
    same = held is None or held.meaning == meaning
    if not (is_free and sizes and same and meaning in codes.codes):
        raise errors.district_code_not_valid(symbol[:SYMBOL_CHARS_MAX])
    code, _made = DistrictCode.objects.update_or_create(
        school=school, symbol=symbol, defaults={"label": label, "meaning": meaning, "retired_at": None}
    )
    facts = {"meaning": meaning, "by": by.pk}
    record("district_code.added", subject=school.id, facts=facts, personal={})
    return code


@atomic
def retire_district_code(school: School, symbol: str, *, by: User) -> None:
    """Offer a code of the school's own no longer. Raises Refused district_code_not_valid."""
    found = DistrictCode.objects.filter(school=school, symbol=symbol, retired_at=None)
    if not found.update(retired_at=now()):
        raise errors.district_code_not_valid(symbol[:SYMBOL_CHARS_MAX])
    record("district_code.retired", subject=school.id, facts={"by": by.pk}, personal={})


@atomic
def add_class_groups(school: School, *, by: User) -> int:
    """Let a register be taken of each class that has none yet. Return how many were added."""
    lock(School.objects).get(pk=school.pk)
    RegisterGroup.objects.filter(school=school, year_group__isnull=False).exclude(retired_at=None).update(
        retired_at=None
    )
    without = YearGroup.objects.filter(school=school, register_group=None)
    added = [RegisterGroup.objects.create(school=school, year_group=one) for one in without]
    if added:
        facts = {"groups": len(added), "by": by.pk}
        record("register_group.added", subject=school.id, facts=facts, personal={})
    return len(added)


@atomic
def add_group(school: School, name: str, *, by: User, is_list: bool = False) -> RegisterGroup:
    """Add a group that is no class, or a list of which no register is taken.

    Raises Refused register_group_not_valid.
    """
    lock(School.objects).get(pk=school.pk)
    name = " ".join(name.split())
    groups = RegisterGroup.objects.filter(school=school)
    taken = {fold_name(one.title) for one in groups.select_related("year_group")}
    if not 0 < len(name) <= NAME_CHARS_MAX or fold_name(name) in taken:
        raise errors.group_not_valid()
    added = RegisterGroup.objects.create(school=school, name=name, is_list=is_list)
    record("register_group.added", subject=added.id, facts={"groups": 1, "by": by.pk}, personal={})
    return added


@atomic
def retire_group(school: School, group_id: UUID, *, by: User) -> None:
    """Take no more registers of a group; what was recorded stays. Raises register_group_unknown."""
    group = require_group(school, group_id)
    RegisterGroup.objects.filter(pk=group.pk).update(retired_at=now())
    record("register_group.retired", subject=group.id, facts={"by": by.pk}, personal={})


@atomic
def set_teachers(school: School, group_id: UUID, users: Collection[User], *, by: User) -> None:
    """Set who takes a group's register for the most part. Raises Refused register_group_unknown."""
    group = require_group(school, group_id)
    GroupTeacher.objects.filter(group=group).exclude(user__in=users).delete()
    held = set(GroupTeacher.objects.filter(group=group).values_list("user_id", flat=True))
    for user in users:
        if user.pk not in held:
            GroupTeacher.objects.create(group=group, user=user)
    facts = {"teachers": sorted(one.pk for one in users), "by": by.pk}
    record("register_group.teachers_set", subject=group.id, facts=facts, personal={})


@atomic
def set_members(school: School, group_id: UUID, persons: Collection[Person], *, by: User) -> None:
    """Set who is in a group that is no class, from today on. Raises Refused register_group_unknown."""
    group = require_group(school, group_id)
    if group.year_group_id is not None:
        raise errors.group_unknown()
    day = today(school)
    wanted = {one.pk for one in persons}
    held: dict[UUID, date] = dict(
        GroupMember.objects.filter(group=group, last_day=None).values_list("person_id", "first_day")
    )
    gone = GroupMember.objects.filter(group=group, last_day=None).exclude(person_id__in=wanted)
    gone.filter(first_day__gte=day).delete()
    gone.update(last_day=day)
    for one in sorted(wanted - held.keys()):
        GroupMember.objects.create(group=group, person_id=one, first_day=day)
    facts = {"members": len(wanted), "by": by.pk}
    record("register_group.members_set", subject=group.id, facts=facts, personal={})


@atomic
def set_meetings(school: School, group_id: UUID, meetings: Sequence[tuple[int, int]], *, by: User) -> None:
    """Set on which weekdays (ISO) and for which registers of the day a group meets; none: for each.

    Raises Refused register_group_unknown, register_unknown.
    """
    group = require_group(school, group_id)
    numbers = set(RegisterTime.objects.filter(school=school).values_list("number", flat=True))
    if any(number not in numbers or weekday not in range(1, 8) for weekday, number in meetings):
        raise errors.register_unknown()
    GroupMeeting.objects.filter(group=group).delete()
    for weekday, number in sorted(set(meetings)):
        GroupMeeting.objects.create(group=group, weekday=weekday, number=number)
    facts = {"meetings": len(set(meetings)), "by": by.pk}
    record("register_group.meetings_set", subject=group.id, facts=facts, personal={})
