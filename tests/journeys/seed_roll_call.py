"""Set up a school with assembly points and so many pupils and wardens; print what the journeys need."""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.db import transaction  # noqa: E402  (Django must be set up before the rooms are imported)
from tests.journeys.seed import sign_in  # noqa: E402
from tests.journeys.seed_registers import zone  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.people.models import YearGroup  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school  # noqa: E402
from willing.rollcall.set_up import NewPoint, name_warden, set_point, write_medical_words  # noqa: E402

PASSWORD = "a long enough phrase"
CLASS_SIZE = 30


def seed(pupils: int, wardens: int) -> dict[str, Any]:
    """Make the school: classes of thirty at two points, and so many wardens."""
    set_up()
    school = create_school("Willow Brook School", law="england_wales")
    school.time_zone = zone()[0]
    school.save()
    users = [
        add_user(school, NewUser(f"warden{at}", PASSWORD, f"Warden {at}", ("teacher",)))
        for at in range(1, wardens + 1)
    ]
    other = add_user(school, NewUser("cook", PASSWORD, "Kim Cook", ("canteen",)))
    with transaction.atomic():
        persons = [
            add_person(school, NewPerson(f"Pupil {at:04}", "Oak", year=f"{at // CLASS_SIZE:02}"))
            for at in range(1, pupils + 1)
        ]
    classes = list(YearGroup.objects.filter(school=school).order_by("name").values_list("pk", flat=True))
    half = (len(classes) + 1) // 2
    set_point(school, NewPoint("Playground", classes[:half], is_for_visitors=True), by=users[0])
    set_point(school, NewPoint("Car park", classes[half:], is_for_staff=True), by=users[0])
    for one in users:
        name_warden(school, one.pk, by=users[0])
    write_medical_words(persons[0], "needs an adrenaline pen", "vital", by=users[0])
    return {
        "sessions": {one.username: sign_in(one) for one in (*users, other)},
        "persons": {one.given_name: str(one.id) for one in persons},
    }


if __name__ == "__main__":
    prepare_static_files()
    json.dump(seed(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)
