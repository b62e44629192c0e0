"""The cast: one person per situation, built through the product's own actions."""

from dataclasses import dataclass
from uuid import uuid4

from tests.support.money import pay_in
from tests.support.signing import give_factors
from tests.support.unlock import unlock_faces

from willing.accounts.actions import NewUser, add_user
from willing.accounts.models import User
from willing.accounts.sign_ins import accept_invitation, invite_guardian, require_pupil_user
from willing.biometrics.consent_changes import record_consent
from willing.consent.decisions import NewDecision
from willing.consent.publishing import notify_guardian, publish_notices
from willing.consent.queries import require_notice
from willing.credentials.cards import issue_card
from willing.credentials.pins import set_pin
from willing.people.guardians import add_guardian, link_guardian
from willing.people.models import Guardian, Person, School
from willing.people.persons import NewPerson, add_person
from willing.people.school import create_school
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.till.menu_models import Product
from willing.till.products import ProductDetails, add_to_menu

PASSWORD = "correct horse battery"
PINS = {"Ada": "4711", "Carl": "2580", "Nia": "9163", "Wes": "7402", "Bo": "8351"}
FAMILY = {"Ada": "Agrees", "Carl": "Cardholder", "Nia": "Nay", "Wes": "Withdrew", "Bo": "Broke"}


@dataclass(frozen=True)
class Cast:
    """Ada agrees (both sides said yes), Carl pays by card, Nia said no herself, Wes withdrew, Bo has nothing.

    Gus guards Ada; Gwen guards Nia and Wes. Users are called after their role; `outsider` has none. The user
    `guardian` is Gus, the user `pupil` is Carl. Whoever needs a second factor has an authenticator app.
    """

    cards: dict[str, str]
    pins: dict[str, str]
    password: str

    def person(self, name: str) -> Person:
        return Person.objects.select_related("school").get(given_name=name)

    def guardian(self, name: str) -> Guardian:
        return Guardian.objects.get(name=name)

    def user(self, name: str) -> User:
        return User.objects.get(username=name)

    @property
    def school(self) -> School:
        return School.objects.get()

    @property
    def till(self) -> Terminal:
        return Terminal.objects.select_related("school").get(name="Till 1")

    @property
    def other_till(self) -> Terminal:
        return Terminal.objects.select_related("school").get(name="Till 2")

    @property
    def meal(self) -> Product:
        return Product.objects.get(name="Pasta")

    @property
    def extra(self) -> Product:
        return Product.objects.get(name="Juice")

    def says(self, name: str, answer: str, *, guardian: str | None = None) -> NewDecision:
        """Return somebody's word about the canteen, ready to be recorded."""
        notice = require_notice("canteen", "adult" if guardian else "child", "en")
        by = self.guardian(guardian) if guardian else None
        return NewDecision(
            self.person(name), "canteen", answer, notice, "link" if by else "desk", guardian=by
        )


def build() -> tuple[dict[str, str], dict[str, str], str]:
    """Build the cast in an empty database. Return card codes, PINs and the users' password."""
    school = create_school("Test School", law="england_wales")
    publish_notices()
    cards = {}
    for name, family in FAMILY.items():
        person = add_person(school, NewPerson(name, family, year="7A"))
        cards[name] = issue_card(person)
        set_pin(person, PINS[name])
        if name != "Bo":
            pay_in(person, 2000, key=uuid4())
    for user in ("cashier", "office", "canteen", "teacher", "dpo", "administrator"):
        add_user(school, NewUser(user, PASSWORD, user.title(), (user,)))
    give_factors()
    add_user(school, NewUser("outsider", PASSWORD, "Outsider", ()))
    add_terminal(school, NewTerminal("Till 1", ways=("card", "pin", "staff", "face")))
    add_terminal(school, NewTerminal("Till 2", ways=("card", "pin", "staff", "face")))
    _sell(school)
    cast = Cast(cards, PINS, PASSWORD)
    _let_them_decide(cast)
    _let_families_in(cast)
    unlock_faces(school, cast.user("dpo"))
    return cards, PINS, PASSWORD


def _let_families_in(cast: Cast) -> None:
    """Gus signs in as `guardian`, Carl as `pupil`."""
    accept_invitation(invite_guardian(cast.guardian("Gus"), by=None), username="guardian", password=PASSWORD)
    Person.objects.filter(given_name="Carl").update(may_sign_in=True)
    user = require_pupil_user(cast.person("Carl"))
    User.objects.filter(pk=user.pk).update(username="pupil", username_key="pupil")


def _sell(school: School) -> None:
    pasta = ProductDetails("Pasta", 250, "meal", "意面", is_main_meal=True)
    juice = ProductDetails("Juice", 90, "drink", "果汁", barcodes=("4006381333931",))
    for details in (pasta, juice):
        add_to_menu(school, details)


def _let_them_decide(cast: Cast) -> None:
    add_guardian(cast.person("Ada"), "Gus")
    gwen = add_guardian(cast.person("Nia"), "Gwen")
    link_guardian(gwen, cast.person("Wes"))
    adult = require_notice("canteen", "adult", "en")
    for name, guardian in (("Ada", "Gus"), ("Nia", "Gwen"), ("Wes", "Gwen")):
        notify_guardian(cast.guardian(guardian), cast.person(name), adult, channel="link")
        record_consent(cast.says(name, "yes", guardian=guardian))
    record_consent(cast.says("Ada", "yes"))
    record_consent(cast.says("Nia", "no"))
    record_consent(cast.says("Wes", "yes"))
    record_consent(cast.says("Wes", "withdrawn", guardian="Gwen"))
