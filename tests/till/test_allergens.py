"""Dishes that the person shown must not eat: blocked, checked by a named person, served."""

from uuid import uuid4

import pytest
from tests.support.log import facts_of
from tests.support.races import at_once

from willing.allergens.actions import record_allergen, remove_allergen
from willing.allergens.models import AllergenEvent
from willing.core.errors import Refused
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import sign_on
from willing.till.allergen_checks import check_dish, held_dishes
from willing.till.baskets import open_basket, remove_product, show_basket
from willing.till.declarations import NewDeclaration, declare, sign_menu
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin, identify_by_staff
from willing.till.menu_models import Product
from willing.till.payment import confirm_basket
from willing.till.products import ProductDetails, add_to_menu


@pytest.fixture
def ada(cast):
    """Ada, who must not eat milk, at a school that has declared and signed its menu; someone is signed on."""
    office = cast.user("office")
    rice = ProductDetails("Rice", 240, "meal", is_main_meal=True)
    add_to_menu(cast.school, rice)
    for name, contains, may in (("Pasta", ("milk",), ()), ("Juice", (), ("milk",)), ("Rice", (), ())):
        declare(Product.objects.get(name=name), NewDeclaration(contains, may), by=office)
    sign_menu(cast.school, by=cast.user("canteen"))
    sign_on(cast.till, cast.user("cashier"))
    record_allergen(cast.person("Ada"), "milk", by=office)
    return cast.person("Ada")


def show(cast, name, *products):
    """Fill a basket and let somebody be shown by their card."""
    dishes = [(Product.objects.get(name=one), 1) for one in products]
    basket = open_basket(cast.till, uuid4(), dishes)
    return identify_by_card(cast.till, basket.id, cast.cards[name])


def code_of(deed):
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def whys(cast):
    """Return why what is in the basket of the till is held back."""
    basket = show_basket(cast.till)
    assert basket is not None
    return [one.decision.why for one in held_dishes(basket)]


def doubts(cast):
    """Return every doubt about what is in the basket of the till."""
    basket = show_basket(cast.till)
    assert basket is not None
    return [[(one.why, set(one.allergens)) for one in each.decision.doubts] for each in held_dishes(basket)]


def kinds():
    return list(AllergenEvent.objects.order_by("recorded_at", "id").values_list("kind", flat=True))


def test_what_contains_it_is_blocked_and_the_rest_is_sold(cast, ada):
    basket = show(cast, "Ada", "Pasta", "Rice")
    assert kinds() == ["block"]
    with pytest.raises(Refused) as refused:
        confirm_basket(cast.till, basket.id)
    assert refused.value.code == "allergen_blocked"
    assert refused.value.data == {"products": [str(cast.meal.id)]}
    assert "milk" not in str(refused.value.message).lower()
    remove_product(cast.till, cast.meal.id)
    assert confirm_basket(cast.till, basket.id).total_minor == 240
    assert kinds() == ["block"], "one block a dish, basket and person"


def test_a_block_bears_what_it_was_about_and_the_log_only_its_id(cast, ada):
    basket = show(cast, "Ada", "Pasta")
    event = AllergenEvent.objects.get()
    assert (event.person, event.dish, event.allergens, event.why) == (ada, "Pasta", "milk", "contains")
    assert (event.terminal, event.basket_id, event.user) == (cast.till, basket.id, None)
    assert facts_of("allergen_event.recorded") == [{"by": None}]
    assert facts_of("allergen.recorded") == [{"by": cast.user("office").pk, "guardian": None}]


@pytest.mark.parametrize("identify", ["pin", "staff"])
def test_it_is_blocked_however_they_are_known(cast, ada, identify):
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    if identify == "pin":
        identify_by_pin(cast.till, basket.id, ada.till_number, cast.pins["Ada"])
    else:
        identify_by_staff(cast.till, basket.id, ada, by=cast.user("cashier"))
    assert kinds() == ["block"]
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_blocked"


def test_nobody_serves_what_contains_it_with_whatever_reason(cast, ada):
    basket = show(cast, "Ada", "Pasta")
    serve = lambda: check_dish(cast.till, basket.id, cast.meal.id, override_reason="the parents said so")  # noqa: E731
    assert code_of(serve) == "allergen_blocked"
    assert kinds() == ["block"]


def test_what_may_contain_it_is_sold_once_a_named_person_has_checked_it(cast, ada):
    basket = show(cast, "Ada", "Juice")
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_check_needed"
    assert check_dish(cast.till, basket.id, cast.extra.id) == cast.user("cashier")
    check_dish(cast.till, basket.id, cast.extra.id)  # pressed twice
    assert confirm_basket(cast.till, basket.id).total_minor == 90
    event = AllergenEvent.objects.get()
    assert (event.kind, event.user, event.reason) == ("check", cast.user("cashier"), "")


def test_a_check_of_traces_answers_for_everything_else_that_is_not_known(cast, ada):
    record_allergen(ada, "=Palm oil", by=cast.user("office"))
    basket = show(cast, "Ada", "Juice")
    assert doubts(cast) == [[("may_contain", {"milk"}), ("not_listed", {"=palmoil"})]]
    check_dish(cast.till, basket.id, cast.extra.id)
    assert AllergenEvent.objects.get().allergens == "milk,=Palm oil"
    record_allergen(ada, "=Celeriac", by=cast.user("office"))
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_check_needed"


def test_an_override_keeps_its_reason_and_bears_a_name(cast, ada):
    basket = show(cast, "Ada", "Juice")
    check_dish(cast.till, basket.id, cast.extra.id, override_reason="her plan allows traces")
    assert confirm_basket(cast.till, basket.id)
    event = AllergenEvent.objects.get()
    assert (event.kind, event.reason, event.user) == (
        "override",
        "her plan allows traces",
        cast.user("cashier"),
    )


def test_nobody_checks_without_a_name(cast, ada):
    basket = open_basket(cast.other_till, uuid4(), [(cast.extra, 1)])
    identify_by_card(cast.other_till, basket.id, cast.cards["Ada"])
    check = lambda: check_dish(cast.other_till, basket.id, cast.extra.id)  # noqa: E731
    assert code_of(check) == "cashier_missing"
    assert not kinds()


def test_a_check_is_of_a_dish_as_it_was_declared_and_for_one_person(cast, ada):
    basket = show(cast, "Ada", "Juice")
    check_dish(cast.till, basket.id, cast.extra.id)
    declare(cast.extra, NewDeclaration((), ("milk", "fish")), by=cast.user("office"))
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_check_needed"
    check_dish(cast.till, basket.id, cast.extra.id)
    deny_identity(cast.till, basket.id)
    record_allergen(cast.person("Carl"), "milk", by=cast.user("office"))
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_check_needed"


def test_what_is_not_declared_or_not_signed_is_no_safe_dish(cast, ada):
    bread = add_to_menu(cast.school, ProductDetails("Bread", 50, "side"))
    basket = show(cast, "Ada", "Bread", "Rice")
    assert whys(cast) == ["not_declared"]
    declare(bread, NewDeclaration(), by=cast.user("office"))
    assert whys(cast) == ["not_signed"]
    sign_menu(cast.school, by=cast.user("canteen"))
    assert confirm_basket(cast.till, basket.id).total_minor == 290


def test_a_person_without_allergens_is_asked_nothing(cast, ada):
    basket = show(cast, "Carl", "Pasta", "Juice", "Rice")
    assert confirm_basket(cast.till, basket.id)
    assert not kinds()


def test_words_that_are_on_no_list_protect_too(cast, ada):
    entry = record_allergen(ada, "=Kiwi", by=cast.user("office"))
    basket = show(cast, "Ada", "Rice")
    assert whys(cast) == ["not_listed"]
    declare(Product.objects.get(name="Rice"), NewDeclaration(("=KIWI",)), by=cast.user("office"))
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_blocked"
    remove_allergen(ada, entry.id, by=cast.user("office"))
    sign_menu(cast.school, by=cast.user("canteen"))
    assert confirm_basket(cast.till, basket.id)


def test_an_allergen_entered_while_they_are_shown_counts(cast, ada):
    basket = show(cast, "Carl", "Pasta")
    record_allergen(cast.person("Carl"), "milk", by=cast.user("office"))
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_blocked"
    assert kinds() == ["block"]


def test_a_declaration_that_changes_while_they_are_shown_counts(cast, ada):
    basket = show(cast, "Ada", "Rice")
    declare(Product.objects.get(name="Rice"), NewDeclaration(("milk",)), by=cast.user("office"))
    assert code_of(lambda: confirm_basket(cast.till, basket.id)) == "allergen_blocked"


def test_a_sale_and_an_allergen_at_once_are_one_after_the_other(cast, ada):
    basket = show(cast, "Carl", "Pasta")
    carl, office = cast.person("Carl"), cast.user("office")
    sold, entry = at_once(
        lambda: confirm_basket(Terminal.objects.get(pk=cast.till.pk), basket.id).id,
        lambda: record_allergen(carl, "milk", by=office).id,
    )
    assert entry
    blocked = AllergenEvent.objects.filter(person=carl).count()
    assert (sold == "allergen_blocked") == bool(blocked), "sold before it, or held back with a row"
    again = open_basket(cast.other_till, uuid4(), [(cast.meal, 1)])
    identify_by_card(cast.other_till, again.id, cast.cards["Carl"])
    assert code_of(lambda: confirm_basket(cast.other_till, again.id)) == "allergen_blocked"
