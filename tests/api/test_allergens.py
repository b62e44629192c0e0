"""A till of another maker is refused what the person shown must not eat, without a word of the allergen."""

import pytest

from willing.allergens.actions import record_allergen
from willing.allergens.models import AllergenEvent
from willing.terminals.sign_ons import sign_on
from willing.till.declarations import NewDeclaration, declare, sign_menu


@pytest.fixture
def shown(cast, till):
    """A basket with pasta for Carl, who must not eat milk; the pasta may contain it, as is declared."""
    office = cast.user("office")
    record_allergen(cast.person("Carl"), "milk", by=office)
    declare(cast.meal, NewDeclaration((), ("milk",)), by=office)
    sign_menu(cast.school, by=office)
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    return basket


def confirm(till, basket, *checked):
    body = {"total_minor": basket["total_minor"], "allergens_checked": [str(one) for one in checked]}
    return till.post(f"/baskets/{basket['id']}/confirm", body)


def test_a_dish_to_be_checked_is_sold_once_the_cashier_on_duty_says_so(cast, till, shown):
    answer = confirm(till, shown)
    assert (answer.status_code, answer.json()["code"]) == (409, "allergen_check_needed")
    assert answer.json()["products"] == [str(cast.meal.id)]
    assert "milk" not in answer.content.decode().lower()
    assert confirm(till, shown, cast.meal.id).json()["code"] == "cashier_missing"
    sign_on(till.terminal, cast.user("cashier"))
    assert confirm(till, shown, cast.meal.id).status_code == 200
    event = AllergenEvent.objects.get()
    assert (event.kind, event.user, event.allergens) == ("check", cast.user("cashier"), "milk")


def test_what_contains_it_is_sold_by_no_answer_and_the_rest_is(cast, till, shown):
    declare(cast.meal, NewDeclaration(("milk",)), by=cast.user("office"))
    sign_on(till.terminal, cast.user("cashier"))
    answer = confirm(till, shown, cast.meal.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "allergen_blocked")
    assert [one.kind for one in AllergenEvent.objects.all()] == ["block"]
    assert till.post(f"/baskets/{shown['id']}/lines/{cast.meal.id}", {"quantity": 0}).status_code == 200
    assert till.get(f"/baskets/{shown['id']}").json()["lines"] == []


@pytest.mark.parametrize("checked", ["all", ["no id"], [None], {}])
def test_checks_that_are_none_are_refused(till, shown, checked):
    body = {"total_minor": shown["total_minor"], "allergens_checked": checked}
    assert till.post(f"/baskets/{shown['id']}/confirm", body).status_code == 422
