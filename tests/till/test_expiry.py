"""A basket that nobody touches expires after an hour, a name that nobody confirms after 30 seconds."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.api.caller import Till
from tests.pages.kiosk.test_access import at

from willing.core import clock
from willing.core.errors import Refused
from willing.privacy.retention_job import run_retention
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.basket_states import expire_left_basket
from willing.till.baskets import add_product, open_basket, remove_product
from willing.till.identification import identify_by_card
from willing.till.models import Basket
from willing.till.payment import confirm_basket
from willing.till.rules import BASKET_MINUTES_MAX, Expiry, decide_expiry, expires_in_seconds

HTMX = {"HX-Request": "true"}


def after(minutes):
    later = clock.now() + timedelta(minutes=minutes)
    return clock.running(lambda: later)


def state_of(basket_id):
    return Basket.objects.get(pk=basket_id).state


@pytest.mark.parametrize(
    ("minutes", "is_shown", "due"),
    [
        (0, True, Expiry.NONE),
        (0.49, True, Expiry.NONE),
        (0.5, True, Expiry.SHOWN),
        (0.5, False, Expiry.NONE),
        (BASKET_MINUTES_MAX - 0.1, False, Expiry.NONE),
        (BASKET_MINUTES_MAX, False, Expiry.BASKET),
        (BASKET_MINUTES_MAX, True, Expiry.BASKET),
        (-0.49, True, Expiry.NONE),
        (-0.5, True, Expiry.SHOWN),  # the clock was put back a little: sooner rather than later
        (-0.5, False, Expiry.NONE),
        (-600, True, Expiry.BASKET),  # the clock was put back: it was left for who knows how long
    ],
)
def test_what_expires_follows_from_how_long_it_was_left(minutes, is_shown, due):
    touched_at = clock.now()
    then = touched_at + timedelta(minutes=minutes)
    assert decide_expiry(touched_at, then, is_shown=is_shown) is due


def test_a_till_that_lost_its_basket_sells_again_after_an_hour(cast):
    till = Till(cast, cast.till)
    lost = till.basket(cast)
    with after(59):
        assert till.post("/baskets", {"lines": [{"product": str(cast.meal.id)}]}).status_code == 409
    with after(61):
        assert till.sell(cast)["receipt_number"] == 1
    assert state_of(lost["id"]) == "cancelled"


def test_a_till_asks_for_its_basket_and_closes_it(cast):
    till = Till(cast, cast.till)
    none = till.get("/baskets/current")
    assert (none.status_code, none.json()["code"]) == (404, "basket_unknown")
    assert till.post("/baskets/current/cancel").json()["code"] == "basket_unknown"
    lost = till.basket(cast)
    found = till.get("/baskets/current").json()
    left = found["expires_in_seconds"]  # the clock may have been set in between
    assert found == {**lost, "expires_in_seconds": left}
    assert till.post("/baskets/current/cancel").json()["state"] == "cancelled"
    assert till.sell(cast)["receipt_number"] == 1


def test_pairing_closes_the_basket_of_the_device_before(cast):
    lost = Till(cast, cast.till).basket(cast)
    assert Till(cast, cast.till).sell(cast)["receipt_number"] == 1
    assert state_of(lost["id"]) == "cancelled"


def test_pairing_again_after_a_lost_answer_closes_nothing(cast):
    code = start_pairing(cast.till)
    pair_terminal(code, key="a")
    basket = add_product(cast.till, cast.meal)
    pair_terminal(code, key="a")
    assert state_of(basket.id) == "open"


@pytest.mark.steady_clock
def test_the_retention_job_closes_what_was_left(cast):
    basket = add_product(cast.till, cast.meal)
    run_retention()
    assert state_of(basket.id) == "open"
    with after(61):
        run_retention()
    assert state_of(basket.id) == "cancelled"


def test_whatever_is_done_with_a_basket_keeps_it(cast):
    basket = add_product(cast.till, cast.meal)
    with after(50):
        add_product(cast.till, cast.extra)
    with after(100):
        remove_product(cast.till, cast.extra.id)
    with after(150):
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
        assert confirm_basket(cast.till, basket.id).receipt_number


def test_a_name_that_nobody_confirms_is_forgotten_and_the_basket_stays(cast):
    client = at(cast.till, cast)
    client.post("/till/add/", {"product": str(cast.meal.id)})
    client.post("/till/card/", {"code": cast.cards["Carl"]})
    assert "Hello, Carl" in client.get("/till/").content.decode()
    with after(0.5):
        texts = [client.get("/till/").content.decode() for _ in range(2)]
        assert client.post("/till/way/", {"way": "card"}, headers=HTMX).status_code == 200
        later = client.get("/till/").content.decode()
    assert all("Carl" not in text and "Pasta" in text for text in texts)
    assert all("nobody pressed anything for 30 seconds" in text for text in texts), "after a reload too"
    assert "nobody pressed anything" not in later
    assert Basket.objects.get().state == "open"


def test_a_late_press_of_yes_pays_nothing_and_the_till_says_why(cast):
    client = at(cast.till, cast)
    client.post("/till/add/", {"product": str(cast.meal.id)})
    client.post("/till/card/", {"code": cast.cards["Carl"]})
    basket = Basket.objects.get()
    with after(0.6):
        text = client.post("/till/confirm/", {"basket": str(basket.id)}, headers=HTMX).content.decode()
    assert "nobody pressed anything for 30 seconds" in text
    assert state_of(basket.id) == "open"


def test_a_basket_left_for_an_hour_leaves_a_quiet_notice_until_the_next_press(cast):
    client = at(cast.till, cast)
    client.post("/till/add/", {"product": str(cast.meal.id)})
    with after(61):
        texts = [client.get("/till/screen/", headers=HTMX).content.decode()]
        texts += [client.get("/till/").content.decode() for _ in range(2)]
        assert all("nothing happened for an hour" in text for text in texts)
        sold = client.post("/till/add/", {"product": str(cast.meal.id)}, headers=HTMX).content.decode()
    assert "nothing happened" not in sold
    assert sorted(Basket.objects.values_list("state", flat=True)) == ["cancelled", "open"]


def test_a_press_on_a_product_after_the_hour_begins_a_new_basket_and_says_that_the_old_one_went(cast):
    client = at(cast.till, cast)
    client.post("/till/add/", {"product": str(cast.meal.id)})
    with after(61):
        client.post("/till/add/", {"product": str(cast.extra.id)}, headers=HTMX)
    [basket] = Basket.objects.filter(state="open")
    assert [line.product for line in basket.lines.all()] == [cast.extra]


@pytest.mark.parametrize(
    ("seconds", "is_shown", "left"),
    [(0, True, 31), (12, True, 19), (45, True, 1), (-20, True, 31), (0, False, 3601), (3599, False, 2)],
)
def test_a_screen_asks_again_right_after_what_it_shows_is_over(seconds, is_shown, left):
    touched_at = clock.now()
    then = touched_at + timedelta(seconds=seconds)
    assert expires_in_seconds(touched_at, then, is_shown=is_shown) == left


@pytest.mark.steady_clock
def test_the_screen_says_when_to_ask_again(cast):
    client = at(cast.till, cast)
    assert "data-reload-after-seconds" not in client.get("/till/").content.decode()
    client.post("/till/add/", {"product": str(cast.meal.id)})
    client.post("/till/card/", {"code": cast.cards["Carl"]})
    with after(0.25):
        assert 'data-reload-after-seconds="1' in client.get("/till/screen/", headers=HTMX).content.decode()


def test_nobody_pays_with_a_name_that_was_left(cast):
    till = Till(cast, cast.till)
    basket = till.basket(cast)
    till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
    with after(1):
        late = [till.post(f"/baskets/{basket['id']}/confirm").json()["code"] for _ in range(2)]
        assert late == ["identification_expired"] * 2, "the same however often it is asked"
        assert till.get(f"/baskets/{basket['id']}").json()["person"] is None
        till.post(f"/baskets/{basket['id']}/identify", {"way": "card", "code": cast.cards["Carl"]})
        assert till.post(f"/baskets/{basket['id']}/confirm").json()["receipt_number"] == 1


def test_an_expired_basket_is_closed_to_who_knows_its_id(cast):
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    with after(61), pytest.raises(Refused, match="basket_expired"):
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    with after(61):
        expire_left_basket(cast.till)
    with pytest.raises(Refused, match="basket_closed"):
        identify_by_card(cast.till, basket.id, cast.cards["Carl"])
