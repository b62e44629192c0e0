"""Everybody at once: staff, families and tills act on the same few people, and no two wait for each other."""

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from tests.support.money import pay_in
from tests.support.till import give_face

from willing.audit.verify_database import verify_log
from willing.biometrics.consent_changes import record_consent, record_refusal
from willing.biometrics.erasure import erase_faces, erase_unpermitted_faces
from willing.biometrics.face_sessions import close_overdue_sessions, lock_faces
from willing.biometrics.queries import has_face
from willing.biometrics.suspension import resume_face, suspend_face
from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.ledger.queries import verify_ledger
from willing.terminals.models import Terminal
from willing.till.baskets import cancel_basket, open_basket
from willing.till.identification import identify_by_card
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale

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
    record_consent(cast.says(name, chance.choice(["yes", "no", "withdrawn"]), guardian=guardian))


def office(cast: Any, chance: random.Random) -> None:
    person, user = cast.person(chance.choice(NAMES)), cast.user("office")
    chance.choice(
        [
            lambda: suspend_face(person, reason="asked", by=user),
            lambda: resume_face(person, by=user),
            lambda: record_refusal(person, None, by=user),
            lambda: pay_in(person, 500, key=uuid4(), by=user),
            lambda: issue_card(person, by=user),
            lambda: set_limits(person, NewLimits(daily_minor=9000), by=user),
            lambda: erase_faces(person, cause="office"),
            lambda: has_face(person) or give_face(cast, person.given_name),
        ]
    )()


def officer(cast: Any, chance: random.Random) -> None:
    user, school = cast.user("dpo"), cast.school
    deeds: list[Callable[[], object]] = [
        lambda: lock_faces(school, reason="a test", by=user),
        close_overdue_sessions,
        lambda: erase_unpermitted_faces([cast.person(name).id for name in NAMES], cause="test"),
    ]
    chance.choice(deeds)()


def counter(cast: Any, chance: random.Random, terminal: Terminal) -> None:
    basket = open_basket(terminal, uuid4(), [(cast.meal, 1), (cast.extra, 1)])
    try:
        identify_by_card(terminal, basket.id, cast.cards[chance.choice(NAMES)])
        sale = confirm_basket(terminal, basket.id)
    except Refused:
        cancel_basket(terminal, basket.id)
        raise
    if chance.random() < 0.5:
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))


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
