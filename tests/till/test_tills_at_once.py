"""Several tills at once, each with pupils of its own: none waits for a till it has nothing to do with."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections
from tests.support.money import pay_in

from willing.audit.verify_database import verify_log
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.credentials.pins import set_pin
from willing.ledger.queries import verify_ledger
from willing.people.persons import NewPerson, add_persons
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.devices import allow_refunds
from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits, spent_today
from willing.till.menu_models import Product
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale

SALES = 6  # at each till; half of them by PIN, a third given back, a third carried by the school


def deadlocks() -> int:
    """Return how many deadlocks the database has broken so far; SQLite knows none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def together(work: list[Callable[[], None]]) -> list[Exception]:
    """Run each in a thread of its own, all at once; return what went wrong."""
    wrong: list[Exception] = []
    start = threading.Barrier(len(work))

    def run(one: Callable[[], None]) -> None:
        try:
            start.wait(timeout=30)
            one()
        except (Refused, DatabaseError) as error:
            wrong.append(error)
        finally:
            # PostgreSQL adds up what a connection saw when it ends.
            connections.close_all()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a till still waits"
    return wrong


def lunch(till: Terminal, meal: Product, pupils: list[tuple[int, str, str]]) -> Callable[[], None]:
    def sell() -> None:
        for place, (number, pin, card) in enumerate(pupils):
            basket = open_basket(till, uuid4(), [(meal, 1)])
            if place % 2:
                identify_by_pin(till, basket.id, number, pin)
            else:
                identify_by_card(till, basket.id, card)
            sale = confirm_basket(till, basket.id)
            if place % 3 == 1:
                refund_sale(sale.id, key=uuid4(), by=RefundedBy(terminal=till))

    return sell


@pytest.mark.parametrize("tills", [2, 4, 8])
def test_tills_with_different_baskets_never_deadlock(cast: Any, tills: int) -> None:
    school, work = cast.school, []
    for place in range(tills):
        till = add_terminal(school, NewTerminal(f"Counter {place}"))
        pair_terminal(start_pairing(till), key="api")
        allow_refunds(till, by=cast.user("office"))
        pupils: list[tuple[int, str, str]] = []
        for person in add_persons(school, [NewPerson(f"Pupil {place}-{n}") for n in range(SALES)]):
            if len(pupils) % 3:  # the school carries the others' lunch, so three accounts move
                pay_in(person, 2000, key=uuid4())
            set_pin(person, "4711")
            pupils.append((person.till_number, "4711", issue_card(person)))
        work.append(lunch(Terminal.objects.select_related("school").get(pk=till.pk), cast.meal, pupils))
    before = deadlocks()
    assert not together(work)
    assert deadlocks() == before
    assert Sale.objects.count() == tills * SALES
    assert sorted(Sale.objects.values_list("receipt_number", flat=True)) == list(range(1, tills * SALES + 1))
    assert verify_ledger().ok
    assert verify_log().ok


def press_yes(till: Terminal, basket: UUID, sold: list[int]) -> Callable[[], None]:
    def confirm() -> None:
        sold.append(confirm_basket(till, basket).total_minor)

    return confirm


@pytest.mark.parametrize("way", ["card", "face"])
@pytest.mark.parametrize("attempt", range(4))
def test_two_tills_at_once_never_pass_a_days_limit_together(cast: Any, way: str, attempt: int) -> None:
    """Two extras at two tills, each within the limit and both together beyond it: one is sold."""
    ada, price = cast.person("Ada"), cast.extra.price_minor
    limits = NewLimits(daily_minor=price) if way == "card" else NewLimits(face_daily_minor=price)
    set_limits(ada, limits, by=cast.guardian("Gus"))
    sold: list[int] = []
    work = []
    for till in (cast.till, cast.other_till):
        basket = open_basket(till, uuid4(), [(cast.extra, 1)])
        if way == "card":
            identify_by_card(till, basket.id, cast.cards["Ada"])
        else:  # as a look at her face would
            Basket.objects.filter(pk=basket.pk).update(state="identified", person=ada, way="face")
        work.append(press_yes(till, basket.id, sold))
    (refused,) = together(work)
    expected = "daily_limit_reached" if way == "card" else "face_used_up"
    assert getattr(refused, "code", refused) == expected
    assert (sold, spent_today(ada).wallet_minor) == ([price], price)
