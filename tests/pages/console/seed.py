"""Set up a school for the staff's and the families' pages in a real browser; print what the tests need.

Runs in a process of its own, so that the tests never share a database connection with the server.
"""

import json
import os
import sys
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.journeys.seed import sign_in  # noqa: E402
from tests.support.clips import frame, jpeg  # noqa: E402
from tests.support.money import pay_in  # noqa: E402
from tests.support.unlock import unlock_faces  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture  # noqa: E402
from willing.biometrics.consent_changes import record_consent  # noqa: E402
from willing.consent.decisions import NewDecision  # noqa: E402
from willing.consent.links import sign_link  # noqa: E402
from willing.consent.publishing import notify_guardian, publish_notices  # noqa: E402
from willing.consent.queries import require_notice  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.models import Person, School  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school  # noqa: E402
from willing.terminals.actions import NewTerminal, add_terminal  # noqa: E402
from willing.till.baskets import open_basket  # noqa: E402
from willing.till.identification import identify_by_card  # noqa: E402
from willing.till.payment import confirm_basket  # noqa: E402
from willing.till.products import ProductDetails, add_to_menu  # noqa: E402

PASSWORD = "a long enough phrase"
ROLES = ("office", "dpo", "administrator", "canteen", "cashier", "teacher")


def seed() -> dict[str, Any]:
    """Make the school: Ana is enrolled, Ben may be, Chen's guardian Dora has not answered."""
    set_up()
    school = create_school("Willow Brook School", law="england_wales")
    publish_notices()
    office = add_user(school, NewUser("office", PASSWORD, "Rosa Diaz", ("office",)))
    everybody = add_user(school, NewUser("all", PASSWORD, "Sam Park", ROLES))
    unlock_faces(school, everybody)
    pupils = {
        name: add(school, name, family)
        for name, family in (("Ana", "Silva"), ("Ben", "Okafor"), ("Chen", "Wei"))
    }
    guardians = {name: agree(pupils[name], f"{name}'s parent", office) for name in ("Ana", "Ben")}
    guardians["Dora"] = add_guardian(pupils["Chen"], "Dora Wei")
    enrol(pupils["Ana"], "person_a_1", office)
    sale = sell(school, pupils["Chen"])
    return {
        "password": PASSWORD,
        "session": sign_in(everybody),
        "persons": {name: str(person.id) for name, person in pupils.items()},
        "card_codes": {"Ben": issue_card(pupils["Ben"])},
        "links": {name: sign_link(guardian) for name, guardian in guardians.items()},
        "sale": sale,
    }


def add(school: School, name: str, family: str) -> Person:
    """Add a pupil with money."""
    person = add_person(school, NewPerson(name, family, year="Year 8"))
    pay_in(person, 2000, key=uuid4())
    return person


def agree(person: Person, name: str, office: User) -> Any:
    """Let a guardian and the pupil say yes, after both were told."""
    guardian = add_guardian(person, name)
    adult, child = (require_notice("canteen", reader, "en") for reader in ("adult", "child"))
    notify_guardian(guardian, person, adult, channel="link")
    record_consent(NewDecision(person, "canteen", "yes", adult, "link", guardian=guardian))
    record_consent(NewDecision(person, "canteen", "yes", child, "desk", recorded_by=office))
    return guardian


def enrol(person: Person, portrait: str, office: User) -> None:
    """Enrol somebody from one portrait and mild variations of it."""
    capture = start_capture(person, "canteen", user=office)
    for height, light in ((480, 1.0), (460, 0.92), (440, 1.08)):
        add_capture_frame(capture, jpeg(frame(portrait, height=height, light=light)), user=office)
    finish_capture(capture, user=office)


def sell(school: School, person: Person) -> str:
    """Sell one meal by card."""
    meal = add_to_menu(school, ProductDetails("Pasta", 250, "meal", "意面", is_main_meal=True))
    terminal = add_terminal(school, NewTerminal("Canteen 1", ways=("card", "pin", "staff", "face")))
    basket = open_basket(terminal, uuid4(), [(meal, 1)])
    identify_by_card(terminal, basket.id, issue_card(person))
    return str(confirm_basket(terminal, basket.id).id)


if __name__ == "__main__":
    json.dump(seed(), sys.stdout)
