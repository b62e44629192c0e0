"""The writers of what an evening list needs beforehand: houses, their wardens, and when lists are taken.

The log names houses by their ids and wardens by their sign-in; who lives in a house is in no entry of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from willing.accounts.models import User
from willing.accounts.queries import active_staff
from willing.audit.actions import record
from willing.boarding import errors
from willing.boarding.living import close_stays
from willing.boarding.models import CheckPoint, House, HouseWarden
from willing.boarding.queries import boarders_on, houses_of, require_house
from willing.boarding.rules import HOUSES_MAX, NAME_CHARS_MAX, ChecksFault, decide_checks, order_of
from willing.core.clock import now
from willing.core.comparison import fold_name
from willing.core.transactions import atomic, lock
from willing.people.models import School
from willing.people.queries import today

# What a school begins with when it adds its first house.
FIRST_CHECK, FIRST_ALERT_MINUTES = time(21), 30


@dataclass(frozen=True)
class NewCheck:
    """When a list is taken each night."""

    name: str
    at: time


@atomic
def add_house(school: School, name: str, *, check_name: str, by: User) -> House:
    """Add a house. check_name: what the list is called at nine, where the school has set no times yet.

    Raises Refused house_not_valid, houses_too_many.
    """
    lock(School.objects).get(pk=school.pk)
    if House.objects.filter(school=school, retired_at=None).count() >= HOUSES_MAX:
        raise errors.houses_too_many()
    house = House.objects.create(school=school, name=_free_name(school, name))
    record("house.added", subject=house.id, facts={"by": by.pk}, personal={})
    if not CheckPoint.objects.filter(school=school).exists():
        _set(school, [NewCheck(check_name, FIRST_CHECK)], FIRST_ALERT_MINUTES, by)
    return house


@atomic
def rename_house(school: School, house_id: UUID, name: str, *, by: User) -> None:
    """Give a house another name. Raises Refused house_unknown, house_not_valid."""
    lock(School.objects).get(pk=school.pk)
    house = require_house(school, house_id)
    name = _free_name(school, name, without=house)
    if name != house.name:
        House.objects.filter(pk=house.pk).update(name=name)
        record("house.renamed", subject=house.id, facts={"by": by.pk}, personal={})


def _free_name(school: School, name: str, without: House | None = None) -> str:
    name = " ".join(name.split())
    taken = {fold_name(one.name) for one in houses_of(school) if one != without}
    if not 0 < len(name) <= NAME_CHARS_MAX or fold_name(name) in taken:
        raise errors.house_not_valid()
    return name


@atomic
def retire_house(school: School, house_id: UUID, *, by: User) -> None:
    """Take no more lists of a house in which nobody lives. Raises Refused house_unknown, house_not_empty."""
    lock(School.objects).get(pk=school.pk)
    house = require_house(school, house_id)
    boarders = boarders_on(house, today(school))
    if boarders:
        raise errors.house_not_empty(len(boarders))
    close_stays(house)
    House.objects.filter(pk=house.pk).update(retired_at=now())
    record("house.retired", subject=house.id, facts={"by": by.pk}, personal={})


@atomic
def set_wardens(school: School, house_id: UUID, user_ids: Collection[int], *, by: User) -> None:
    """Set who takes the lists of a house and is notified; only staff who can sign in.

    Raises Refused house_unknown.
    """
    house = require_house(school, house_id)
    users = [one for one in active_staff(school) if one.pk in user_ids]
    HouseWarden.objects.filter(house=house).exclude(user__in=users).delete()
    held = set(HouseWarden.objects.filter(house=house).values_list("user_id", flat=True))
    for user in users:
        if user.pk not in held:
            HouseWarden.objects.create(house=house, user=user)
    facts = {"wardens": sorted(one.pk for one in users), "by": by.pk}
    record("house.wardens_set", subject=house.id, facts=facts, personal={})


@atomic
def set_checks(school: School, checks: Sequence[NewCheck], alert_minutes: int, *, by: User) -> None:
    """Set when lists are taken; those that were opened keep their times.

    alert_minutes: how long after each wardens are notified of who is missing.
    Raises Refused evening_checks_missing, evening_checks_too_many, evening_check_name,
    evening_checks_same_time, evening_alert_minutes.
    """
    lock(School.objects).get(pk=school.pk)
    _set(school, checks, alert_minutes, by)


def _set(school: School, checks: Sequence[NewCheck], alert_minutes: int, by: User) -> None:
    named = [(" ".join(one.name.split()), one.at) for one in checks]
    fault = decide_checks(
        [name for name, _at in named], [at for _name, at in named], alert_minutes=alert_minutes
    )
    if fault is not ChecksFault.NONE:
        raise errors.checks_not_valid(fault)
    CheckPoint.objects.filter(school=school).delete()
    for number, (name, at) in enumerate(sorted(named, key=lambda one: order_of(one[1])), 1):
        CheckPoint.objects.create(school=school, number=number, name=name, at=at, alert_minutes=alert_minutes)
    facts = {"checks": len(named), "alert_minutes": alert_minutes, "by": by.pk}
    record("evening_checks.set", subject=school.id, facts=facts, personal={})
