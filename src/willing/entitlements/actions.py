"""The writers of entitlements.

The log says that one was granted or revoked, not which and how much: who eats free is nobody else's business.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from willing.accounts.models import User
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.entitlements import errors
from willing.entitlements.models import SOURCE_NAME_CHARS_MAX, Entitlement, UnspentRules
from willing.entitlements.rules import UNSPENT_DAYS_MAX, overlaps
from willing.people.models import Person, School
from willing.people.persons import require_present


@dataclass(frozen=True)
class NewEntitlement:
    """What is granted. family_minor for a meal, daily_minor for a sum (models.Entitlement)."""

    kind: str
    source: str
    first_day: date
    last_day: date | None = None
    check_on: date | None = None
    family_minor: int | None = None
    daily_minor: int | None = None
    source_name: str = ""


@atomic
def grant(person: Person, new: NewEntitlement, *, by: User) -> Entitlement:
    """Grant a person free or reduced meals.

    Raises Refused has_left, entitlement_not_valid, entitlement_without_a_day, entitlement_overlaps.
    """
    _require_sense(new)
    held = lock(Person.objects).get(pk=person.pk)
    require_present(held)
    if _is_taken(held, new):
        raise errors.entitlement_overlaps()
    return _create(held, new, by)


@atomic
def grant_all(
    school: School, class_ids: Collection[int], new: NewEntitlement, *, by: User
) -> tuple[int, int]:
    """Grant the same to every pupil of these classes; those who have one of the source then are left out.

    Returns how many got it and how many were left out.
    Raises Refused entitlement_not_valid, entitlement_without_a_day.
    """
    _require_sense(new)
    rows = Person.objects.filter(
        school=school, year_group__in=class_ids, kind=Person.Kind.PUPIL, left_at=None
    )
    granted = left_out = 0
    for person in lock(rows).order_by("id"):
        if _is_taken(person, new):
            left_out += 1
        else:
            _create(person, new, by)
            granted += 1
    return granted, left_out


def _require_sense(new: NewEntitlement) -> None:
    is_meal = new.kind == Entitlement.Kind.MEAL and new.family_minor is not None and new.daily_minor is None
    is_sum = new.kind == Entitlement.Kind.SUM and new.family_minor is None and (new.daily_minor or 0) > 0
    is_named = bool(new.source_name) == (new.source == Entitlement.Source.OTHER)
    is_known = new.source in Entitlement.Source.values and len(new.source_name) <= SOURCE_NAME_CHARS_MAX
    if not (is_meal or is_sum) or not is_named or not is_known or (new.family_minor or 0) < 0:
        raise errors.entitlement_not_valid()
    _require_days(new.first_day, new.last_day, new.check_on)


def _require_days(first_day: date, last_day: date | None, check_on: date | None) -> None:
    if any(one is not None and one < first_day for one in (last_day, check_on)):
        raise errors.entitlement_without_a_day()


def _is_taken(person: Person, new: NewEntitlement) -> bool:
    others = Entitlement.objects.filter(person=person, source=new.source, source_name=new.source_name)
    return overlaps(new.first_day, new.last_day, list(others.values_list("first_day", "last_day")))


def _create(person: Person, new: NewEntitlement, by: User) -> Entitlement:
    made = Entitlement.objects.create(
        person=person,
        kind=new.kind,
        source=new.source,
        source_name=new.source_name,
        family_minor=new.family_minor,
        daily_minor=new.daily_minor,
        first_day=new.first_day,
        last_day=new.last_day,
        check_on=new.check_on,
        user=by,
        set_at=now(),
    )
    record("entitlement.granted", subject=person.id, facts={"by": by.pk}, personal={})
    return made


@atomic
def revoke_entitlement(person: Person, entitlement_id: UUID, last_day: date, *, by: User) -> None:
    """Revoke an entitlement after a last day; one that would never have begun is deleted.

    Raises Refused entitlement_unknown.
    """
    held = _lock_entitlement(person, entitlement_id)
    if last_day < held.first_day:
        Entitlement.objects.filter(pk=held.pk).delete()
    elif held.last_day is None or last_day < held.last_day:
        held.last_day, held.user, held.set_at = last_day, by, now()
        if held.check_on is not None and held.check_on > last_day:
            held.check_on = None
        held.save(update_fields=["last_day", "check_on", "user", "set_at"])
    else:
        return
    record("entitlement.revoked", subject=person.id, facts={"by": by.pk}, personal={})


@atomic
def confirm_entitlement(
    person: Person, entitlement_id: UUID, *, check_on: date | None, last_day: date | None, by: User
) -> Entitlement:
    """Record that the office has checked it: it still holds, until then, and is checked again by then.

    Raises Refused entitlement_unknown, entitlement_without_a_day, entitlement_overlaps.
    """
    held = _lock_entitlement(person, entitlement_id)
    _require_days(held.first_day, last_day, check_on)
    others = Entitlement.objects.filter(person=person, source=held.source, source_name=held.source_name)
    times = others.exclude(pk=held.pk).values_list("first_day", "last_day")
    if overlaps(held.first_day, last_day, list(times)):
        raise errors.entitlement_overlaps()
    held.check_on, held.last_day, held.user, held.set_at = check_on, last_day, by, now()
    held.save(update_fields=["check_on", "last_day", "user", "set_at"])
    record("entitlement.checked", subject=person.id, facts={"by": by.pk}, personal={})
    return held


def _lock_entitlement(person: Person, entitlement_id: UUID) -> Entitlement:
    lock(Person.objects).get(pk=person.pk)
    found = Entitlement.objects.filter(person=person, pk=entitlement_id).first()
    if found is None:
        raise errors.entitlement_unknown()
    return found


@atomic
def move_entitlements(gone: Person, kept: Person) -> None:
    """Let one record's entitlements be another's, where both were about one person.

    Where both have one of a source on the same day, the kept record's stays.
    """
    persons = {one.pk: one for one in lock(Person.objects).filter(pk__in=[gone.pk, kept.pk]).order_by("id")}
    for one in Entitlement.objects.filter(person=gone).order_by("first_day", "id"):
        same = Entitlement.objects.filter(
            person=kept, source=one.source, source_name=one.source_name
        ).values_list("first_day", "last_day")
        if overlaps(one.first_day, one.last_day, list(same)):
            Entitlement.objects.filter(pk=one.pk).delete()
        else:
            one.person = persons[kept.pk]
            one.save(update_fields=["person"])


@atomic
def set_unspent_rules(
    school: School, rule: str, *, by: User, days_max: int, breakfast_until: time
) -> UnspentRules:
    """Decide what happens to what is left of a day's sum, from now on and with what is kept already.

    Raises Refused unspent_days_not_valid.
    """
    if not 1 <= days_max <= UNSPENT_DAYS_MAX:
        raise errors.unspent_days_not_valid()
    rules, _ = UnspentRules.objects.update_or_create(
        school=school,
        defaults={
            "rule": UnspentRules.Rule(rule),
            "days_max": days_max,
            "breakfast_until": breakfast_until,
            "user": by,
            "set_at": now(),
        },
    )
    facts = {
        "rule": rules.rule,
        "days": days_max,
        "breakfast_until": breakfast_until.isoformat("minutes"),
        "by": by.pk,
    }
    record("entitlement.unspent_rule_set", subject=school.id, facts=facts, personal={})
    return rules
