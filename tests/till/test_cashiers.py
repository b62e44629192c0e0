"""What bears the name of the cashier who is signed on, and what happens where nobody is."""

from datetime import timedelta
from typing import Any

import pytest
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.till import fill_basket

from willing.accounts.models import User
from willing.accounts.staff import disable_user
from willing.core.clock import now
from willing.core.errors import Refused
from willing.credentials.staff_pins import set_own_pin, sign_on_by_pin
from willing.people.school import set_cashier_required
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import sign_off
from willing.till.identification import identify_by_card
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale

PIN = "4826"


@pytest.fixture
def on(cast: Any) -> User:
    cashier: User = cast.user("cashier")
    set_own_pin(cashier, PIN)
    return sign_on_by_pin(cast.till, cashier.pk, PIN)


def sell(cast: Any) -> Sale:
    basket = fill_basket(cast)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    return confirm_basket(cast.till, basket.id)


def test_a_sale_bears_the_cashiers_name_in_its_row_and_in_the_log(cast: Any, on: User) -> None:
    sale = sell(cast)
    assert Sale.objects.get(pk=sale.pk).cashier == on
    assert facts_of("sale.settled")[0]["cashier"] == on.pk


@pytest.mark.parametrize("why", ["never", "off", "idle", "disabled"])
def test_a_till_where_nobody_is_on_sells_without_a_name(cast: Any, on: User, why: str) -> None:
    at = now()
    if why in ("never", "off"):
        sign_off(cast.till)
    elif why == "disabled":
        disable_user(cast.school, on.pk, by=cast.user("administrator"))
    else:
        at += timedelta(minutes=16)
    with stopped_at(at):
        sale = sell(cast)
    assert Sale.objects.get(pk=sale.pk).cashier is None
    assert facts_of("sale.settled")[0]["cashier"] is None


def test_a_colleague_takes_over_an_open_basket(cast: Any, on: User) -> None:
    office = cast.user("office")
    set_own_pin(office, "7391")
    basket = fill_basket(cast)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    sign_on_by_pin(cast.till, office.pk, "7391")
    assert Basket.objects.get().state == "identified"
    assert confirm_basket(cast.till, basket.id).cashier == office


def test_a_school_may_want_a_name_and_the_basket_waits_for_it(cast: Any, on: User) -> None:
    set_cashier_required(cast.school, is_required=True, by=cast.user("administrator").pk)
    assert sell(cast).cashier == on
    sign_off(cast.till)
    basket = fill_basket(cast)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="cashier_missing"):
        confirm_basket(cast.till, basket.id)
    sign_on_by_pin(cast.till, on.pk, PIN)
    sale = confirm_basket(cast.till, basket.id)
    assert sale.cashier == on
    sign_off(cast.till)
    assert confirm_basket(cast.till, basket.id) == sale  # paid before: asked for again, it is the same
    set_cashier_required(cast.school, is_required=False, by=cast.user("administrator").pk)
    assert sell(cast).cashier is None


def test_a_refund_over_the_api_names_the_till_and_its_cashier(cast: Any, on: User) -> None:
    sale = sell(cast)
    Terminal.objects.filter(pk=cast.till.pk).update(device="api", may_refund=True)
    refund_sale(sale.id, key=sale.id, by=RefundedBy(terminal=cast.till, reason="spilt"))
    refund = Refund.objects.get()
    assert (refund.refunded_by, refund.refunded_at_terminal) == (on, cast.till)
    assert facts_of("sale.refunded")[0]["by"] == on.pk
