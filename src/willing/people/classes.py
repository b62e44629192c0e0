"""The writers of classes (`YearGroup`): added, renamed, put in order, merged, deleted when nobody is in one.

by: the number of the user who did it; this room lies below the users.
"""

from collections.abc import Sequence

from django.db import IntegrityError

from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.class_places import kept_in_order, make_classes
from willing.people.models import Person, School, YearGroup
from willing.people.rules import read_name


@atomic
def add_class(school: School, name: str, *, by: int | None) -> YearGroup:
    """Add a class; see `make_classes` for its place. Raises Refused class_name_taken, name_missing."""
    lock(School.objects).get(pk=school.pk)
    try:
        (added,) = atomic(make_classes)(school, [_name(name)])
    except IntegrityError:
        raise errors.class_name_taken() from None
    _record("class.added", school, added, by)
    return added


@atomic
def rename_class(school: School, class_id: int, name: str, *, by: int | None) -> YearGroup:
    """Give a class another name. Raises Refused unknown_class, class_name_taken, name_missing."""
    held = _lock_class(school, class_id)
    if held.name == _name(name):
        return held
    held.name = _name(name)
    try:
        with kept_in_order(school):
            atomic(held.save)(update_fields=["name"])
    except IntegrityError:
        raise errors.class_name_taken() from None
    _record("class.renamed", school, held, by)
    return held


@atomic
def set_infants(school: School, class_id: int, *, is_infant: bool, by: int | None) -> YearGroup:
    """Say whether a class is Reception, Year 1 or Year 2 (England). Raises Refused unknown_class."""
    held = _lock_class(school, class_id)
    if held.is_infant is not is_infant:
        held.is_infant = is_infant
        held.save(update_fields=["is_infant"])
        _record("class.infants_set", school, held, by, is_infant=is_infant)
    return held


@atomic
def order_classes(school: School, class_ids: Sequence[int], *, by: int | None) -> None:
    """List the classes in this order from now on; those that are not named follow as they were."""
    lock(School.objects).get(pk=school.pk)
    before = list(lock(YearGroup.objects).filter(school=school))
    wanted = {one: place for place, one in enumerate(class_ids)}
    rows = sorted(before, key=lambda row: wanted.get(row.pk, len(wanted)))
    if rows == before:
        return
    for place, row in enumerate(rows):
        row.position = place
    YearGroup.objects.bulk_update(rows, ["position"])
    facts = {"classes": [row.pk for row in rows], "by": by}
    record("class.moved", subject=school.id, facts=facts, personal={})


@atomic
def merge_classes(school: School, class_id: int, into_id: int, *, by: int | None) -> int:
    """Put everybody of one class into another and delete the first. Return how many persons moved.

    Raises Refused unknown_class, class_merged_into_itself.
    """
    if class_id == into_id:
        raise errors.class_merged_into_itself()
    lock(School.objects).get(pk=school.pk)
    gone, kept = _lock_class(school, class_id), _lock_class(school, into_id)
    moved = Person.objects.filter(year_group=gone).update(year_group=kept)
    _record("class.merged", school, gone, by, into=kept.pk, persons=moved)
    YearGroup.objects.filter(pk=gone.pk).delete()
    return moved


@atomic
def delete_class(school: School, class_id: int, *, by: int | None) -> None:
    """Delete a class that nobody is in, leavers included.

    Raises Refused unknown_class, class_not_empty.
    """
    lock(School.objects).get(pk=school.pk)  # nobody is added by hand meanwhile
    held = _lock_class(school, class_id)
    if Person.objects.filter(year_group=held).exists():
        raise errors.class_not_empty()
    _record("class.deleted", school, held, by)
    YearGroup.objects.filter(pk=held.pk).delete()


def _lock_class(school: School, class_id: int) -> YearGroup:
    found = lock(YearGroup.objects).filter(school=school, pk=class_id).first()
    if found is None:
        raise errors.unknown_class()
    return found


def _name(text: str) -> str:
    name = read_name(text)
    if not name:
        raise errors.name_missing()
    return name


def _record(event: str, school: School, one: YearGroup, by: int | None, **facts: int) -> None:
    # A class may be called after its teacher, so its name is personal text and can be erased.
    record(event, subject=school.id, facts={"class": one.pk, "by": by, **facts}, personal={"name": one.name})
