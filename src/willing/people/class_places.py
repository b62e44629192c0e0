"""The order of classes: as people count, 7A before 10A, until the office has put them in its own."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from willing.people.models import School, YearGroup
from willing.people.rules import class_sort_key


def make_classes(school: School, names: Sequence[str]) -> list[YearGroup]:
    """Make classes, each at its place; last where the office has an order of its own.

    Call inside a transaction. Raises IntegrityError where a name is taken.
    """
    with kept_in_order(school) as last:
        return [YearGroup.objects.create(school=school, name=one, position=last) for one in names]


@contextmanager
def kept_in_order(school: School) -> Iterator[int]:
    """Number what changes inside among the classes that are listed as people count; yield the last number.

    An order of the office's own stays. Classes that were never numbered have none.
    """
    before = list(YearGroup.objects.filter(school=school))
    places = {one.position for one in before}
    is_counted = len(places) < 2 or _in_order(before) == before
    yield max(places, default=0)
    if not is_counted:
        return
    rows = _in_order(YearGroup.objects.filter(school=school))
    moved = []
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            moved.append(row)
    YearGroup.objects.bulk_update(moved, ["position"])


def _in_order(rows: Iterable[YearGroup]) -> list[YearGroup]:
    return sorted(rows, key=lambda one: class_sort_key(one.name))
