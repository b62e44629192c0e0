"""The writers of the school: set up, what it settles for itself, and which organisation of a roster it is."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.models import School
from willing.people.places import Place, check_place, place_of, small_sum_minor

DEFAULT_COUNTRY = "GB"


@atomic
def create_school(
    name: str, place: Place | None = None, *, law: str = "strict", in_set_up: bool = False
) -> School:
    """Set up the school of this installation, with a grace for main meals that fits its currency.

    law: a legal profile that exists (`consent.laws.require_law`). in_set_up: what it is may still be changed
    (`change_school`) until `finish_set_up`. Raises Refused where a country, currency, time zone or language
    does not exist.
    """
    place = check_place(place or place_of(DEFAULT_COUNTRY))
    school = School.objects.create(
        name=name,
        country=place.country,
        currency=place.currency,
        time_zone=place.time_zone,
        language=place.language,
        legal_profile=law,
        grace_minor=small_sum_minor(place.currency),
        set_up_at=None if in_set_up else now(),
    )
    facts = {**asdict(place), "law": law}
    record("school.created", subject=school.id, facts=facts, personal={})
    return school


@atomic
def change_school(school: School, *, name: str, place: Place, by: int | None = None) -> None:
    """Change what a school is called and where it is; what is so already is no change.

    by: the user, None in the first minutes, when there is none. The grace goes with the currency.
    Raises Refused currency_settled once the school is set up: money was counted in it by then; and where a
    country, currency, time zone or language does not exist.
    """
    check_place(place)
    locked = lock(School.objects).get(pk=school.pk)
    if locked.currency != place.currency:
        if locked.set_up_at is not None:
            raise errors.currency_settled()
        _write(school, {"grace_minor": small_sum_minor(place.currency)})
    wanted = {
        "name": name,
        "country": place.country,
        "currency": place.currency,
        "time_zone": place.time_zone,
        "language": place.language,
    }
    _change(school, locked, wanted, by)


@atomic
def set_public_address(school: School, address: str, *, by: int | None = None) -> None:
    """Set where families reach the school's pages, as `people.addresses.read_address` returned it, or "".

    What was seen of another address says nothing about this one.
    """
    held = lock(School.objects).get(pk=school.pk)
    _change(school, held, {"public_address": address}, by)
    school.public_address = address
    if held.public_address != address:
        _note_reach(school, "", None)


@atomic
def note_address_test(school: School, reach: str) -> None:
    """Keep what came of testing the public address (`ops.reach.Reach`), and that it was now."""
    _note_reach(school, reach, now())


def _note_reach(school: School, reach: str, at: datetime | None) -> None:
    School.objects.filter(pk=school.pk).update(address_reach=reach, address_tested_at=at)
    school.address_reach, school.address_tested_at = reach, at


@atomic
def set_grace(school: School, grace_minor: int, *, by: int | None = None) -> None:
    """Set how far main meals may take a balance below nothing, in minor units: from the next sale on."""
    if School.objects.filter(pk=school.pk).exclude(grace_minor=grace_minor).update(grace_minor=grace_minor):
        facts = {"grace": grace_minor, "by": by}
        record("school.grace_set", subject=school.id, facts=facts, personal={})
    school.grace_minor = grace_minor


@atomic
def set_cashier_required(school: School, *, is_required: bool, by: int | None = None) -> None:
    """Set whether a till takes a payment only while a cashier is signed on there."""
    others = School.objects.filter(pk=school.pk).exclude(requires_cashier=is_required)
    if others.update(requires_cashier=is_required):
        facts = {"fields": ["requires_cashier"], "by": by}
        record("school.changed", subject=school.id, facts=facts, personal={})
    school.requires_cashier = is_required


@atomic
def set_law(school: School, law: str, *, by: int | None = None) -> None:
    """Set under which legal profile a school works. Only `biometrics.laws` calls this: faces follow."""
    _change(school, lock(School.objects).get(pk=school.pk), {"legal_profile": law}, by)


@atomic
def finish_set_up(school: School, *, by: int) -> None:
    """End the set-up: its pages are gone from now on. Twice changes nothing."""
    if School.objects.filter(pk=school.pk, set_up_at=None).update(set_up_at=now()):
        record("school.set_up_finished", subject=school.id, facts={"by": by}, personal={})
    school.set_up_at = School.objects.values_list("set_up_at", flat=True).get(pk=school.pk)


def _change(school: School, held: School, wanted: Mapping[str, object], by: int | None) -> None:
    """Write what differs and record its names: a value may be anything a person typed."""
    changed = {field: value for field, value in wanted.items() if getattr(held, field) != value}
    if not changed:
        return
    _write(school, changed)
    record("school.changed", subject=school.id, facts={"fields": sorted(changed), "by": by}, personal={})


def _write(school: School, values: Mapping[str, object]) -> None:
    School.objects.filter(pk=school.pk).update(**values)
    for field, value in values.items():
        setattr(school, field, value)


@atomic
def link_school_to_roster(school: School, external_id: str) -> None:
    """Keep which organisation of the school's register this school is."""
    School.objects.filter(pk=school.pk).update(external_id=external_id)
    school.external_id = external_id
    record("school.renamed", subject=school.id, facts={}, personal={"external_id": external_id})
