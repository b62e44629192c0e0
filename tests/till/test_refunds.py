"""What was paid goes back once, to where it came from."""

from uuid import uuid4

import pytest
from tests.support.spending import grant_sum
from tests.support.till import pay

from willing.core.errors import Refused
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account
from willing.ledger.queries import available_minor, verify_ledger
from willing.terminals import devices
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.books import verify_sales
from willing.till.refunds import RefundedBy, refund_sale


def test_a_refund_gives_back_to_where_it_came_from_once(cast):
    for _ in range(6):
        pay(cast, "Bo")
    sale = pay(cast, "Bo")  # carried by the school
    by = RefundedBy(user=cast.user("office"), reason="cold")
    key = uuid4()
    assert refund_sale(sale.id, key=key, by=by) == refund_sale(sale.id, key=key, by=by)
    with pytest.raises(Refused, match="already_refunded"):
        refund_sale(sale.id, key=uuid4(), by=by)
    assert available_minor(cast.person("Bo")) == -1500
    assert open_school_account(cast.school, Account.Kind.MEALS).available_minor == 0
    assert verify_ledger().ok


@pytest.fixture
def by(cast):
    return RefundedBy(user=cast.user("office"), reason="cold")


def test_lines_go_back_one_after_the_other_until_nothing_is_left(cast, by):
    sale = pay(cast, "Carl", cast.meal, cast.extra, cast.extra)
    before = available_minor(cast.person("Carl"))
    juice, meal = {cast.extra.id: 1}, {cast.meal.id: 1}
    for wanted, back, state in ((juice, 90, "part"), (meal, 250, "part"), (juice, 90, "whole")):
        key = uuid4()
        given = refund_sale(sale.id, key=key, by=by, quantities=wanted)
        assert refund_sale(sale.id, key=key, by=by, quantities=wanted) == given
        assert (given.total_minor, given.wallet_minor) == (back, back)
        sale.refresh_from_db()
        assert sale.refunded == state
    with pytest.raises(Refused, match="already_refunded"):
        refund_sale(sale.id, key=uuid4(), by=by, quantities=juice)
    assert available_minor(cast.person("Carl")) == before + sale.total_minor == before + sale.refunded_minor
    assert verify_ledger().ok
    assert verify_sales().ok


def test_the_rest_goes_back_where_no_line_is_named(cast, by):
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: 1})
    rest = refund_sale(sale.id, key=uuid4(), by=by)
    assert [(one.line.product_id, one.quantity) for one in rest.lines.all()] == [(cast.meal.id, 1)]
    assert rest.total_minor == 250


@pytest.mark.parametrize("quantity", [0, -1, 2])
def test_more_than_is_left_or_less_than_one_is_refused_with_what_is_left(cast, by, quantity):
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    with pytest.raises(Refused, match="refund_too_large") as refused:
        refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: quantity})
    assert refused.value.data == {"product": str(cast.extra.id), "left": 1}
    with pytest.raises(Refused, match="refund_too_large"):
        refund_sale(sale.id, key=uuid4(), by=by, quantities={uuid4(): 1})
    with pytest.raises(Refused, match="nothing_to_refund"):
        refund_sale(sale.id, key=uuid4(), by=by, quantities={})
    sale.refresh_from_db()
    assert sale.refunded == ""


def test_a_key_stands_for_the_lines_that_it_was_first_used_with(cast, by):
    sale, key = pay(cast, "Carl", cast.meal, cast.extra), uuid4()
    refund_sale(sale.id, key=key, by=by, quantities={cast.extra.id: 1})
    with pytest.raises(Refused, match="idempotency_key_reused"):
        refund_sale(sale.id, key=key, by=by, quantities={cast.meal.id: 1})


def test_a_part_goes_back_to_whoever_paid_for_it_and_the_allowance_is_there_again(cast, by):
    grant_sum(cast.person("Carl"), 250, by=cast.user("office"))
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    assert (sale.entitled_minor, sale.wallet_minor) == (250, 90)
    given = refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.meal.id: 1})
    assert (given.entitled_minor, given.wallet_minor) == (250, 0)
    again = pay(cast, "Carl", cast.meal)
    assert (again.entitled_minor, again.wallet_minor) == (250, 0)


def allow_refunds(cast, terminal):
    pair_terminal(start_pairing(terminal), key="api")
    devices.allow_refunds(terminal, by=cast.user("office"))


def test_what_is_not_this_tills_is_not_refunded(cast):
    allow_refunds(cast, cast.till)
    allow_refunds(cast, cast.other_till)
    sale = pay(cast, "Carl")
    with pytest.raises(Refused, match="sale_unknown"):
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(terminal=cast.other_till))
