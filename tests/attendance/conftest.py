"""A school that takes registers in the morning and the afternoon, under a clock of the test's choice."""

from datetime import UTC, datetime, time

import pytest
from tests.support.clocks import stopped_at

from willing.attendance.queries import groups_of
from willing.attendance.registers import open_register
from willing.attendance.set_up import NewSettings, NewTime, add_class_groups, set_attendance
from willing.people.models import Person, YearGroup

HALVES = (NewTime("Morning", time(8, 50)), NewTime("Afternoon", time(13)))
ENGLAND = NewSettings("england_2024", 30, HALVES)


def at(hour, minute=0, *, day=26):
    """Return a moment of November 2026 at a school in London."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def school(cast):
    """A class of Ada, Bo and Wes, whose registers are taken from today on."""
    group = YearGroup.objects.create(school=cast.school, name="4A")
    Person.objects.update(year_group=None)
    for name in ("Ada", "Bo", "Wes"):
        Person.objects.filter(pk=cast.person(name).pk).update(year_group=group, joined_at=at(8, day=1))
    YearGroup.objects.exclude(pk=group.pk).delete()
    cast.school.time_zone = "Europe/London"
    cast.school.save()
    set_attendance(cast.school, ENGLAND, by=cast.user("administrator"))
    add_class_groups(cast.school, by=cast.user("administrator"))
    return cast.school


@pytest.fixture
def register(cast, school):
    """This morning's register of the class, opened at ten to nine."""
    with stopped_at(at(8, 50)):
        return open_register(school, groups_of(school)[0].id, at(8).date(), 1, by=cast.user("office"))
