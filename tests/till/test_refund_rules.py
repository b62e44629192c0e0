"""Who gets what back of a sale: a pure rule, and what must hold of it for any sale."""

from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from willing.till.refund_rules import Paid, decide_refund
from willing.till.rules import Funding, Granted, Item, Payer, decide_funding, divide

E, C, W = Payer.ENTITLEMENT, Payer.CARRIED, Payer.WALLET


def paid_of(items: list[Item], funding: Funding) -> list[Paid]:
    """Return the transfers of a sale as they stand before any refund."""
    parts = divide(items, funding)
    return [Paid(UUID(int=n), one.payer, one.category, one.amount_minor) for n, one in enumerate(parts)]


def back_by_payer(paid: list[Paid], due: dict[str, int]) -> dict[Payer, int]:
    sums = dict.fromkeys((E, C, W), 0)
    for one in decide_refund(paid, due):
        assert 0 < one.amount_minor <= one.paid.left_minor
        sums[one.paid.payer] += one.amount_minor
    return sums


def test_what_the_school_carried_goes_back_first_then_the_wallet_then_the_entitlement() -> None:
    items = [Item(250, 1, True, "meal"), Item(200, 1, False, "meal")]
    paid = paid_of(items, Funding(200, 100, 150))
    assert back_by_payer(paid, {"meal": 100}) == {E: 0, C: 100, W: 0}
    assert back_by_payer(paid, {"meal": 200}) == {E: 0, C: 150, W: 50}
    assert back_by_payer(paid, {"meal": 400}) == {E: 50, C: 150, W: 200}


def test_each_category_gives_back_its_own_money() -> None:
    items = [Item(250, 1, True, "meal"), Item(90, 1, False, "drink")]
    paid = paid_of(items, Funding(90, 250, 0))
    assert back_by_payer(paid, {"meal": 250}) == {E: 250, C: 0, W: 0}
    assert back_by_payer(paid, {"drink": 90}) == {E: 0, C: 0, W: 90}


def test_a_product_that_the_menu_has_moved_is_refunded_from_what_the_sale_has() -> None:
    paid = paid_of([Item(250, 1, True, "meal")], Funding(150, 100, 0))
    assert back_by_payer(paid, {"snack": 200}) == {E: 50, C: 0, W: 150}
    assert decide_refund(paid, {"snack": 0}) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 3), st.booleans()), min_size=1, max_size=4),
    st.integers(-500, 1500),
    st.integers(0, 600),
    st.data(),
)
def test_what_is_left_of_one_category_is_paid_as_if_only_the_rest_had_been_bought(
    lines: list[tuple[int, int, bool]], available: int, allowance: int, data: st.DataObject
) -> None:
    items = [Item(price, quantity, is_meal, "meal") for price, quantity, is_meal in lines]
    funding = decide_funding(items, available, 1500, Granted(sum_minor=allowance))
    if funding is None:
        return
    paid = paid_of(items, funding)
    kept = [data.draw(st.integers(0, item.quantity)) for item in items]
    due = sum(item.price_minor * (item.quantity - left) for item, left in zip(items, kept, strict=True))
    back = back_by_payer(paid, {"meal": due})
    rest = funding.total_minor - due
    assert sum(back.values()) == due
    assert funding.entitled_minor - back[E] == min(rest, allowance)
    wallet = funding.wallet_minor - back[W]
    assert wallet == min(rest - min(rest, allowance), funding.wallet_minor)
