"""Set up a school for the journeys through the rooms' own actions, and print what they need as JSON.

Runs in a process of its own, with $WILLING_HOME of the journeys, so that the tests never share a database
connection with the server that they test.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up before the rooms are imported)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from tests.journeys.seed_data import PASSWORD, PIN, STAFF_PIN  # noqa: E402
from tests.support.clips import frame, jpeg  # noqa: E402
from tests.support.money import pay_in  # noqa: E402
from tests.support.signing import give_factors, records_of  # noqa: E402
from tests.support.unlock import unlock_faces  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.accounts.rules import STAFF_SESSION  # noqa: E402
from willing.accounts.sessions import mark_session  # noqa: E402
from willing.accounts.sign_ins import (  # noqa: E402
    accept_invitation,
    allow_pupil_sign_in,
    invite_guardian,
    require_pupil_user,
)
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture  # noqa: E402
from willing.biometrics.school_policy import decide_kinds  # noqa: E402
from willing.config.static_files import prepare_static_files  # noqa: E402
from willing.consent.decisions import NewDecision, record_decision  # noqa: E402
from willing.consent.publishing import notify_guardian, publish_notices  # noqa: E402
from willing.consent.queries import require_notice  # noqa: E402
from willing.core.ids import new_id  # noqa: E402
from willing.core.paths import home  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.credentials.pins import set_pin  # noqa: E402
from willing.credentials.staff_pins import set_own_pin  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.people.guardians import add_guardian, link_guardian  # noqa: E402
from willing.people.models import Person, School  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school  # noqa: E402
from willing.terminals.actions import NewTerminal, add_terminal  # noqa: E402
from willing.terminals.pairing import start_pairing  # noqa: E402
from willing.till.products import ProductDetails, add_to_menu  # noqa: E402

MENU = (
    ("Chicken curry with rice", "咖喱鸡饭", 250, "meal", "5012345678900"),
    ("Pasta with tomato sauce", "番茄意面", 240, "meal", ""),
    ("Jacket potato, beans and cheese", "烤土豆配豆子和奶酪", 220, "meal", ""),
    ("Green salad", "蔬菜沙拉", 90, "side", ""),
    ("Garlic bread", "蒜香面包", 60, "side", ""),
    ("Fruit pot", "水果杯", 80, "side", ""),
    ("Yoghurt", "酸奶", 70, "side", ""),
    ("Water", "矿泉水", 50, "drink", ""),
    ("Apple juice", "苹果汁", 80, "drink", "5012345678917"),
    ("Milk", "牛奶", 45, "drink", ""),
    ("Exercise book", "练习本", 120, "shop", ""),
    ("Pencil", "铅笔", 30, "shop", ""),
)


@dataclass(frozen=True)
class Pupil:
    """One of the cast: who they are, and the portrait that enrols them."""

    given_name: str
    family_name: str
    year: str
    portrait: str = ""


CAST = {
    "agrees": Pupil("Ana", "Silva", "Year 8", "person_a_1"),
    "withdraws": Pupil("Ben", "Okafor", "Year 9", "person_b_1"),
    "pays_by_card": Pupil("Chen", "Wei", "Year 7"),
    "sister": Pupil("Mei", "Wei", "Year 5"),
    "agrees_only": Pupil("Hana", "Sato", "Year 8"),
}
FAMILY = ("pays_by_card", "sister")


def seed() -> dict[str, Any]:
    """Make the school and return what the journeys need to know of it."""
    set_up()
    school = create_school("Willow Brook School", law="england_wales")
    publish_notices()
    cashier = add_user(school, NewUser("cashier", PASSWORD, "Kim Lee", ("cashier",)))
    officer = add_user(school, NewUser("dpo", PASSWORD, "Dana Fox", ("dpo",)))
    unlock_faces(school, officer)
    install_doubt()
    decide_kinds(school, "both", by=officer)
    for name, chinese, price, category, barcode in MENU:
        barcodes = (barcode,) if barcode else ()
        is_meal = category == "meal"
        add_to_menu(
            school,
            ProductDetails(name, price, category, chinese, is_main_meal=is_meal, barcodes=barcodes),
        )
    set_own_pin(cashier, STAFF_PIN)
    set_own_pin(add_user(school, NewUser("sam", PASSWORD, "Sam Reed", ("cashier",))), STAFF_PIN)
    canteen = add_user(school, NewUser("canteen", PASSWORD, "Maria Cook", ("canteen",)))
    office = add_user(school, NewUser("office", PASSWORD, "Olga Desk", ("office",)))
    ways = ("card", "pin", "face", "staff")
    terminal = add_terminal(school, NewTerminal("Canteen 1", ways=ways))
    cast = {role: add(school, pupil, cashier) for role, pupil in CAST.items()}
    if "agrees_only" in cast:
        agree(Person.objects.get(pk=cast["agrees_only"]["id"]), cashier)
    teacher = add_user(school, NewUser("teacher", PASSWORD, "Tessa Reed", ("teacher",)))
    family = [
        cast[role] for role in FAMILY if role in cast
    ]  # others than the journeys have a cast of their own
    return {
        "pairing_code": start_pairing(terminal),
        "guardian_session": sign_in(guardian_of(family, office)) if family else "",
        "session": sign_in(cashier),
        "pairing_session": sign_in(office),  # of who makes a tablet a lane, and is signed out there by that
        "canteen_session": sign_in(canteen),
        "office_session": sign_in(office),
        "teacher_session": sign_in(teacher),
        "pupil_session": pupil_session(family[0], office) if family else "",
        "officer_session": sign_in(officer),
        "cast": cast,
    }


def install_doubt() -> None:
    """Install a network that is in doubt about everybody; nothing uses it until the officer decides so."""
    from tests.face.liveness.warmth import write_warmth

    from willing.face.liveness.weights import install

    content = write_warmth(home() / "doubt.onnx", odds=0.0).read_bytes()
    install(content, sha256=hashlib.sha256(content).hexdigest(), folder=home() / "liveness")


def add(school: School, pupil: Pupil, staff: User) -> dict[str, Any]:
    """Add one of the cast, with money, card and PIN, and enrol them where they have a portrait."""
    person = add_person(school, NewPerson(pupil.given_name, pupil.family_name, year=pupil.year))
    pay_in(person, 2000, key=new_id())
    set_pin(person, PIN)
    if pupil.portrait:
        agree(person, staff)
        enrol(person, pupil.portrait, staff)
    code = issue_card(person)
    return {"id": person.id.hex, "number": person.till_number, "card": code, "given_name": pupil.given_name}


def pupil_session(pupil: dict[str, Any], office: User) -> str:
    """Return a session of one of the cast on their own page."""
    person = Person.objects.get(pk=pupil["id"])
    allow_pupil_sign_in(person, allowed=True, by=office)
    return sign_in(require_pupil_user(Person.objects.get(pk=person.pk)))


def guardian_of(family: Sequence[dict[str, Any]], office: User) -> User:
    """Return the sign-in of the guardian of some of the cast."""
    first, *others = (Person.objects.get(pk=one["id"]) for one in family)
    guardian = add_guardian(first, "Dora Wei")
    for person in others:
        link_guardian(guardian, person)
    return accept_invitation(invite_guardian(guardian, by=office), username="dora", password=PASSWORD)


def agree(person: Person, staff: User) -> None:
    """Let a guardian and the person say yes, after both were told."""
    guardian = add_guardian(person, f"{person.given_name}'s parent")
    adult, child = (require_notice("canteen", reader, "en") for reader in ("adult", "child"))
    notify_guardian(guardian, person, adult, channel="link")
    record_decision(NewDecision(person, "canteen", "yes", adult, "link", guardian=guardian))
    record_decision(NewDecision(person, "canteen", "yes", child, "desk", recorded_by=staff))


def enrol(person: Person, name: str, staff: User) -> None:
    """Enrol somebody at the desk from one portrait and mild variations of it."""
    capture = start_capture(person, "canteen", user=staff)
    for height, light in ((480, 1.0), (460, 0.92), (440, 1.08), (420, 1.0)):
        add_capture_frame(capture, jpeg(frame(name, height=height, light=light)), user=staff)
    finish_capture(capture, user=staff)


def sign_in(user: User) -> str:
    """Return the key of a session of `user`."""
    give_factors()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.update(records_of(user))
    mark_session(session, STAFF_SESSION)
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    prepare_static_files()  # once for all servers that copies of this home start
    json.dump(seed(), sys.stdout)
