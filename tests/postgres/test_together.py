"""Everybody at once: staff, families and tills act on the same few people, and no two wait for each other."""

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from tests.rights.lunch import give_face

from willing.audit.verifier import verify_log
from willing.biometrics import actions as biometrics
from willing.biometrics.queries import has_face
from willing.core.errors import Refused
from willing.ledger.actions import pay_in
from willing.ledger.queries import verify_ledger
from willing.till import actions as till
from willing.till.models import Terminal

ROUNDS = 12  # of each of the six
NAMES = ("Ada", "Nia", "Wes")


def deadlocks() -> int:
    """Return how many deadlocks the database has broken so far; SQLite knows none."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def family(cast: Any, chance: random.Random) -> None:
    """Say yes, no or withdraw, as guardian or pupil; a yes brings a face where there is none."""
    name = chance.choice(NAMES)
    guardian = chance.choice([None, "Gus" if name == "Ada" else "Gwen"])
    biometrics.decide(cast.says(name, chance.choice(["yes", "no", "withdrawn"]), guardian=guardian))


def office(cast: Any, chance: random.Random) -> None:
    person, user = cast.person(chance.choice(NAMES)), cast.user("office")
    chance.choice(
        [
            lambda: biometrics.suspend_face(person, reason="asked", by=user),
            lambda: biometrics.resume_face(person, by=user),
            lambda: biometrics.say_no(person, None, by=user),
            lambda: pay_in(person, 500, key=uuid4(), by=user),
            lambda: till.issue_card(person, by=user),
            lambda: till.set_limits(person, till.NewLimits(daily_minor=9000), by=user),
            lambda: biometrics.erase_faces(person, cause="office"),
            lambda: has_face(person) or give_face(cast, person.given_name),
        ]
    )()


def officer(cast: Any, chance: random.Random) -> None:
    user, school = cast.user("dpo"), cast.school
    chance.choice(
        [
            lambda: biometrics.lock_faces(school, reason="a test", by=user),
            biometrics.close_overdue_sessions,
            lambda: biometrics.erase_unpermitted_faces(
                [cast.person(name).id for name in NAMES], cause="test"
            ),
        ]
    )()


def counter(cast: Any, chance: random.Random, terminal: Terminal) -> None:
    basket = till.open_basket(terminal, uuid4(), [(cast.meal, 1), (cast.extra, 1)])
    try:
        till.identify_by_card(terminal, basket.id, cast.cards[chance.choice(NAMES)])
        sale = till.confirm_basket(terminal, basket.id)
    except Refused:
        till.cancel_basket(terminal, basket.id)
        raise
    if chance.random() < 0.5:
        till.refund_sale(sale.id, key=uuid4(), by=till.RefundedBy(user=cast.user("office")))


@pytest.mark.parametrize("seed", [1, 2])
def test_actions_on_the_same_people_never_deadlock(cast: Any, seed: int) -> None:
    for name in NAMES:
        give_face(cast, name)
    work: list[Callable[[random.Random], None]] = [
        lambda chance: family(cast, chance),
        lambda chance: family(cast, chance),
        lambda chance: office(cast, chance),
        lambda chance: officer(cast, chance),
        lambda chance, at=cast.till: counter(cast, chance, at),  # type: ignore[misc]
        lambda chance, at=cast.other_till: counter(cast, chance, at),  # type: ignore[misc]
    ]
    wrong: list[Exception] = []
    refused: list[str] = []
    start = threading.Barrier(len(work))

    def run(place: int) -> None:
        chance = random.Random(100 * seed + place)
        start.wait(timeout=30)
        try:
            for _ in range(ROUNDS):
                try:
                    work[place](chance)
                except Refused as refusal:
                    refused.append(refusal.code)
        except Exception as error:  # noqa: BLE001  # a bug in an action too
            wrong.append(error)
        finally:
            connections.close_all()

    before = deadlocks()
    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    assert not wrong
    assert deadlocks() == before
    assert verify_ledger().ok
    assert verify_log().ok
