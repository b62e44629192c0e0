"""What a basket costs: the price at which things were put in, or the price of whoever is shown."""

from uuid import uuid4

import pytest
from tests.api.caller import Till

from willing.core.errors import Refused
from willing.people.models import Person, YearGroup
from willing.till.baskets import add_product, basket_total_minor, read_lines, set_quantity, show_basket
from willing.till.identification import deny_identity, identify_by_card
from willing.till.menu_rules import Priced
from willing.till.models import BasketLine, Sale
from willing.till.payment import confirm_basket
from willing.till.prices import total_before_minor
from willing.till.products import ProductDetails, change_product


@pytest.fixture
def cheaper(cast):
    """Pasta costs 7A 2.00, staff 3.20, everybody else 2.50."""
    year = YearGroup.objects.get(name="7A")
    special = (Priced(320, kind="staff"), Priced(200, year_group_id=year.pk))
    change_product(cast.meal, ProductDetails("Pasta", 250, "meal", is_main_meal=True, special=special))


def priced(cast, price):
    change_product(cast.meal, ProductDetails("Pasta", price, "meal", is_main_meal=True))


def fill(cast, *products):
    for product in products:
        basket = add_product(cast.till, product)
    return basket


def seen(cast):
    """Return the total that the till shows, and the one that it says was shown before."""
    basket = show_basket(cast.till)
    assert basket is not None
    return basket_total_minor(basket), total_before_minor(read_lines(basket))


def test_whoever_is_shown_pays_the_price_of_their_class_and_the_screen_says_so(cast, cheaper):
    basket = fill(cast, cast.meal, cast.meal, cast.extra)
    assert seen(cast) == (590, None)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert seen(cast) == (490, 590)
    sale = confirm_basket(cast.till, basket.id, 490)
    assert (sale.total_minor, sale.wallet_minor) == (490, 490)


def test_staff_pay_the_price_of_staff(cast, cheaper):
    Person.objects.filter(given_name="Carl").update(kind="staff", year_group=None)
    basket = fill(cast, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert seen(cast) == (320, 250)


def test_not_me_takes_the_price_back_with_the_name(cast, cheaper):
    basket = fill(cast, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    deny_identity(cast.till, basket.id)
    assert seen(cast) == (250, None)
    Person.objects.filter(given_name="Ada").update(year_group=None)
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert seen(cast) == (250, None)


def test_a_confirmation_of_another_total_is_refused_and_charges_nothing(cast, cheaper):
    basket = fill(cast, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    with pytest.raises(Refused) as refused:
        confirm_basket(cast.till, basket.id, 250)
    assert (refused.value.code, refused.value.data) == ("total_changed", {"total_minor": 200})
    assert not Sale.objects.exists()
    sale = confirm_basket(cast.till, basket.id, 200)
    assert confirm_basket(cast.till, basket.id, 999) == sale, "pressed once more, it is the same charge"


def test_a_changed_price_of_the_menu_leaves_an_open_basket_alone(cast):
    basket = fill(cast, cast.meal)
    priced(cast, 260)
    assert seen(cast) == (250, None)
    set_quantity(cast.till, cast.meal.id, 1)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, basket.id, 250).total_minor == 250


def test_one_more_at_a_new_price_says_what_it_was(cast):
    fill(cast, cast.meal)
    priced(cast, 260)
    add_product(cast.till, cast.meal)
    assert seen(cast) == (520, 500)
    line = BasketLine.objects.get()
    assert (line.was_minor, line.price_before_minor) == (250, 250)
    set_quantity(cast.till, cast.meal.id, 1)
    assert seen(cast) == (260, 250)


def test_a_line_keeps_the_tax_code_under_which_it_was_sold(cast):
    change_product(cast.meal, ProductDetails("Pasta", 250, "meal", tax_code="20%"))
    fill(cast, cast.meal)
    change_product(cast.meal, ProductDetails("Pasta", 250, "meal", tax_code="5%"))
    assert BasketLine.objects.get().tax_code == "20%"


# --- quantity


def test_a_quantity_is_set_and_none_takes_the_line_out(cast):
    fill(cast, cast.meal, cast.extra)
    set_quantity(cast.till, cast.meal.id, 20)
    assert seen(cast)[0] == 20 * 250 + 90
    set_quantity(cast.till, cast.meal.id, 3)
    set_quantity(cast.till, cast.extra.id, 0)
    assert seen(cast)[0] == 750
    for wrong in (21, -1):
        with pytest.raises(Refused, match="quantity_not_valid"):
            set_quantity(cast.till, cast.meal.id, wrong)
    with pytest.raises(Refused, match="product_unknown"):
        set_quantity(cast.till, cast.extra.id, 1)


def test_once_somebody_is_shown_the_total_only_falls(cast):
    basket = fill(cast, cast.meal, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="already_identified"):
        set_quantity(cast.till, cast.meal.id, 3)
    set_quantity(cast.till, cast.meal.id, 1)
    assert show_basket(cast.till).person == cast.person("Carl")
    set_quantity(cast.till, cast.meal.id, 0)
    assert show_basket(cast.till).person is None, "nothing is left for them to pay"


# --- over the API


def test_an_api_till_reads_the_new_total_and_has_to_confirm_that(cast, cheaper):
    till = Till(cast, cast.till)
    opened = till.basket(cast)
    assert opened["total_minor"] == 250
    path = f"/baskets/{opened['id']}"
    shown = till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]}).json()
    assert shown["total_minor"] == 200
    assert shown["lines"][0]["price_before_minor"] == 250
    refused = till.post(f"{path}/confirm", {"total_minor": 250})
    assert (refused.status_code, refused.json()["code"]) == (409, "total_changed")
    assert refused.json()["total_minor"] == 200
    assert till.post(f"{path}/confirm", {}).status_code == 422
    assert till.post(f"{path}/confirm", {"total_minor": 200}).json()["total_minor"] == 200


def test_an_api_till_reads_the_menu_and_marks_what_is_sold_out(cast, cheaper):
    till = Till(cast, cast.till)
    juice, pasta = till.get("/menu").json()
    assert (juice["barcodes"], juice["names"]) == (["4006381333931"], {"en": "Juice", "zh-hans": "果汁"})
    assert pasta["prices"] == [
        {"kind": "", "year": "7A", "price_minor": 200},
        {"kind": "staff", "year": "", "price_minor": 320},
    ]
    path = f"/menu/{pasta['id']}/sold-out"
    marked = [till.post(path, {"is_sold_out": True}, key="k") for _ in range(2)]
    assert [one.json()["is_sold_out"] for one in marked] == [True, True]
    refused = till.post("/baskets", {"lines": [{"product": pasta["id"]}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "product_sold_out")
    assert till.post(path, {"is_sold_out": False}).json()["is_sold_out"] is False
    assert till.post(f"/menu/{uuid4()}/sold-out", {"is_sold_out": True}).status_code == 404
    till.basket(cast)
