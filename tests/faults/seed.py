"""Set up the school of the faults in $WILLING_HOME through the rooms' own actions; print what is known."""

import base64
import json
import os
import sys
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.journeys import seed as journeys  # noqa: E402  (after Django is set up)
from tests.support.money import pay_in  # noqa: E402

from willing.accounts.models import User  # noqa: E402
from willing.biometrics.engine import require_engine  # noqa: E402
from willing.consent.links import sign_link  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.demo import portraits  # noqa: E402
from willing.demo.frames import CameraLike  # noqa: E402
from willing.people.models import Guardian, Person, School  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.terminals.actions import NewTerminal, add_terminal  # noqa: E402
from willing.terminals.pairing import pair_terminal, start_pairing  # noqa: E402
from willing.till.menu_models import Product  # noqa: E402

TILLS, PUPILS = 3, 12
# Ana and Ben are enrolled; Cleo and Dan agree, and are not yet.
ENROLLED = {"Ana": "person_a_1", "Ben": "person_b_1"}
AGREEING = {"Cleo": "obama", "Dan": "biden"}


def pictures(name: str, school: School) -> list[bytes]:
    """Return pictures of one person, as the desk's camera gives them."""
    camera = CameraLike(portraits.read(f"{name}.jpg"), require_engine(school), seed=1)
    return [camera.frame() for _ in range(5)]


def seed() -> dict[str, Any]:
    """Make the school and return what its devices and people know."""
    journeys.CAST.clear()  # whom the journeys need
    journeys.seed()
    school = School.objects.get()
    office = User.objects.get(username="office")
    return {
        "tokens": [_token(school, number) for number in range(TILLS)],
        "meal": str(Product.objects.get(name="Chicken curry with rice").id),
        "drink": str(Product.objects.get(name="Milk").id),
        "cards": [_pupil(school, number) for number in range(PUPILS)],
        "office": journeys.sign_in(office),
        "office_id": office.pk,
        "faces": {name: _face(school, name, portrait, office) for name, portrait in _faces()},
    }


def _faces() -> list[tuple[str, str]]:
    return [*ENROLLED.items(), *AGREEING.items()]


def _token(school: School, number: int) -> str:
    made = add_terminal(school, NewTerminal(f"Fault {number}", ways=("card", "pin", "staff", "face")))
    return pair_terminal(start_pairing(made), key=str(uuid4())).token


def _pupil(school: School, number: int) -> str:
    person = add_person(school, NewPerson(f"Pupil{number}", "Fault", year="Year 7"))
    pay_in(person, 50_000, key=uuid4())
    return issue_card(person)


def _face(school: School, name: str, portrait: str, office: User) -> dict[str, Any]:
    person = add_person(school, NewPerson(name, "Face", year="Year 8"))
    pay_in(person, 50_000, key=uuid4())
    journeys.agree(person, office)
    if name in ENROLLED:
        journeys.enrol(person, portrait, office)
    guardian = Guardian.objects.get(links__person=person)
    return {
        "id": str(person.id),
        "card": issue_card(person),
        "guardian": str(guardian.id),
        "link": sign_link(guardian),
        "pictures": [base64.b64encode(one).decode() for one in pictures(portrait, school)],
    }


if __name__ == "__main__":
    assert Person.objects is not None
    json.dump(seed(), sys.stdout)
