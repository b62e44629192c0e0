"""Time tells nobody which till numbers and cards there are: 500 interleaved tries each, with the real hash.

Run by hand or with `make faults`: it takes some three minutes. The seed orders the tries; the figure is the
area under the curve of a Mann-Whitney test: 0.5 means that a single time says nothing.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from willing.core.errors import Refused
from willing.credentials.cards import issue_card
from willing.credentials.models import Pin
from willing.credentials.pin_attempts import decoy_hash, hash_pin
from willing.credentials.pins import identify_by_card_and_pin
from willing.people.persons import NewPerson, add_person
from willing.till.baskets import open_basket
from willing.till.identification import identify_by_pin

TRIES = int(os.environ.get("TRIES", "500"))
SEED = int(os.environ.get("SEED", "9106"))
TELLS_NOTHING = (0.44, 0.56)
pytestmark = pytest.mark.faults


def area(known: list[float], unknown: list[float]) -> float:
    """Return how often a known one took longer than an unknown one, ties as halves."""
    ordered = sorted([(one, 1) for one in known] + [(one, 0) for one in unknown])
    ranks = sum(rank for rank, (_, is_known) in enumerate(ordered, start=1) if is_known)
    return (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))


def measure(known: list[Any], unknown: list[Any], attempt: Callable[[Any], None]) -> float:
    tries = [(one, True) for one in known] + [(one, False) for one in unknown]
    random.Random(SEED).shuffle(tries)
    took: dict[bool, list[float]] = {True: [], False: []}
    for one, is_known in tries:
        began = time.perf_counter()
        with pytest.raises(Refused):
            attempt(one)
        took[is_known].append(time.perf_counter() - began)
    found = area(took[True], took[False])
    medians = {
        ("known" if is_known else "unknown"): sorted(times)[len(times) // 2]
        for is_known, times in took.items()
    }
    sys.stdout.write(f"seed {SEED}, {TRIES} tries each: AUC {found:.3f}, medians {medians}\n")
    return found


@pytest.fixture
def pupils(cast: Any) -> Any:
    """As many pupils as there are tries, so that none is locked; one hash does for all."""
    with override_settings(PASSWORD_HASHERS=["willing.core.hashing.PinArgon2"]):
        decoy_hash()
        people = [add_person(cast.school, NewPerson(f"Pupil {n}")) for n in range(TRIES)]
        hashed = hash_pin(str(people[0].id), "4711")
        Pin.objects.bulk_create([Pin(person=one, hashed=hashed) for one in people])
        yield people


def test_the_time_of_a_wrong_pin_says_nothing_about_the_number(cast: Any, pupils: Any) -> None:
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    known = [one.till_number for one in pupils]
    unknown = [1_000_000 + n for n in range(TRIES)]

    def attempt(number: int) -> None:
        identify_by_pin(cast.till, basket.id, number, "0000")

    found = measure(known, unknown, attempt)
    assert TELLS_NOTHING[0] <= found <= TELLS_NOTHING[1]


def test_the_time_of_a_wrong_pin_says_nothing_about_the_card(cast: Any, pupils: Any) -> None:
    known = [issue_card(one) for one in pupils]
    unknown = [f"{n:012d}" for n in range(TRIES)]

    def attempt(code: str) -> None:
        identify_by_card_and_pin(cast.school, code, "0000")

    found = measure(known, unknown, attempt)
    assert TELLS_NOTHING[0] <= found <= TELLS_NOTHING[1]


def test_the_time_of_a_locked_number_says_nothing_either(cast: Any) -> None:
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    number = cast.person("Carl").till_number

    def attempt(which: int) -> None:
        identify_by_pin(cast.till, basket.id, which, "0000")

    for which in (number, 1_000_000):
        for _ in range(6):
            with pytest.raises(Refused):
                attempt(which)
    found = measure([number] * TRIES, [1_000_000] * TRIES, attempt)
    assert TELLS_NOTHING[0] <= found <= TELLS_NOTHING[1]
