"""Set up a school with families to message and no registers yet; print what the journey needs as JSON."""

import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.journeys.seed import sign_in  # noqa: E402  (Django must be set up before the rooms are imported)
from tests.journeys.seed_registers import PASSWORD, zone  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.mail.sending import NewServer, set_mail_server  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school, set_public_address  # noqa: E402

PUPILS = 30


def seed() -> dict[str, Any]:
    """Make the school: a class of thirty, one of two, the office and a teacher."""
    set_up()
    name, _ = zone()
    school = create_school("Willow Brook School", law="england_wales")
    school.time_zone = name
    school.save()
    office = add_user(school, NewUser("olga", PASSWORD, "Olga Ray", ("office",)))
    teacher = add_user(school, NewUser("rosa", PASSWORD, "Rosa Diaz", ("teacher",)))
    persons = [
        add_person(school, NewPerson(f"Pupil {number:02}", "Oak", year="4A"))
        for number in range(1, PUPILS + 1)
    ]
    persons += [add_person(school, NewPerson(given, "Elm", year="4B")) for given in ("Ada", "Bo")]
    for one in persons:
        add_guardian(one, f"Parent of {one.given_name}", email=f"p{one.till_number}@example.org")
    set_public_address(school, "https://lunch.example.org")
    # Nobody listens there: what this journey holds is never sent.
    server = NewServer(host="127.0.0.1", port=9, encryption="none", sender="lunch@school.example")
    set_mail_server(school, server, by=office)
    return {"zone": name, "sessions": {one.username: sign_in(one) for one in (office, teacher)}}


if __name__ == "__main__":
    prepare_static_files()
    json.dump(seed(), sys.stdout)
