"""Set up a school whose register of thirty pupils is open now; print what the journeys need as JSON."""

import json
import os
import sys
from datetime import UTC, datetime, time, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.journeys.seed import sign_in  # noqa: E402  (Django must be set up before the rooms are imported)

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.attendance.queries import groups_of  # noqa: E402
from willing.attendance.set_up import (  # noqa: E402
    NewSettings,
    NewTime,
    add_class_groups,
    set_attendance,
    set_teachers,
)
from willing.config.static_files import prepare_static_files  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school  # noqa: E402

PASSWORD = "a long enough phrase"
PUPILS, MORNING_HOUR = 30, 10


def zone() -> tuple[str, datetime]:
    """Return a time zone in which it is the middle of a morning now, and the time there."""
    now = datetime.now(UTC)
    ahead = (MORNING_HOUR - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}", now + timedelta(hours=ahead)


def seed() -> dict[str, Any]:
    """Make the school: a class of thirty, a smaller one, and two teachers who take both registers."""
    set_up()
    name, local = zone()
    school = create_school("Willow Brook School", law="england_wales")
    school.time_zone = name
    school.save()
    teachers = [
        add_user(school, NewUser(login, PASSWORD, shown, ("teacher",)))
        for login, shown in (("rosa", "Rosa Diaz"), ("sam", "Sam Reed"))
    ]
    persons = [
        add_person(school, NewPerson(f"Pupil {number:02}", "Oak", year="4A"))
        for number in range(1, PUPILS + 1)
    ]
    persons += [add_person(school, NewPerson(given, "Elm", year="4B")) for given in ("Ada", "Bo")]
    opens = (local - timedelta(minutes=2)).time().replace(second=0, microsecond=0)
    halves = (NewTime("Morning", opens), NewTime("Afternoon", time(14)))
    set_attendance(school, NewSettings("england_2024", 30, halves), by=teachers[0])
    add_class_groups(school, by=teachers[0])
    groups = {one.title: one for one in groups_of(school)}
    for one in groups.values():
        set_teachers(school, one.id, teachers, by=teachers[0])
    return {
        "groups": {title: str(one.id) for title, one in groups.items()},
        "sessions": {one.username: sign_in(one) for one in teachers},
        "persons": {one.given_name: one.id.hex for one in persons},
        "card": issue_card(persons[0]),
    }


if __name__ == "__main__":
    prepare_static_files()
    json.dump(seed(), sys.stdout)
