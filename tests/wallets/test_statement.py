"""A month of a wallet: every movement has a name, and opening and closing balance are the ledger's."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import translation
from tests.support.books import build_books
from tests.support.money import pay_in
from tests.support.spending import grant_sum
from tests.support.till import pay

from willing.core import clock
from willing.ledger.accounts import open_wallet
from willing.ledger.actions import Order, merge_wallets, post
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor
from willing.people.models import Person
from willing.privacy.personal_data import personal_data_of
from willing.privacy.readers import OFFICE
from willing.till.refunds import RefundedBy, refund_sale
from willing.wallets.labels import name_of
from willing.wallets.moves import give_to_school, move_to_sibling, reverse_pay_in, write_off
from willing.wallets.statement import months_of, movements_of, statement_of

# The next but one end of March at the latest: the cast is made today, and time goes on.
MARCH = datetime(datetime.now(UTC).year + 1, 3, 30, 12, 0, tzinfo=UTC)


def ticking(begin):
    """Return a clock that goes on by a millisecond whenever it is read."""
    milliseconds = itertools.count()
    return lambda: begin + timedelta(milliseconds=next(milliseconds))


def live(cast):
    """Let everything that there is happen to Nia's wallet, from the end of March on, a day apart."""
    nia, wes, office = cast.person("Nia"), cast.person("Wes"), cast.user("office")
    by, gwen = RefundedBy(user=office), cast.guardian("Gwen")

    def sell():
        sale = pay(cast, "Nia", cast.meal, cast.extra, cast.extra)
        refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: 1})

    def wrong():
        paid = pay_in(nia, 3000, key=uuid4(), by=office)
        reverse_pay_in(cast.school, paid.id, 2700, words="300 was meant", key=uuid4(), by=office)

    deeds = (
        sell,
        wrong,
        lambda: move_to_sibling(nia, wes, 150, key=uuid4(), by=gwen),
        lambda: move_to_sibling(wes, nia, 40, key=uuid4(), by=gwen),
        lambda: grant_sum(nia, 10, by=office),  # less than a meal: the wallet pays on a school day, too
        lambda: pay(cast, "Nia", cast.meal, cast.extra),
    )
    for day, deed in enumerate(deeds):
        with clock.running(ticking(MARCH + timedelta(days=day))):
            deed()
    return nia


def test_the_statements_of_all_months_add_up_to_the_ledger_and_name_everything(cast):
    nia = live(cast)
    wallet = Account.objects.get(person=nia)
    with clock.running(lambda: MARCH + timedelta(days=9)):
        months = [statement_of(nia, month) for month in sorted(months_of(nia))]
    balance, moved = 0, set()
    for one in months:
        assert one.opening_minor == balance
        for movement in one.movements:
            balance += movement.amount_minor
            assert movement.balance_minor == balance
            moved.add(movement.transfer.reason)
            for language in ("en", "zh-hans"):
                with translation.override(language):
                    words = name_of(movement)
                    assert words
                    assert words not in dict(Transfer.Reason.choices).values()
        assert one.closing_minor == balance
    assert balance == wallet.balance_minor == available_minor(nia)
    assert moved == {"topup", "sale", "refund", "reversal", "sibling"}
    names = [name_of(one) for one in months[-2].movements]
    assert names[:2] == ["Bought: Pasta, Juice × 2 (receipt 1)", "Refund of receipt 1 (Juice)"]
    assert "A pay-in was wrong and was taken back: 300 was meant" in names
    april = [name_of(one) for one in months[-1].movements]
    assert april == ["To Wes's balance", "From Wes's balance", "Bought: Pasta, Juice (receipt 2)"]


def test_a_sale_for_which_the_wallet_pays_in_two_categories_is_one_movement(cast):
    with clock.running(lambda: MARCH):
        sale = pay(cast, "Carl", cast.meal, cast.extra)
        (movement,) = statement_of(cast.person("Carl"), MARCH.date().replace(day=1)).movements
    assert Transfer.objects.filter(reference=sale.id).count() == 2
    assert movement.amount_minor == -340


def test_a_gift_a_write_off_and_an_earlier_record_have_their_names_too(cast):
    ada, bo, carl = (cast.person(one) for one in ("Ada", "Bo", "Carl"))
    Person.objects.filter(given_name__in=["Ada", "Bo"]).update(left_at=MARCH)
    deeds = (
        lambda: merge_wallets(carl, ada),
        lambda: give_to_school(cast.person("Ada"), 100, key=uuid4(), by=cast.guardian("Gus")),
        lambda: write_off(cast.person("Bo"), words="moved away", key=uuid4(), by=cast.user("office")),
    )
    order = Order(uuid4(), open_wallet(bo).id, open_wallet(carl).id, 250, "merge", bo.id)
    for minute, deed in enumerate((lambda: post(order), *deeds)):
        with clock.running(ticking(MARCH + timedelta(minutes=minute))):
            deed()
    month = MARCH.date().replace(day=1)
    names = [name_of(one) for person in (ada, bo) for one in statement_of(person, month).movements]
    assert names == [
        "Balance of an earlier record of the same person",
        "Given to the school's meals",
        "Balance of an earlier record of the same person",
        "The school gave up what was owed: moved away",
    ]


def test_a_wallet_without_movements_has_this_month_and_nothing_in_it(cast):
    bo = cast.person("Bo")
    (month,) = months_of(bo)
    found = statement_of(bo, month)
    assert (found.opening_minor, found.closing_minor, found.movements) == (0, 0, ())


def test_a_wallet_of_many_years_is_read_whole(db):
    build_books(1_200, persons=1)
    person = Person.objects.get(family_name="Books")
    movements = movements_of(person)
    assert len(movements) == 1_200
    assert sum(one.sale is not None for one in movements) > 1_000
    assert movements[-1].balance_minor == available_minor(person)
    assert len(json.dumps(personal_data_of(person, OFFICE), default=str)) > 100 * 1_000


@pytest.mark.parametrize("newest", [1, 40, 400])
def test_the_newest_movements_are_the_last_of_all_of_them(db, newest):
    build_books(1_200, until=clock.now(), persons=1)
    person = Person.objects.get(family_name="Books")
    assert movements_of(person, newest) == movements_of(person)[-newest:]
    assert len(movements_of(person, newest)) == newest


def test_all_movements_are_the_newest_of_a_short_list(cast):
    pay_in(cast.person("Carl"), 500, key=uuid4())
    assert movements_of(cast.person("Carl"), 100) == movements_of(cast.person("Carl"))
