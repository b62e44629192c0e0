"""An Idempotency-Key stands for one operation on one thing with one body, everywhere, for a day."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from tests.api.caller import Till

from willing.api import faces
from willing.core import clock
from willing.credentials.models import FailedAttempt
from willing.credentials.queries import pin_attempts_of
from willing.ledger.queries import available_minor, verify_ledger
from willing.privacy.retention_job import run_retention
from willing.terminals.devices import allow_refunds
from willing.terminals.models import RequestKey
from willing.terminals.rules import REQUEST_KEY_HOURS
from willing.till.face_identification import FrameAnswer
from willing.till.models import Basket, Sale
from willing.till.refund_models import Refund


def in_hours(hours):
    later = clock.now() + timedelta(hours=hours)
    return clock.running(lambda: later)


def refused(answer):
    return (answer.status_code, answer.json()["code"])


REUSED = (422, "idempotency_key_reused")


def test_a_key_of_one_refund_refunds_no_other_sale(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    first, second = till.sell(cast), till.sell(cast)
    assert till.post(f"/sales/{first['id']}/refund", {"reason": "cold"}, key="r").status_code == 200
    assert refused(till.post(f"/sales/{second['id']}/refund", {"reason": "cold"}, key="r")) == REUSED
    assert refused(till.post(f"/sales/{first['id']}/refund", {"reason": "wrong"}, key="r")) == REUSED
    assert till.post(f"/sales/{second['id']}/refund", {"reason": "cold"}, key="s").status_code == 200
    assert Refund.objects.count() == 2
    assert verify_ledger().ok


def test_a_key_of_one_operation_does_no_other(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    sale = till.sell(cast)
    basket = till.basket(cast, key="k")
    path = f"/baskets/{basket['id']}"
    for answer in (
        till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]}, key="k"),
        till.post(f"{path}/confirm", key="k"),
        till.post(f"{path}/deny", key="k"),
        till.post(f"{path}/cancel", key="k"),
        till.post("/baskets/current/cancel", key="k"),
        till.post(f"{path}/sessions", key="k"),
        till.post(f"/sessions/{uuid4()}/stop", key="k"),
        till.post(f"/sales/{sale['id']}/refund", key="k"),
    ):
        assert refused(answer) == REUSED
    assert till.get(path).json()["state"] == "open"


def test_a_key_that_paired_opens_no_basket(cast):
    till = Till(cast, cast.till, key="pair")
    lines = {"lines": [{"product": str(cast.meal.id)}]}
    assert refused(till.post("/baskets", lines, key="pair")) == REUSED
    assert not Basket.objects.exists()


def test_a_key_stands_for_its_basket_and_no_other(cast, till):
    first = till.basket(cast)
    till.post(f"/baskets/{first['id']}/cancel", key="c")
    second = till.basket(cast)
    assert refused(till.post(f"/baskets/{second['id']}/cancel", key="c")) == REUSED
    assert till.get(f"/baskets/{second['id']}").json()["state"] == "open"


def test_the_same_body_written_in_another_way_is_the_same_body(cast, till):
    product = str(cast.meal.id)
    first = till.post("/baskets", {"lines": [{"product": product}]}, key="k")
    again = till.post("/baskets", {"lines": [{"quantity": 1, "product": product.upper()}]}, key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


def test_a_refused_request_may_succeed_later_under_its_key_and_no_other_may(cast, till):
    open_one = till.basket(cast)
    lines = {"lines": [{"product": str(cast.extra.id), "quantity": 1}]}
    assert refused(till.post("/baskets", lines, key="k")) == (409, "basket_already_open")
    till.post(f"/baskets/{open_one['id']}/cancel")
    others = {"lines": [{"product": str(cast.meal.id), "quantity": 1}]}
    assert refused(till.post("/baskets", others, key="k")) == REUSED
    assert till.post("/baskets", lines, key="k").status_code == 201


def test_a_late_repetition_shows_nobody_who_said_not_me(cast, till):
    basket = till.basket(cast)
    path, body = f"/baskets/{basket['id']}", {"way": "card", "code": cast.cards["Carl"]}
    till.post(f"{path}/identify", body, key="i")
    till.post(f"{path}/deny", key="d")
    assert till.post(f"{path}/identify", body, key="i").json()["person"] is None
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Ada"]}, key="j")
    assert till.post(f"{path}/deny", key="d").json()["person"]["first_name"] == "Ada"


def test_the_current_basket_is_closed_once_under_one_key(cast, till):
    first = till.basket(cast)
    assert till.post("/baskets/current/cancel", key="c").json()["id"] == first["id"]
    second = till.basket(cast)
    assert till.post("/baskets/current/cancel", key="c").json()["id"] == first["id"]
    assert till.get(f"/baskets/{second['id']}").json()["state"] == "open"


def test_a_lost_answer_is_no_loss(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    lines = {"lines": [{"product": str(cast.meal.id), "quantity": 1}]}
    opened = {till.post("/baskets", lines, key="a").json()["id"] for _ in range(3)}
    (basket,) = opened
    body = {"way": "card", "code": cast.cards["Carl"]}
    for _ in range(3):
        assert till.post(f"/baskets/{basket}/identify", body, key="b").json()["state"] == "identified"
    sales = {till.post(f"/baskets/{basket}/confirm", key="c").json()["receipt_number"] for _ in range(3)}
    assert sales == {1}
    assert till.post(f"/baskets/{basket}/identify", body, key="b").json()["state"] == "paid"
    assert till.post("/baskets", lines, key="a").json()["state"] == "paid"
    sale = str(Sale.objects.get().id)
    refunds = {till.post(f"/sales/{sale}/refund", key="d").json()["id"] for _ in range(3)}
    assert len(refunds) == 1
    assert available_minor(cast.person("Carl")) == 2000


def test_a_key_is_free_again_after_a_day(cast, till):
    first = till.basket(cast, key="1")
    till.post(f"/baskets/{first['id']}/identify", {"way": "card", "code": cast.cards["Carl"]}, key="2")
    till.post(f"/baskets/{first['id']}/confirm", key="3")
    with in_hours(REQUEST_KEY_HOURS - 1):
        assert till.basket(cast, key="1")["id"] == first["id"]
    with in_hours(REQUEST_KEY_HOURS + 1):
        tomorrow = till.basket(cast, key="1", quantity=2)
    assert (tomorrow["id"] == first["id"], tomorrow["state"]) == (False, "open")


def test_keys_are_deleted_by_night_after_a_day(cast, till):
    till.basket(cast)
    assert RequestKey.objects.count() == 2  # the pairing's, and the basket's
    run_retention()
    assert RequestKey.objects.count() == 2
    with in_hours(25):
        run_retention()
    assert not RequestKey.objects.exists()


def test_no_key_and_no_pin_is_written_down(cast, till):
    basket = till.basket(cast, key="my own words")
    body = {"way": "pin", "number": cast.person("Carl").till_number, "pin": cast.pins["Carl"]}
    till.post(f"/baskets/{basket['id']}/identify", body, key="secret-key")
    rows = str(list(RequestKey.objects.values()))
    assert "own words" not in rows
    assert "secret-key" not in rows
    # As a word of its own: four digits are also in a digest and in a time to the microsecond.
    assert cast.pins["Carl"] not in re.findall(r"[0-9A-Za-z]+", rows)


def test_keys_of_two_tills_have_nothing_to_do_with_each_other(cast, till):
    other = Till(cast, cast.other_till)
    assert till.basket(cast, key="k")["id"] != other.basket(cast, key="k", quantity=2)["id"]


@pytest.mark.parametrize("key", ["", "   ", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused_before_anything_else_is_read(cast, till, key):
    headers = till.headers("") | ({"Idempotency-Key": key} if key else {})
    answer = till.client.post(
        "/api/v1/baskets", b'{"lines": []}', content_type="application/json", headers=headers
    )
    assert refused(answer) == (400, "idempotency_key_missing")


def at_once(count, deed):
    def run(number):
        try:
            return deed(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_many_requests_at_once_under_one_key_one_is_done(cast, till):
    lines = {"lines": [{"product": str(cast.meal.id), "quantity": 1}]}
    answers = at_once(6, lambda _number: till.post("/baskets", lines, key="k"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_of_two_bodies_at_once_under_one_key_one_stands(cast, till):
    lines = lambda number: {"lines": [{"product": str(cast.meal.id), "quantity": 1 + number % 2}]}  # noqa: E731
    answers = at_once(6, lambda number: till.post("/baskets", lines(number), key="k"))
    assert sorted({answer.status_code for answer in answers}) in ([201, 422], [201, 409, 422])
    assert Basket.objects.count() == 1


def test_one_refund_is_made_however_many_ask_at_once(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    sale = till.sell(cast)
    answers = at_once(6, lambda _number: till.post(f"/sales/{sale['id']}/refund", key="r"))
    assert {answer.status_code for answer in answers} == {200}
    assert Refund.objects.count() == 1
    assert available_minor(cast.person("Carl")) == 2000


def test_a_field_that_nobody_asked_for_is_refused(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    sale = till.sell(cast)
    answer = till.post(f"/sales/{sale['id']}/refund", {"reason": "cold", "amount_minor": 80})
    assert refused(answer) == (422, "not_valid")
    assert not Refund.objects.exists()


def test_a_wrong_pin_under_one_key_may_be_tried_again_and_counts(cast, till):
    basket = till.basket(cast)
    body = {"way": "pin", "number": cast.person("Carl").till_number, "pin": "0000"}
    for _ in range(2):
        assert refused(till.post(f"/baskets/{basket['id']}/identify", body, key="p")) == (409, "pin_wrong")
    assert pin_attempts_of(cast.person("Carl")).wrong_attempts == 2
    assert FailedAttempt.objects.count() == 2


@pytest.mark.face
def test_a_frame_that_comes_twice_is_looked_at_once(cast, till, monkeypatch):
    basket = till.basket(cast)
    session = till.post(f"/baskets/{basket['id']}/sessions").json()
    seen = []

    def look(terminal, session_id, picture):
        seen.append(picture)
        return FrameAnswer("looking", "closer")

    monkeypatch.setattr(faces, "submit_frame", look)
    for picture in (b"one", b"one", b"two"):
        answer = till.client.post(
            f"/api/v1/sessions/{session['id']}/frames",
            picture,
            content_type="image/jpeg",
            headers=till.headers(f"key of {picture!r}"),
        )
        assert answer.json()["state"] == "looking"
    assert seen == [b"one", b"two"]
