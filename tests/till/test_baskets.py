"""What a basket takes, what it refuses, and how it is cancelled."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from tests.support.till import fill_basket

from willing.core.errors import Refused
from willing.ledger.queries import available_minor
from willing.till.baskets import add_product, cancel_basket, remove_product
from willing.till.identification import deny_identity, identify_by_card
from willing.till.menu import find_product_by_barcode
from willing.till.menu_models import Product
from willing.till.models import BasketLine
from willing.till.payment import confirm_basket


def test_states_refuse_what_does_not_belong_to_them(cast):
    with pytest.raises(Refused, match="basket_empty"):
        remove_product(cast.till, cast.meal.id)
    filled = fill_basket(cast)
    with pytest.raises(Refused, match="not_identified"):
        confirm_basket(cast.till, filled.id)
    with pytest.raises(Refused, match="product_unknown"):
        remove_product(cast.till, cast.extra.id)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="already_identified"):
        identify_by_card(cast.till, filled.id, cast.cards["Ada"])
    with pytest.raises(Refused, match="already_identified"):
        add_product(cast.till, cast.extra)
    confirm_basket(cast.till, filled.id)
    for action in (cancel_basket, deny_identity):
        with pytest.raises(Refused, match="basket_closed"):
            action(cast.till, filled.id)
    with pytest.raises(Refused, match="basket_unknown"):
        confirm_basket(cast.other_till, filled.id)


def test_an_empty_basket_identifies_nobody(cast):
    filled = fill_basket(cast)
    remove_product(cast.till, cast.meal.id)
    with pytest.raises(Refused, match="basket_empty"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])


def test_twenty_one_of_one_thing_is_too_many(cast):
    for _ in range(20):
        filled = add_product(cast.till, cast.meal)
    with pytest.raises(Refused, match="quantity_not_valid"):
        add_product(cast.till, cast.meal)
    with pytest.raises(IntegrityError), transaction.atomic():
        BasketLine.objects.filter(basket=filled).update(quantity=0)


def test_what_is_off_the_menu_is_not_sold(cast):
    Product.objects.update(is_on_sale=False)
    with pytest.raises(Refused, match="product_unknown"):
        add_product(cast.till, cast.meal)
    assert find_product_by_barcode(cast.school, "4006381333931") is None


def test_a_price_that_changes_does_not_change_a_basket(cast):
    filled = fill_basket(cast)
    Product.objects.update(price_minor=999)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, filled.id).total_minor == 250


def test_cancelling_charges_nothing_and_can_be_done_twice(cast):
    filled = fill_basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    for _ in range(2):
        assert cancel_basket(cast.till, filled.id).state == "cancelled"
    assert available_minor(cast.person("Carl")) == 2000


def test_a_line_is_called_what_its_product_was_called_when_it_was_put_in(cast):
    basket = add_product(cast.till, cast.extra)
    Product.objects.filter(pk=cast.extra.pk).update(name="Squash", name_zh_hans="汽水")
    line = BasketLine.objects.get(basket=basket)
    with translation.override("en"):
        assert line.label == "Juice"
    with translation.override("zh-hans"):
        assert line.label == "果汁"
