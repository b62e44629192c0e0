"""Third-party till reads its sales page by page and closes its day with them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.api.caller import Till

from willing.core import clock
from willing.people.queries import today
from willing.terminals.devices import allow_refunds
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import day_summary


@pytest.fixture
def sales(cast, till):
    """Seven sales of this till, the oldest first, and one of the other till between them."""
    made = [till.sell(cast)["id"] for _ in range(3)]
    Till(cast, cast.other_till).sell(cast, "Ada")
    return [*made, *(till.sell(cast, "Ada")["id"] for _ in range(4))]


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["items"]]


def test_pages_hold_each_sale_of_this_till_once_the_newest_first(cast, till, sales):
    found, cursor, pages = [], "", 0
    while cursor is not None:
        answer = till.get(f"/sales?limit=3&cursor={cursor}")
        found += ids(answer)
        cursor, pages = answer.json()["next_cursor"], pages + 1
    assert found == sales[::-1]
    assert pages == 3


def test_a_page_that_ends_with_the_last_sale_has_no_next_one(cast, till, sales):
    assert till.get("/sales?limit=7").json()["next_cursor"] is None


def test_what_is_sold_meanwhile_moves_no_page(cast, till, sales):
    first = till.get("/sales?limit=4")
    till.sell(cast)
    second = till.get(f"/sales?limit=4&cursor={first.json()['next_cursor']}")
    assert ids(first) + ids(second) == sales[::-1]


def test_sales_of_one_moment_are_told_apart(cast, till):
    at = clock.now()
    with clock.running(lambda: at):
        made = {till.sell(cast)["id"] for _ in range(5)}
    found, cursor = [], ""
    while cursor is not None:
        answer = till.get(f"/sales?limit=2&cursor={cursor}")
        found += ids(answer)
        cursor = answer.json()["next_cursor"]
    assert len(found) == 5
    assert set(found) == made


def test_a_page_takes_as_many_queries_as_any_other(cast, till, sales):
    counts = []
    for limit in (1, 7):
        with CaptureQueriesContext(connection) as queries:
            till.get(f"/sales?limit={limit}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.sqlite
def test_a_page_is_read_from_an_index_and_nothing_is_sorted(cast, till, sales):
    with CaptureQueriesContext(connection) as queries:
        till.get("/sales?limit=2")
    (statement,) = [one["sql"] for one in queries if "till_sale" in one["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "sales_of_a_terminal" in plan
    assert "TEMP B-TREE" not in plan


def test_a_day_is_the_schools_own(cast, till, sales):
    day = today(cast.school)
    assert ids(till.get(f"/sales?day={day}")) == sales[::-1]
    assert ids(till.get(f"/sales?day={day + timedelta(days=1)}")) == []


def test_moments_begin_with_the_first_and_end_before_the_second(cast, till, sales):
    fourth = till.get(f"/sales/{sales[3]}").json()["settled_at"]
    assert set(ids(till.get(f"/sales?from={fourth}"))) == set(sales[3:])
    assert set(ids(till.get(f"/sales?to={fourth}"))) == set(sales[:3])


def test_what_was_given_back_is_told_apart(cast, till, sales):
    allow_refunds(cast.till, by=cast.user("office"))
    till.post(f"/sales/{sales[0]}/refund", {"reason": "cold"})
    assert ids(till.get("/sales?refunded=true")) == [sales[0]]
    assert ids(till.get("/sales?refunded=false")) == sales[:0:-1]
    assert ids(till.get(f"/sales?refunded_on={today(cast.school)}")) == [sales[0]]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "day=0001-01-01",
        "day=9999-12-31",
        "day=31/05/2014",
        "from=2026-01-01T00:00:00",
        "from=0001-01-01T00:00:00%2B14:00",
        "to=9999-12-31T23:59:59-12:00",
        "refunded=perhaps",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(cast, till, query):
    answer = till.get(f"/sales?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_valid")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "%F0%9F%8D%9D", "A" * 60, "_" * 32])
def test_a_cursor_that_ends_no_page_is_refused(cast, till, cursor):
    answer = till.get(f"/sales?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_not_valid")


def test_one_sale_says_what_was_bought_and_to_no_other_till(cast, till, sales):
    sale = till.get(f"/sales/{sales[0]}").json()
    assert [(line["name"], line["quantity"], line["total_minor"]) for line in sale["lines"]] == [
        ("Pasta", 1, 250)
    ]
    assert (sale["refund"], sale["receipt_number"]) == (None, 1)
    for caller, one in ((Till(cast, cast.other_till), sales[0]), (till, str(uuid4()))):
        answer = caller.get(f"/sales/{one}")
        assert (answer.status_code, answer.json()["code"]) == (404, "sale_unknown")


def test_lines_of_a_sale_are_refunded_one_by_one(cast, till):
    allow_refunds(cast.till, by=cast.user("office"))
    lines = [{"product": str(one.id), "quantity": 2} for one in (cast.meal, cast.extra)]
    basket = till.post("/baskets", {"lines": lines}).json()["id"]
    till.post(f"/baskets/{basket}/identify", {"way": "card", "code": cast.cards["Carl"]})
    sale = till.post(f"/baskets/{basket}/confirm", {"total_minor": 680}).json()["id"]
    part = {"reason": "cold", "lines": [{"product": str(cast.extra.id)}, {"product": str(cast.meal.id)}]}
    first = till.post(f"/sales/{sale}/refund", part, key="a").json()
    assert first == till.post(f"/sales/{sale}/refund", part, key="a").json()
    assert (first["amount_minor"], len(first["lines"])) == (340, 2)
    found = till.get(f"/sales/{sale}").json()
    assert (found["is_refunded"], found["refund"], found["refunded_minor"]) == (False, None, 340)
    assert [one["refunded"] for one in found["lines"]] == [1, 1]
    twice = {"lines": [{"product": str(cast.extra.id)}] * 2}
    refused = till.post(f"/sales/{sale}/refund", twice)
    assert (refused.status_code, refused.json()["code"], refused.json()["left"]) == (
        409,
        "refund_too_large",
        1,
    )
    rest = till.post(f"/sales/{sale}/refund", {"reason": "all"}).json()
    listed = till.get("/sales").json()["items"][0]
    assert (listed["is_refunded"], listed["refunds"], listed["refund"]) == (True, [first, rest], rest)
    assert till.post(f"/sales/{sale}/refund", twice).json()["code"] == "already_refunded"


def test_a_till_closes_its_day_with_what_the_office_sees(cast, till, sales):
    allow_refunds(cast.till, by=cast.user("office"))
    till.post(f"/sales/{sales[0]}/refund", {"reason": "cold"})
    office = RefundedBy(user=cast.user("office"))
    refund_sale(sales[1], key=uuid4(), by=office)
    day = today(cast.school)
    mine = till.get(f"/days/{day}").json()
    other = Till(cast, cast.other_till).get(f"/days/{day}").json()
    assert (mine["sales"], mine["total_minor"], mine["first_receipt"], mine["last_receipt"]) == (
        7,
        1750,
        1,
        8,
    )
    assert (mine["refunds"], mine["refunded_minor"]) == (2, 500)
    assert mine["ways"] == [{"way": "card", "sales": 7, "total_minor": 1750}]
    whole = day_summary(cast.school, day)
    assert mine["total_minor"] + other["total_minor"] == whole.total_minor
    assert mine["refunded_minor"] + other["refunded_minor"] == whole.refunded_minor
    items = till.get(f"/sales?day={day}").json()["items"]
    assert sum(one["total_minor"] for one in items) == mine["total_minor"]


def test_a_day_without_sales_is_a_day(cast, till):
    day = till.get("/days/2026-01-01").json()
    assert (day["sales"], day["first_receipt"], day["ways"]) == (0, None, [])
    assert till.get("/days/0001-01-01").json()["code"] == "not_valid"
