"""Set up a school whose register of this morning is closed, with a family; print what the journey needs."""

import json
import os
import sys
from datetime import time, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.journeys.seed import sign_in  # noqa: E402  (Django must be set up before the rooms are imported)
from tests.journeys.seed_registers import PASSWORD, zone  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.sign_ins import accept_invitation, invite_guardian  # noqa: E402
from willing.attendance.marking import NewMark, record_marks  # noqa: E402
from willing.attendance.queries import groups_of  # noqa: E402
from willing.attendance.registers import close_register, open_register  # noqa: E402
from willing.attendance.set_up import NewSettings, NewTime, add_class_groups, set_attendance  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.mail.sending import NewServer, set_mail_server  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.queries import today  # noqa: E402
from willing.people.school import create_school, set_public_address  # noqa: E402


def seed() -> dict[str, Any]:
    """Make the school: Ada, who was marked absent, Bo, who was here, and Ada's two guardians."""
    set_up()
    name, local = zone()
    school = create_school("Willow Brook School", law="england_wales")
    school.time_zone = name
    school.save()
    office = add_user(school, NewUser("olga", PASSWORD, "Olga Ray", ("office",)))
    teacher = add_user(school, NewUser("rosa", PASSWORD, "Rosa Diaz", ("teacher",)))
    ada, bo = (add_person(school, NewPerson(given, "Elm", year="4B")) for given in ("Ada", "Bo"))
    set_public_address(school, "https://lunch.example.org")
    # Nobody listens there: what this journey writes is never sent.
    server = NewServer(host="127.0.0.1", port=9, encryption="none", sender="lunch@school.example")
    set_mail_server(school, server, by=office)
    families = {}
    for login, shown in (("mia", "Mia Elm"), ("noel", "Noel Elm")):
        guardian = add_guardian(ada, shown, email=f"{login}@example.org")
        families[login] = accept_invitation(
            invite_guardian(guardian, by=office), username=login, password=PASSWORD
        )
    opens = (local - timedelta(minutes=45)).time().replace(second=0, microsecond=0)
    halves = (NewTime("Morning", opens), NewTime("Afternoon", time(14)))
    set_attendance(school, NewSettings("england_2024", 30, halves), by=office)
    add_class_groups(school, by=office)
    register = open_register(school, groups_of(school)[0].id, today(school), 1, by=teacher)
    record_marks(register, [NewMark(bo.id, "/"), NewMark(ada.id, "N")], by=teacher)
    close_register(register)
    users = {"olga": office, "rosa": teacher, **families}
    return {
        "ada": str(ada.id),
        "register": str(register.id),
        "sessions": {login: sign_in(one) for login, one in users.items()},
    }


if __name__ == "__main__":
    prepare_static_files()
    json.dump(seed(), sys.stdout)
