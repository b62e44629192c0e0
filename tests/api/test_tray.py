"""What is on the tray over the API: lines changed, baskets put aside, third meals asked about, time told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from willing.core import clock
from willing.till.meals import meals_so_far
from willing.till.models import Basket, Sale


def refused(answer):
    return (answer.status_code, answer.json()["code"])


def both(cast):
    return {"lines": [{"product": str(one.id), "quantity": 2} for one in (cast.meal, cast.extra)]}


def card(cast, name="Carl"):
    return {"way": "card", "code": cast.cards[name]}


def after(seconds):
    later = clock.now() + timedelta(seconds=seconds)
    return clock.running(lambda: later)


def test_a_line_is_put_back_also_while_a_person_is_shown(cast, till):
    path = f"/baskets/{till.post('/baskets', both(cast)).json()['id']}"
    till.post(f"{path}/identify", card(cast))
    less = till.post(f"{path}/lines/{cast.extra.id}", {"quantity": 0}).json()
    assert [(line["quantity"], line["name"]) for line in less["lines"]] == [(2, cast.meal.name)]
    assert (less["state"], less["total_minor"]) == ("identified", 500)
    one = till.post(f"{path}/lines/{cast.meal.id}", {"quantity": 1}).json()
    assert one["total_minor"] == 250
    assert refused(till.post(f"{path}/lines/{cast.meal.id}", {"quantity": 2})) == (409, "already_identified")
    assert till.post(f"{path}/confirm").json()["total_minor"] == 250


def test_the_last_line_put_back_forgets_who_was_shown(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    till.post(f"{path}/identify", card(cast))
    empty = till.post(f"{path}/lines/{cast.meal.id}", {"quantity": 0}).json()
    assert (empty["state"], empty["person"], empty["lines"]) == ("open", None, [])


def test_a_change_of_a_line_that_comes_twice_is_made_once(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    line = f"{path}/lines/{cast.meal.id}"
    till.post(line, {"quantity": 3}, key="k")
    till.post(line, {"quantity": 1})
    assert till.post(line, {"quantity": 3}, key="k").json()["total_minor"] == 250
    assert refused(till.post(line, {"quantity": 2}, key="k")) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "at"),
    [({"quantity": 21}, "quantity"), ({"quantity": -1}, "quantity"), ({"quantity": 1, "price": 2}, "price")],
)
def test_what_no_line_can_be_is_refused_by_name(cast, till, body, at):
    path = f"/baskets/{till.basket(cast)['id']}"
    answer = till.post(f"{path}/lines/{cast.meal.id}", body)
    assert refused(answer) == (422, "not_valid")
    assert answer.json()["faults"][0]["at"][-1] == at


def test_a_line_of_nothing_and_of_no_basket_of_this_till_is_refused(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    assert refused(till.post(f"{path}/lines/{uuid4()}", {"quantity": 1})) == (404, "product_unknown")
    nowhere = f"/baskets/{uuid4()}/lines/{cast.meal.id}"
    assert refused(till.post(nowhere, {"quantity": 1})) == (404, "basket_unknown")
    till.post(f"{path}/cancel")
    assert refused(till.post(f"{path}/lines/{cast.meal.id}", {"quantity": 0})) == (409, "basket_closed")


def test_a_basket_is_put_aside_while_others_pay_and_taken_back(cast, till):
    first = till.post("/baskets", both(cast)).json()
    till.post(f"/baskets/{first['id']}/identify", card(cast))
    aside = till.post(f"/baskets/{first['id']}/park", key="p").json()
    assert (aside["state"], aside["person"]) == ("parked", None)
    assert till.post(f"/baskets/{first['id']}/park", key="q").json()["state"] == "parked"
    listed = till.get("/baskets/parked").json()
    assert [(one["id"], one["items"], one["total_minor"], one["is_over"]) for one in listed] == [
        (first["id"], 4, first["total_minor"], False)
    ]
    assert refused(till.post(f"/baskets/{first['id']}/identify", card(cast))) == (409, "basket_parked")
    assert till.sell(cast, "Ada")["receipt_number"] == 1
    assert till.post(f"/baskets/{first['id']}/take-back").json()["state"] == "open"
    assert till.get("/baskets/parked").json() == []
    assert till.get("/baskets/current").json()["id"] == first["id"]


def test_taking_one_back_puts_the_open_one_aside(cast, till):
    first = till.basket(cast)
    till.post(f"/baskets/{first['id']}/park")
    second = till.basket(cast)
    till.post(f"/baskets/{first['id']}/take-back")
    assert [one["id"] for one in till.get("/baskets/parked").json()] == [second["id"]]


def test_an_empty_a_closed_and_an_unknown_basket_are_not_put_aside(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    till.post(f"{path}/lines/{cast.meal.id}", {"quantity": 0})
    assert refused(till.post(f"{path}/park")) == (409, "basket_empty")
    till.post(f"{path}/cancel")
    for deed in ("park", "take-back"):
        assert refused(till.post(f"{path}/{deed}")) == (409, "basket_closed")
        assert refused(till.post(f"/baskets/{uuid4()}/{deed}")) == (404, "basket_unknown")


@pytest.mark.steady_clock
def test_what_was_put_aside_for_an_hour_is_over_until_it_is_cancelled(cast, till):
    path = f"/baskets/{till.basket(cast)['id']}"
    till.post(f"{path}/park")
    with after(3601):
        assert [one["is_over"] for one in till.get("/baskets/parked").json()] == [True]
        assert refused(till.post(f"{path}/take-back")) == (409, "basket_closed")
        assert till.post(f"{path}/cancel").json()["state"] == "cancelled"
        assert till.get("/baskets/parked").json() == []


def test_a_third_main_meal_is_sold_once_the_cashier_has_said_so(cast, till):
    notices = []
    for number in (1, 2, 3):
        basket = till.basket(cast)
        path = f"/baskets/{basket['id']}"
        assert (basket["main_meals"], basket["meal_notice"]) == (0, ""), "of nobody"
        shown = till.post(f"{path}/identify", card(cast)).json()
        assert shown["main_meals"] == number
        notices.append(shown["meal_notice"])
        if number < 3:
            assert till.post(f"{path}/confirm").status_code == 200
    assert notices == ["", "again", "ask"]
    for checked in ({}, {"main_meals_checked": 2}):
        answer = till.post(f"{path}/confirm", {"total_minor": 250, **checked})
        assert refused(answer) == (409, "meal_check_needed")
        assert answer.json()["main_meals"] == 3
    assert Sale.objects.count() == 2
    said = {"total_minor": 250, "main_meals_checked": 3}
    assert till.post(f"{path}/confirm", said).json()["receipt_number"] == 3
    assert meals_so_far(cast.person("Carl"))[0] == 3


@pytest.mark.steady_clock
def test_the_answers_tell_when_it_is_over_and_what_is(cast, till):
    basket = till.basket(cast)
    path = f"/baskets/{basket['id']}"
    assert 3500 < basket["expires_in_seconds"] <= 3601
    shown = till.post(f"{path}/identify", card(cast)).json()
    assert 20 < shown["expires_in_seconds"] <= 31
    with after(shown["expires_in_seconds"]):
        forgotten = till.get("/baskets/current").json()
        assert (forgotten["state"], forgotten["expired"], forgotten["person"]) == ("open", "shown", None)
        assert till.get(path).json()["expired"] == "", "said once, to whoever asked"
    with after(3700):
        closed = till.get(path).json()
        assert (closed["state"], closed["expired"], closed["expires_in_seconds"]) == (
            "cancelled",
            "basket",
            None,
        )
    assert not Basket.objects.filter(state="open").exists()
