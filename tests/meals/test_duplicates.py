"""Two purchases that may be one: asked about at the till, found later, refunded where certain, undone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.api.caller import Till
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press
from tests.support.clocks import stopped_at
from tests.support.signing import sign_in
from tests.support.till import fill_basket, identify, pay

from willing.audit.models import Entry
from willing.core.clock import now
from willing.core.errors import Refused
from willing.ledger.actions import Order, post
from willing.ledger.models import Account
from willing.ledger.queries import available_minor, verify_ledger
from willing.meals.duplicates import (
    count_open,
    find_duplicates,
    find_duplicates_here,
    keep_both,
    listed_duplicates,
    refund_duplicate,
)
from willing.meals.models import Duplicate
from willing.meals.rules import Bought, Repetition, decide_duplicate
from willing.till.basket_states import back_to_open
from willing.till.baskets import add_product
from willing.till.books import verify_sales
from willing.till.charging_again import charge_again
from willing.till.identification import identify_by_card
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.rules import is_repeat

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ONE = Bought(NOON, "1", 250, (("pasta", 1),))


def bought(seconds: int, **changes: Any) -> Bought:
    values = {"till": "1", "total_minor": 250, "lines": (("pasta", 1),), "is_checked": False}
    return Bought(NOON + timedelta(seconds=seconds), **{**values, **changes})


@pytest.mark.parametrize(
    ("second", "likeness"),
    [
        (bought(0), Repetition.CERTAIN),
        (bought(19), Repetition.CERTAIN),
        (bought(20), Repetition.SUSPECT),
        (bought(5, till="2"), Repetition.SUSPECT),
        (bought(5, lines=(("soup", 1),)), Repetition.SUSPECT),
        (bought(599), Repetition.SUSPECT),
        (bought(600), Repetition.NONE),
        (bought(5, is_checked=True), Repetition.NONE),
        (bought(5, total_minor=340), Repetition.NONE),
    ],
    ids=str,
)
def test_only_the_same_lines_at_the_same_till_at_once_are_certain(
    second: Bought, likeness: Repetition
) -> None:
    assert decide_duplicate(ONE, second) is likeness


def test_what_costs_nothing_is_no_duplicate() -> None:
    free = bought(0, total_minor=0)
    assert decide_duplicate(free, free) is Repetition.NONE


@pytest.mark.parametrize(
    ("seconds", "asked"), [(0, True), (119, True), (120, False), (-5, False), (None, False)]
)
def test_the_till_asks_within_two_minutes(seconds: int | None, asked: bool) -> None:
    before = None if seconds is None else NOON - timedelta(seconds=seconds)
    assert is_repeat(before, NOON) is asked


def at_second(seconds: int) -> Any:
    return stopped_at(NOON + timedelta(seconds=seconds))


def test_the_cashier_presses_once_and_the_second_purchase_goes_through(cast: Any) -> None:
    till = at(cast.till, cast)
    for number in (1, 2):
        press(till, "add", product=cast.meal.id)
        press(till, "card", code=cast.cards["Carl"])
        screen = press(till, "confirm", basket=Basket.objects.get(state="identified").pk)
        if number == 1:
            assert "Sell it again" not in screen
            press(till, "next")
    assert "the cashier presses first" in screen
    assert "Sell it again" in screen
    assert Sale.objects.count() == 1
    paid = press(till, "repeat")
    assert "Sell it again" not in paid
    assert list(Sale.objects.order_by("receipt_number").values_list("is_repeat_checked", flat=True)) == [
        False,
        True,
    ]
    press(till, "repeat")  # pressed twice
    assert Sale.objects.count() == 2


def test_another_sum_another_person_and_two_minutes_later_ask_nothing(cast: Any) -> None:
    def sell(name: str, *products: Any) -> None:
        basket = fill_basket(cast, *products)
        identify(cast, basket, name)
        confirm_basket(cast.till, basket.id, is_repeat_checked=False)

    with at_second(0):
        sell("Carl", cast.meal)
        sell("Nia", cast.meal)
        sell("Carl", cast.meal, cast.extra)
        with pytest.raises(Refused, match="repeat_check_needed"):
            sell("Carl", cast.meal)
    with at_second(121):
        basket = Basket.objects.get(state="identified")
        back_to_open(basket)
        identify(cast, basket, "Carl")
        confirm_basket(cast.till, basket.id, is_repeat_checked=False)
    assert not Sale.objects.filter(is_repeat_checked=True).exists()


def test_a_refunded_purchase_is_no_reason_to_ask(cast: Any) -> None:
    sale = pay(cast, "Carl")
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    basket = fill_basket(cast)
    identify(cast, basket, "Carl")
    assert not confirm_basket(cast.till, basket.id, is_repeat_checked=False).is_repeat_checked


def test_a_till_of_another_maker_asks_its_cashier_and_sends_the_answer(cast: Any) -> None:
    till = Till(cast, cast.till)
    till.sell(cast)
    basket = till.basket(cast)
    path = f"/baskets/{basket['id']}"
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]})
    refused = till.post(f"{path}/confirm", {"total_minor": 250})
    assert (refused.status_code, refused.json()["code"]) == (409, "repeat_check_needed")
    paid = till.post(f"{path}/confirm", {"total_minor": 250, "repeat_checked": True})
    assert paid.status_code == 200
    assert Sale.objects.filter(is_repeat_checked=True).count() == 1


def twice(cast: Any, *, seconds: int = 10, other_till: bool = False) -> tuple[Sale, Sale]:
    """Let Carl pay for the same twice, as if no cashier had been asked."""
    with at_second(0):
        first = pay(cast, "Carl")
    with at_second(seconds):
        terminal = cast.other_till if other_till else cast.till
        basket = add_product(terminal, cast.meal)
        identify_by_card(terminal, basket.id, cast.cards["Carl"])
        return first, confirm_basket(terminal, basket.id)


def later() -> Any:
    return at_second(3600)


def test_a_certain_duplicate_is_refunded_by_itself_once(cast: Any) -> None:
    _first, second = twice(cast)
    with later():
        assert find_duplicates(cast.school) == 1
        assert find_duplicates(cast.school) == 0
        find_duplicates_here()
    pair = Duplicate.objects.get()
    assert (pair.state, pair.second, pair.is_certain) == ("refunded", second, True)
    assert pair.refund is not None
    assert (pair.refund.is_automatic, pair.refund.refunded_by) == (True, None)
    assert available_minor(cast.person("Carl")) == 1750
    assert Entry.objects.filter(event="duplicate.found", subject=cast.person("Carl").id).count() == 1
    assert verify_sales().ok


@pytest.mark.parametrize(("seconds", "other_till"), [(300, False), (5, True)])
def test_what_is_not_certain_waits_for_the_office(cast: Any, seconds: int, other_till: bool) -> None:
    twice(cast, seconds=seconds, other_till=other_till)
    with later():
        find_duplicates(cast.school)
        assert count_open(cast.school) == 1
        assert available_minor(cast.person("Carl")) == 1500
        pair = refund_duplicate(cast.school, Duplicate.objects.get().id, by=cast.user("office"))
        assert (pair.state, pair.refund.is_automatic) == ("refunded", False)
        assert available_minor(cast.person("Carl")) == 1750
        for decide in (refund_duplicate, keep_both):
            with pytest.raises(Refused, match="duplicate_decided"):
                decide(cast.school, pair.id, by=cast.user("office"))
        with pytest.raises(Refused, match="duplicate_unknown"):
            keep_both(cast.school, uuid4(), by=cast.user("office"))


def test_what_the_cashier_confirmed_is_never_a_suspect(cast: Any) -> None:
    with at_second(0):
        pay(cast, "Carl")
    with at_second(5):
        basket = fill_basket(cast)
        identify(cast, basket, "Carl")
        confirm_basket(cast.till, basket.id, is_repeat_checked=True)
    with later():
        assert find_duplicates(cast.school) == 0


def test_the_office_undoes_a_refund_and_the_second_is_charged_again(cast: Any) -> None:
    office = cast.user("office")
    first, _second = twice(cast)
    with pytest.raises(Refused, match="sale_not_refunded"):
        charge_again(first, key=uuid4(), by=office)
    with later():
        find_duplicates(cast.school)
        pair = Duplicate.objects.get()
        for _ in range(2):
            pair = keep_both(cast.school, pair.id, by=office)
        assert pair.state == "meant"
        again = pair.charged_again
        assert again is not None
        assert (again.receipt_number, again.total_minor, again.way) == (3, 250, "card")
        assert available_minor(cast.person("Carl")) == 1500
        assert find_duplicates(cast.school) == 0  # what was charged again is no suspect
    assert verify_sales().ok
    assert verify_ledger().ok


def test_nothing_is_charged_again_that_the_wallet_does_not_cover(cast: Any) -> None:
    twice(cast)
    school, carl = cast.school, cast.person("Carl")
    with later():
        find_duplicates(school)
        wallet = Account.objects.get(person=carl)
        other = Account.objects.get(person=cast.person("Nia"))
        everything = available_minor(carl) + school.grace_minor
        post(Order(uuid4(), wallet.id, other.id, everything, "merge", uuid4()))
        with pytest.raises(Refused, match="not_covered"):
            keep_both(school, Duplicate.objects.get().id, by=cast.user("office"))
    assert Duplicate.objects.get().state == "refunded"


def test_both_that_were_meant_stay_as_they_are(cast: Any) -> None:
    twice(cast, seconds=60)
    with later():
        find_duplicates(cast.school)
        pair = keep_both(cast.school, Duplicate.objects.get().id, by=cast.user("office"))
        assert (pair.state, pair.charged_again) == ("meant", None)
        assert available_minor(cast.person("Carl")) == 1500
        assert [one.id for one in listed_duplicates(cast.school)] == [pair.id]


def test_the_office_reads_and_decides_on_its_page(cast: Any, client: Any) -> None:
    sign_in(client, cast.user("office"))
    page = "/staff/meals/duplicates/"
    assert "Nothing looks like it was charged twice" in client.get(page).content.decode()
    pay(cast, "Carl")
    pay(cast, "Carl", way="pin")
    Sale.objects.filter(receipt_number=1).update(settled_at=now() - timedelta(minutes=1))
    find_duplicates(cast.school)
    assert "/staff/meals/duplicates/" in client.get("/staff/today/").content.decode()
    pair = Duplicate.objects.get()
    assert "Carl Cardholder" in client.get(page).content.decode()
    text = client.post(f"{page}{pair.id}/refund/", follow=True).content.decode()
    assert "is refunded" in text
    assert "decided about this pair" in client.post(f"{page}{pair.id}/keep/", follow=True).content.decode()
    assert "/staff/meals/duplicates/" not in client.get("/staff/today/").content.decode()
