"""The demo school: built once, found again on every later run."""

import json
import os
import secrets
import time
from dataclasses import dataclass, field
from datetime import time as clock
from datetime import timedelta
from pathlib import Path

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.rules import NEEDS_SECOND_FACTOR
from willing.accounts.sign_ins import allow_pupil_sign_in, invite_guardian
from willing.allergens.actions import record_allergen
from willing.attendance.queries import groups_of
from willing.attendance.set_up import NewSettings, NewTime, add_class_groups, set_attendance, set_teachers
from willing.biometrics.queries import kinds_of
from willing.biometrics.school_policy import decide_kinds, decide_mode
from willing.consent.publishing import notify_guardian, publish_notices
from willing.consent.queries import require_notice
from willing.core.ids import derive_id
from willing.credentials.cards import issue_card
from willing.credentials.pins import set_pin
from willing.documents.actions import read_dpia, sign_dpia
from willing.documents.dpia_content import live_dpia
from willing.dpia.actions import Consultation, NewRisk, freeze, record_consultation, record_risk
from willing.dpia.rules import REVIEW_DAYS_MAX
from willing.drawers.actions import add_drawer
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.sessions import open_session
from willing.entitlements.actions import NewEntitlement, grant
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan
from willing.people.guardians import add_guardian
from willing.people.models import Guardian, Person, School
from willing.people.persons import NewPerson, add_person
from willing.people.queries import find_school, today
from willing.people.school import create_school
from willing.terminals.actions import NewTerminal, add_terminal, edit_terminal
from willing.terminals.models import Device, Terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.products import ProductDetails, add_to_menu

# Invented people; the portraits used for two of them are listed in portraits.py.
CAST = {
    "Alex": ("Arden", "7A", 2000),
    "Bea": ("Blum", "7A", 2000),
    "Sam": ("Stone", "8B", 2000),
    "Dina": ("Duval", "8B", 2000),
    "Chen": ("Cheng", "9C", 0),
}
# They must not eat what is named; in no other scene, so that the story stays as it is.
ALLERGIC = {"Mila": ("Moreau", "7A", 2000, "gluten"), "Noor": ("Nasser", "8B", 2000, "nuts")}
GUARDED = {"Alex": "Robin Arden", "Bea": "Billie Blum"}
MENU = (
    ("Pasta with tomato sauce", "番茄酱意大利面", 260, True, "meal", "4006381333931"),
    ("Vegetable curry with rice", "咖喱蔬菜饭", 280, True, "meal", "4006381333948"),
    ("Fish, potatoes, peas", "鱼配土豆和豌豆", 320, True, "meal", ""),
    ("Soup of the day", "今日汤品", 150, False, "side", ""),
    ("Salad bowl", "沙拉", 120, False, "side", ""),
    ("Bread roll", "小面包", 40, False, "side", ""),
    ("Apple", "苹果", 50, False, "side", "5449000000996"),
    ("Water", "水", 60, False, "drink", ""),
    ("Milk", "牛奶", 70, False, "drink", ""),
    ("Orange juice", "橙汁", 90, False, "drink", ""),
)
# Kind, first and last day as days from today, name.
CALENDAR = (
    ("term", -60, 120, "This term"),
    ("closed", 30, 36, "Mid-term break"),
    ("closed", 60, 60, "Public holiday"),
)
# What the drawer under the first till is opened with, and the till where visitors pay in cash.
FLOAT_MINOR, CASH_TILL = 5000, "Till 1"
# Which faces each till takes: those that the school alone can open, and those that a card opens.
FACE_KINDS = {"Till 1": ("central",), "Till 2": ("card",)}
LETTERS = ("Bea",)
SIGNS_IN = ("Alex",)
# When registers are taken, and how long each is open.
HALVES, OPEN_MINUTES = (NewTime("Morning", clock(8, 50)), NewTime("Afternoon", clock(13))), 30
USERS = {
    "cashier": ("Casey (cashier)", ("cashier",)),
    "office": ("Olive (office)", ("office", "canteen")),
    "teacher": ("Tess (teacher)", ("teacher",)),
    "dpo": ("Dana (data protection)", ("dpo", "administrator")),
}


@dataclass(frozen=True)
class DemoSchool:
    """The demo school and the secrets that let a visitor play every part in it."""

    school: School
    passwords: dict[str, str]
    cards: dict[str, str]
    pins: dict[str, str]
    # Of authenticator apps, by user name; of letters, by pupil. An earlier demo has none.
    factors: dict[str, str] = field(default_factory=dict)
    letters: dict[str, str] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Return one of the cast by given name."""
        return Person.objects.select_related("school").get(school=self.school, given_name=name)

    def guardian(self, name: str) -> Guardian:
        """Return the guardian of one of the cast."""
        return Guardian.objects.get(name=GUARDED[name])

    def user(self, name: str) -> User:
        """Return a member of staff by user name."""
        return User.objects.get(username=name)

    def till(self, name: str = "Till 1") -> Terminal:
        """Return a till by name."""
        return Terminal.objects.select_related("school").get(school=self.school, name=name)


def present_code(user: str) -> str | None:
    """Return the six digits that a demo user's authenticator app shows now; None where they have no app."""
    found = json.loads(_secrets_file().read_text()).get("factors", {}).get(user)
    if found is None:
        return None
    return str(totp.format_hotp_value(totp.hotp_value(found, int(time.time()) // 30)))


def _secrets_file() -> Path:
    return Path(settings.HOME) / "secrets" / "demo.json"


def open_demo_school() -> DemoSchool:
    """Return the demo school, building it on the first run.

    Raises FileExistsError where this installation holds a real school: a demo never moves into one.
    """
    school = find_school()
    if school is None:
        return _build()
    if not _secrets_file().exists():
        raise FileExistsError("this installation holds a school already; the demo needs a folder of its own")
    return DemoSchool(school, **json.loads(_secrets_file().read_text()))


def _build() -> DemoSchool:
    school = create_school("Willow Road School", law="england_wales")
    publish_notices()
    _fill_calendar(school)
    for name, chinese, price, is_main, category, barcode in MENU:
        barcodes = (barcode,) if barcode else ()
        add_to_menu(
            school,
            ProductDetails(name, price, category, chinese, is_main_meal=is_main, barcodes=barcodes),
        )
    for till in FACE_KINDS:
        terminal = add_terminal(school, _set_up_as(till))
        if till == CASH_TILL:
            drawer = add_drawer(school, f"{till}, drawer", terminal=terminal, by=None)
            open_session(drawer, FLOAT_MINOR, key=derive_id(drawer.id, "demo"), by=None)
    cards, pins = {}, {}
    for name, (family, year, balance) in CAST.items():
        person = add_person(school, NewPerson(name, family, year=year))
        cards[name], pins[name] = issue_card(person), _new_pin(person)
        if balance:
            take_at_office(person, Paying(balance), key=derive_id(person.id, "demo"), by=None)
        if name in GUARDED:
            guardian = add_guardian(person, GUARDED[name])
            notify_guardian(guardian, person, require_notice("canteen", "adult", "en"), channel="paper")
    passwords = {user: secrets.token_urlsafe(12) for user in USERS}
    factors = {}
    for name, (shown, roles) in USERS.items():
        user = add_user(school, NewUser(name, passwords[name], shown, roles))
        if NEEDS_SECOND_FACTOR.intersection(roles):
            factors[name] = totp.generate_totp_secret()
            totp.TOTP.activate(user, factors[name])
    _add_allergic(school, cards, pins)
    letters = {name: invite_guardian(Guardian.objects.get(name=GUARDED[name]), by=None) for name in LETTERS}
    for name in SIGNS_IN:
        allow_pupil_sign_in(
            Person.objects.get(given_name=name), allowed=True, by=User.objects.get(username="office")
        )
    _grant_meals(Person.objects.get(given_name="Chen"))
    _take_registers(school)
    _unlock_faces(school)
    demo = DemoSchool(school, passwords, cards, pins, factors, letters)
    _save(demo)
    return demo


def _add_allergic(school: School, cards: dict[str, str], pins: dict[str, str]) -> None:
    """Add the pupils who must not eat something, with what they pay with."""
    for name, (family, year, balance, allergen) in ALLERGIC.items():
        person = add_person(school, NewPerson(name, family, year=year))
        cards[name], pins[name] = issue_card(person), _new_pin(person)
        take_at_office(person, Paying(balance), key=derive_id(person.id, "demo"), by=None)
        record_allergen(person, allergen, by=User.objects.get(username="office"))


def _set_up_as(till: str) -> NewTerminal:
    return NewTerminal(till, ways=("card", "pin", "staff", "face"), face_kinds=FACE_KINDS[till])


def open_both_tills(demo: DemoSchool) -> None:
    """Let the school enrol both kinds of face, and each till take its own, as in an earlier demo neither did.

    What a card's template needs is a till with our own page: where no browser is till 2 yet, one is paired
    that nobody has.
    """
    if kinds_of(demo.school) != {"central", "card"}:
        decide_kinds(demo.school, "both", by=demo.user("dpo"))
    for name in FACE_KINDS:
        edit_terminal(demo.till(name), _set_up_as(name), by=demo.user("office").pk)
    with_card = demo.till("Till 2")
    if with_card.device != Device.KIOSK:
        pair_terminal(start_pairing(with_card), key="demo", device=Device.KIOSK)


def _fill_calendar(school: School) -> None:
    """Give the school a term that has begun, and two holidays in it that are to come."""
    day = today(school)
    for kind, begins, ends, name in CALENDAR:
        entry = CalendarSpan(kind, day + timedelta(days=begins), day + timedelta(days=ends), name)
        add_entry(school, entry)


def _grant_meals(person: Person) -> None:
    """Let one of the cast eat free, whom no till tells from the others."""
    first = today(person.school)
    new = NewEntitlement("meal", "benefits", first, check_on=first + timedelta(days=365), family_minor=0)
    grant(person, new, by=User.objects.get(username="office"))


def _take_registers(school: School) -> None:
    """Let the school take registers, so that a visitor can take one as a teacher."""
    office, teacher = User.objects.get(username="office"), User.objects.get(username="teacher")
    set_attendance(school, NewSettings("england_2024", OPEN_MINUTES, HALVES), by=office)
    add_class_groups(school, by=office)
    for group in groups_of(school):
        set_teachers(school, group.id, [teacher], by=office)


def _unlock_faces(school: School) -> None:
    """Sign for the demo, and say in its words that nobody was asked and nothing was assessed."""
    dpo = User.objects.get(username="dpo")
    risk = NewRisk(
        "This is a demo. Nobody assessed anything, and its signature is worth nothing.",
        likelihood="high",
        harm="low",
        mitigation="Use it with invented people only",
    )
    record_risk(school, risk, by=dpo)
    asked = Consultation(
        today(school), "Demo: nobody was really asked", 1, "Demo: invented families said nothing"
    )
    record_consultation(school, asked, by=dpo)
    decide_mode(school, "identify", reason="Demo: so that a face alone can be tried out", by=dpo)
    read = freeze(live_dpia(school))[1]
    read_dpia(school, read_sha256=read, by=dpo)
    sign_dpia(school, read_sha256=read, review_on=today(school) + timedelta(days=REVIEW_DAYS_MAX), by=dpo)


def _new_pin(person: Person) -> str:
    pin = str(secrets.choice((2580, 4711, 9163, 7402, 8351, 6194)))
    set_pin(person, pin)
    return pin


def _save(demo: DemoSchool) -> None:
    kept = ("passwords", "cards", "pins", "factors", "letters")
    content = json.dumps({name: getattr(demo, name) for name in kept})
    descriptor = os.open(_secrets_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
