"""What a request says and nothing reads is refused by name: it was meant to do something."""

import pytest

from willing.till.models import Basket


@pytest.mark.parametrize("path", ["/terminal", "/menu", "/baskets/current", "/days/2026-03-02", "/sales"])
def test_a_parameter_that_nothing_reads_is_refused_by_name(cast, till, path):
    answer = till.get(f"{path}?only_mine=yes")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_valid")
    assert answer.json()["faults"][0]["at"] == ["query", "only_mine"]


def test_the_parameters_of_sales_are_read_under_their_own_names(cast, till):
    assert till.get("/sales?limit=1&from=2026-01-01T00:00:00Z&refunded=true").status_code == 200
    assert till.get("/sales?begin=2026-01-01T00:00:00Z").status_code == 422


def test_a_body_where_none_is_read_is_refused_and_nothing_is_done(cast, till):
    basket = till.basket(cast)
    path = f"/baskets/{basket['id']}"
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]})
    answer = till.post(f"{path}/confirm", {"amount_minor": 80})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_valid")
    assert Basket.objects.get(pk=basket["id"]).state == "identified"
    assert till.post(f"{path}/confirm").json()["total_minor"] == 250


def test_an_unknown_field_inside_a_line_is_refused_by_name(cast, till):
    lines = [{"product": str(cast.meal.id), "price_minor": 1}]
    answer = till.post("/baskets", {"lines": lines})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["at"][-1] == "price_minor"
