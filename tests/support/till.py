"""Lunches at a till; those by face without the engine, as the till writes when a face was matched."""

from typing import Any
from uuid import uuid4

from willing.biometrics.models import FaceSession, Template
from willing.consent.models import Decision
from willing.core.clock import now
from willing.core.ids import new_id
from willing.keys.actions import create_person_key
from willing.terminals.models import Terminal, Way
from willing.till.baskets import add_product, open_basket
from willing.till.identification import identify_by_card, identify_by_pin, identify_by_staff
from willing.till.menu_models import Product
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket


def give_face(cast: Any, name: str) -> Template:
    """Store a template of somebody, sealed bytes that nothing opens."""
    person = cast.person(name)
    key_id, _key = create_person_key(person.id)
    yes = Decision.objects.filter(person=person, answer="yes").order_by("id").first()
    return Template.objects.create(
        person=person,
        purpose="canteen",
        sealed=b"sealed",
        key_id=key_id,
        model_id="none",
        references=3,
        guardian_decision=yes,
    )


def recognise(cast: Any, name: str) -> FaceSession:
    """Fill a basket and let the camera say that this is `name`."""
    person, at = cast.person(name), now()
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    Basket.objects.filter(pk=basket.pk).update(state=Basket.State.IDENTIFIED, person=person, way=Way.FACE)
    return FaceSession.objects.create(
        id=new_id(),
        school=cast.school,
        purpose="canteen",
        terminal=cast.till,
        occasion_id=basket.id,
        number=1,
        state=FaceSession.State.MATCHED,
        person=person,
        opened_at=at,
        expires_at=at,
        closed_at=at,
    )


def pay_by_face(cast: Any, name: str) -> tuple[FaceSession, Sale]:
    """Pay for a meal with a face."""
    session = recognise(cast, name)
    return session, confirm_basket(cast.till, session.occasion_id)


def fill_basket(cast: Any, *products: Product, terminal: Terminal | None = None) -> Basket:
    """Put products, or a meal where none is named, into the basket of a till."""
    terminal = terminal or cast.till
    for product in products or (cast.meal,):
        basket = add_product(terminal, product)
    return basket


def identify(cast: Any, basket: Basket, name: str, way: str = "card") -> Basket:
    """Say by card, by PIN or as the cashier who pays for a basket of the first till."""
    person = cast.person(name)
    if way == "card":
        return identify_by_card(cast.till, basket.id, cast.cards[name])
    if way == "pin":
        return identify_by_pin(cast.till, basket.id, person.till_number, cast.pins[name])
    return identify_by_staff(cast.till, basket.id, person, by=cast.user("cashier"))


def pay(cast: Any, name: str, *products: Product, way: str = "card") -> Sale:
    """Pay for products, or for a meal where none is named."""
    basket = fill_basket(cast, *products)
    identify(cast, basket, name, way)
    return confirm_basket(cast.till, basket.id)
