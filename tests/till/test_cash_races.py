"""Cash at a till against the close of its drawer: each is wholly before the other, and no coin is between."""

from uuid import uuid4

import pytest
from tests.support.cash import open_till_drawer, pay_cash
from tests.support.races import at_once
from tests.support.till import fill_basket

from willing.drawers.actions import take_from_drawer
from willing.drawers.books import verify_drawers
from willing.drawers.models import DrawerSession
from willing.drawers.queries import holds_minor
from willing.drawers.sessions import Close, close_session, count_drawer
from willing.ledger.queries import verify_ledger
from willing.terminals.sign_ons import sign_on
from willing.till.books import verify_sales
from willing.till.cash import Tender, sell_for_cash
from willing.till.models import Sale
from willing.till.refund_models import Refund
from willing.till.voids import void_last_sale

PRICE = 250


@pytest.fixture
def drawer(cast):
    sign_on(cast.till, cast.user("cashier"))
    return open_till_drawer(cast.till)


def close(drawer):
    return close_session(drawer, Close(), by=None)


def require_sound():
    assert verify_ledger().ok
    assert verify_sales().wrong == ()
    assert not verify_drawers()


@pytest.mark.parametrize("_round", range(4))
def test_a_sale_is_in_the_day_that_is_closed_or_is_refused(cast, drawer, _round):
    basket, till = fill_basket(cast), cast.till
    count_drawer(drawer, 0, by=None)
    tender = Tender("visitor", PRICE, PRICE)
    sold, closed = at_once(lambda: sell_for_cash(till, basket.id, tender), lambda: close(drawer))
    if isinstance(sold, Sale):  # what came in makes the count void
        assert closed == "drawer_not_counted"
        assert (sold.drawer_session.closed_at, holds_minor(drawer)) == (None, PRICE)
    else:
        assert sold == "drawer_closed"
        assert isinstance(closed, DrawerSession)
        assert (Sale.objects.exists(), holds_minor(drawer)) == (False, 0)
    require_sound()


@pytest.mark.parametrize("_round", range(4))
def test_a_void_is_in_the_day_that_is_closed_or_is_refused(cast, drawer, _round):
    sale, till = pay_cash(cast), cast.till
    count_drawer(drawer, PRICE, by=None)
    void, closed = at_once(lambda: void_last_sale(till, sale.id), lambda: close(drawer))
    if isinstance(void, Refund):
        assert (closed, holds_minor(drawer)) == ("drawer_not_counted", 0)
    else:
        assert void in ("void_after_close", "drawer_closed")
        assert isinstance(closed, DrawerSession)
        assert closed.counted_minor == PRICE
    require_sound()


@pytest.mark.parametrize("_round", range(3))
def test_a_sale_and_cash_that_is_taken_out_never_both_spend_the_same_coins(cast, drawer, _round):
    sale, till = pay_cash(cast), cast.till
    void, taken = at_once(
        lambda: void_last_sale(till, sale.id), lambda: take_from_drawer(drawer, PRICE, key=uuid4(), by=None)
    )
    assert [void, taken].count("drawer_holds_less") == 1
    assert holds_minor(drawer) == 0
    require_sound()


@pytest.mark.parametrize("_round", range(3))
def test_pressed_twice_at_once_it_is_one_sale(cast, drawer, _round):
    basket, till = fill_basket(cast), cast.till
    tender = Tender("staff", PRICE, 500)
    first, second = at_once(*[lambda: sell_for_cash(till, basket.id, tender)] * 2)
    assert first == second == Sale.objects.get()
    assert holds_minor(drawer) == PRICE
    require_sound()
