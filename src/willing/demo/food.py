"""What the demo's dishes contain, signed for the day, and a pupil who must not eat one of them."""

from willing.core.errors import Refused
from willing.demo.school import DemoSchool
from willing.demo.stage import DemoStage, SceneResult, expect
from willing.till.baskets import add_product, cancel_basket, show_basket
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.identification import identify_by_card
from willing.till.menu_models import Product
from willing.till.payment import confirm_basket

# Contains, may contain. Every dish is declared: what nobody declared is checked by a cashier.
DISHES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Pasta with tomato sauce": (("gluten",), ("celery",)),
    "Vegetable curry with rice": (("mustard",), ("nuts",)),
    "Fish, potatoes, peas": (("fish",), ("milk",)),
    "Soup of the day": (("celery",), ()),
    "Salad bowl": (("mustard",), ()),
    "Bread roll": (("gluten",), ("sesame",)),
    "Apple": ((), ()),
    "Water": ((), ()),
    "Milk": (("milk",), ()),
    "Orange juice": ((), ()),
}


def sign_the_day(demo: DemoSchool) -> None:
    """Declare what is not declared yet, and sign the menu of today."""
    by = demo.user("office")
    for product in Product.objects.filter(school=demo.school, name__in=DISHES, declaration__isnull=True):
        declare(product, NewDeclaration(*DISHES[product.name]), by=by)
    sign_menu(demo.school, by=by)


def hold_back(stage: DemoStage, name: str) -> SceneResult:
    """Let a pupil press for a dish that they must not eat: it is held back, and nothing is charged."""
    basket = show_basket(stage.terminal) or add_product(stage.terminal, stage.meal)
    identify_by_card(stage.terminal, basket.id, stage.demo.cards[name])
    held = ""
    try:
        confirm_basket(stage.terminal, basket.id, is_repeat_checked=True)
    except Refused as refused:
        held = refused.code
    cancel_basket(stage.terminal, basket.id)
    expect(held == "allergen_blocked", "what a pupil must not eat is held back")
    return SceneResult("held back, nothing charged", "card", name)
