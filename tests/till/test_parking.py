"""A basket is put aside, and taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.support.clocks import monday_ahead, stopped_at

from willing.core import clock
from willing.core.errors import Refused
from willing.terminals.models import Device
from willing.terminals.pairing import start_pairing
from willing.till.basket_states import expire_left_basket, expire_left_baskets
from willing.till.baskets import add_product, basket_total_minor, cancel_basket, show_basket
from willing.till.identification import identify_by_card
from willing.till.models import Basket
from willing.till.parking import (
    closing_list,
    closing_lists,
    discard_parked,
    park_basket,
    parked_baskets,
    take_back,
)
from willing.till.payment import confirm_basket
from willing.till.tills import pair_till


def later(minutes):
    at = clock.now() + timedelta(minutes=minutes)
    return clock.running(lambda: at)


def parked(cast, *products):
    for product in products:
        add_product(cast.till, product)
    return park_basket(cast.till)


def test_several_baskets_are_put_aside_and_each_comes_back_as_it_was(cast):
    first = parked(cast, cast.meal, cast.meal)
    second = parked(cast, cast.extra)
    assert show_basket(cast.till) is None
    assert [(one.id, one.items, one.total_minor, one.is_over) for one in parked_baskets(cast.till)] == [
        (first.id, 2, 500, False),
        (second.id, 1, 90, False),
    ]
    assert not parked_baskets(cast.other_till)
    for _ in range(2):
        take_back(cast.till, first.id)
    shown = show_basket(cast.till)
    assert shown is not None
    assert (shown.id, basket_total_minor(shown)) == (first.id, 500)
    identify_by_card(cast.till, first.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, first.id, 500).total_minor == 500
    assert [one.id for one in closing_list(cast.till)] == [second.id]


def test_taking_one_back_puts_the_open_one_aside(cast):
    first = parked(cast, cast.meal)
    second = add_product(cast.till, cast.extra)
    take_back(cast.till, first.id)
    assert [one.id for one in parked_baskets(cast.till)] == [second.id]
    assert show_basket(cast.till).id == first.id


def test_whoever_was_shown_is_forgotten_when_their_basket_is_put_aside(cast):
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    park_basket(cast.till)
    kept = Basket.objects.get()
    assert (kept.state, kept.person, kept.way) == ("parked", None, "")
    with pytest.raises(Refused, match="basket_parked"):
        confirm_basket(cast.till, basket.id, 250)
    with pytest.raises(Refused, match="basket_parked"):
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])


def test_nothing_and_the_basket_of_another_till_are_not_put_aside_or_taken_back(cast):
    with pytest.raises(Refused, match="basket_empty"):
        park_basket(cast.till)
    basket = parked(cast, cast.meal)
    for action in (take_back, discard_parked):
        with pytest.raises(Refused, match="basket_unknown"):
            action(cast.other_till, basket.id)
        with pytest.raises(Refused, match="basket_unknown"):
            action(cast.till, uuid4())


@pytest.mark.steady_clock
def test_a_basket_that_was_put_aside_expires_after_an_hour_and_is_on_the_closing_list(cast):
    basket = parked(cast, cast.meal)
    with later(59):
        expire_left_basket(cast.till)
        assert parked_baskets(cast.till)
    with later(61):
        assert not parked_baskets(cast.till)
        expire_left_basket(cast.till)
        assert Basket.objects.get().state == "cancelled"
        with pytest.raises(Refused, match="basket_closed"):
            take_back(cast.till, basket.id)
        assert [(one.id, one.is_over) for one in closing_list(cast.till)] == [(basket.id, True)]
        discard_parked(cast.till, basket.id)
        assert not closing_list(cast.till)


@pytest.mark.steady_clock
def test_a_basket_that_is_over_after_midnight_is_on_the_closing_list_of_the_day_that_began(cast):
    evening = monday_ahead(23) + timedelta(minutes=30)
    with stopped_at(evening):
        basket = parked(cast, cast.meal)
    with stopped_at(evening + timedelta(minutes=61)):
        expire_left_basket(cast.till)
        assert [(one.id, one.is_over) for one in closing_list(cast.till)] == [(basket.id, True)]
    with stopped_at(evening + timedelta(hours=24)):
        assert [one.id for one in closing_list(cast.till)] == [basket.id]
    with stopped_at(evening + timedelta(hours=25)):
        assert not closing_list(cast.till)


@pytest.mark.steady_clock
def test_the_nightly_job_closes_what_was_put_aside(cast):
    parked(cast, cast.meal)
    with later(61):
        assert expire_left_baskets(10) == 1
    assert Basket.objects.get().state == "cancelled"


def test_what_was_put_aside_is_closed_by_the_cashier_or_by_another_device(cast):
    first, second = parked(cast, cast.meal), parked(cast, cast.extra)
    third = parked(cast, cast.extra)
    discard_parked(cast.till, first.id)
    cancel_basket(cast.till, second.id)
    pair_till(start_pairing(cast.till), key=str(uuid4()), device=Device.API)
    assert set(Basket.objects.values_list("state", flat=True)) == {"cancelled"}
    assert third.id in {one.id for one in closing_list(cast.till)}


def test_the_closing_lists_of_all_tills_name_each_till_once(cast):
    assert closing_lists(cast.school) == []
    first, second = parked(cast, cast.meal), parked(cast, cast.extra)
    found = closing_lists(cast.school)
    assert [(till.name, [one.id for one in baskets]) for till, baskets in found] == [
        ("Till 1", [first.id, second.id])
    ]
    assert [baskets for _till, baskets in found] == [list(closing_list(cast.till))]
