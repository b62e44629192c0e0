"""Guessing at numbers, cards and PINs: no answer, no lock and no stop of the server tells which exist."""

import threading
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.test import override_settings

from willing.audit.models import Entry
from willing.config import settings
from willing.core import hashing
from willing.core.clock import now, running
from willing.core.errors import Refused
from willing.credentials import identification, pin_attempts
from willing.credentials.models import Pin, PinAttempts
from willing.credentials.pins import identify_by_card_and_pin, set_pin
from willing.credentials.queries import key_of_number, pin_attempts_of
from willing.till.baskets import cancel_basket, open_basket
from willing.till.identification import identify_by_pin

NOBODYS = 999_999


def later(minutes: int) -> AbstractContextManager[None]:
    at = now() + timedelta(minutes=minutes)
    return running(lambda: at)


def answers(cast: Any, number: int, times: int) -> list[str]:
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    found = []
    for _ in range(times):
        with pytest.raises(Refused) as refused:
            identify_by_pin(cast.till, basket.id, number, "0000")
        found.append(refused.value.code)
    cancel_basket(cast.till, basket.id)
    return found


def proofs(cast: Any, code: str, times: int) -> list[str]:
    found = []
    for _ in range(times):
        with pytest.raises(Refused) as refused:
            identify_by_card_and_pin(cast.school, code, "0000")
        found.append(refused.value.code)
    return found


def test_an_unknown_number_is_answered_and_locked_like_a_known_one(cast: Any) -> None:
    expected = ["pin_wrong"] * 4 + ["pin_locked"] * 3
    assert answers(cast, NOBODYS, 7) == expected
    assert answers(cast, cast.person("Carl").till_number, 7) == expected
    assert Entry.objects.filter(event="pin.locked").count() == 2
    with later(5):
        for number in (NOBODYS, cast.person("Carl").till_number):
            assert answers(cast, number, 1) == ["pin_wrong"]


def test_an_unknown_card_is_answered_and_locked_like_a_known_one(cast: Any) -> None:
    expected = ["card_or_pin_wrong"] * 4 + ["pin_locked"] * 3
    assert proofs(cast, "ABCD-EFGH-JKMN", 7) == expected
    assert proofs(cast, cast.cards["Carl"], 7) == expected
    assert answers(cast, cast.person("Carl").till_number, 1) == ["pin_locked"]  # one count for card and till


def test_known_and_unknown_numbers_hash_once_each(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pin_attempts.decoy_hash()
    hashed: list[str] = []
    real = check_password

    def counted(*args: Any, **kwargs: Any) -> bool:
        hashed.append(args[1])
        return real(*args, **kwargs)

    def never(*_: Any) -> str:
        raise AssertionError("a try made a new hash")

    monkeypatch.setattr(pin_attempts, "check_password", counted)
    monkeypatch.setattr(pin_attempts, "make_password", never)
    answers(cast, NOBODYS, 2)
    answers(cast, cast.person("Carl").till_number, 2)
    proofs(cast, "ABCD-EFGH-JKMN", 1)
    assert len(hashed) == 5
    assert hashed[0] == hashed[1] == hashed[4]


def test_what_was_tried_is_kept_under_no_number_and_for_minutes_only(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pin_attempts, "_cleared_at", None)
    answers(cast, NOBODYS, 1)
    assert str(NOBODYS) not in str(list(PinAttempts.objects.values()))
    with later(11):
        answers(cast, NOBODYS - 1, 1)
        assert PinAttempts.objects.count() == 1


def test_wrong_tries_long_ago_lock_nothing_today(cast: Any) -> None:
    assert answers(cast, cast.person("Carl").till_number, 4) == ["pin_wrong"] * 4
    with later(5):
        assert answers(cast, cast.person("Carl").till_number, 1) == ["pin_wrong"]


@pytest.mark.parametrize("right", [True, False], ids=["a right PIN", "a wrong PIN"])
def test_a_try_that_the_server_did_not_live_to_compare_is_given_back(
    cast: Any, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    carl = cast.person("Carl")
    assert answers(cast, carl.till_number, 3) == ["pin_wrong"] * 3

    def stops(*_: Any) -> bool:
        raise SystemExit

    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1)])
    with monkeypatch.context() as patch:
        patch.setattr(identification, "is_right_pin", stops)
        for _ in range(2):
            with pytest.raises(SystemExit):
                identify_by_pin(cast.till, basket.id, carl.till_number, cast.pins["Carl"])
    assert (pin_attempts_of(carl).wrong_attempts, pin_attempts_of(carl).unfinished) == (
        5,
        2,
    )  # until then it counts
    assert pin_attempts.return_unfinished_attempts() == 1  # what a start does
    assert (pin_attempts_of(carl).wrong_attempts, pin_attempts_of(carl).locked_until) == (3, None)
    if right:
        assert identify_by_pin(cast.till, basket.id, carl.till_number, cast.pins["Carl"]).person == carl
        assert not PinAttempts.objects.exists()
    else:
        cancel_basket(cast.till, basket.id)
        assert answers(cast, carl.till_number, 2) == ["pin_wrong", "pin_locked"]
    assert pin_attempts.return_unfinished_attempts() == 0


def test_tries_at_the_same_moment_cannot_outrun_the_count(cast: Any) -> None:
    number = cast.person("Carl").till_number
    key = key_of_number(cast.school, number)
    states = [pin_attempts.count_attempt(key) for _ in range(8)]  # none compared yet
    assert [state.is_locked for state in states] == [False] * 5 + [True] * 3


def test_a_new_pin_forgets_the_tries_before_it(cast: Any) -> None:
    carl = cast.person("Carl")
    answers(cast, carl.till_number, 5)
    set_pin(carl, "7391")
    assert not PinAttempts.objects.exists()


def test_a_passwords_hash_is_rfc_9106s_second_choice_and_few_run_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):
        assert "$m=65536,t=3,p=4$" in make_password("x")
    running_now, most, guard = 0, 0, threading.Lock()

    def slow(*_: Any) -> bool:
        nonlocal running_now, most
        with guard:
            running_now += 1
            most = max(most, running_now)
        threading.Event().wait(0.01)
        with guard:
            running_now -= 1
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    hasher = hashing.BoundedArgon2()
    threads = [threading.Thread(target=hasher.verify, args=("a", "b")) for _ in range(20)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == hashing.AT_ONCE_MAX


def test_a_pin_hashed_at_another_cost_is_hashed_anew_when_it_is_right(cast: Any) -> None:
    row = Pin.objects.get(person=cast.person("Carl"))
    before = row.hashed
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):
        assert pin_attempts.is_right_pin(cast.pins["Carl"], row)
    after = Pin.objects.get(person=cast.person("Carl")).hashed
    assert after != before
    assert after.startswith("argon2_pin$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_pin_hashed_as_a_password_was_is_hashed_anew_when_it_is_right(cast: Any) -> None:
    row = Pin.objects.get(person=cast.person("Carl"))
    typed = pin_attempts._pin_digest(row.owner, cast.pins["Carl"])
    row.hashed = make_password(typed)
    row.save(update_fields=["hashed"])
    assert row.hashed.startswith("argon2$")
    assert not pin_attempts.is_right_pin("0000", row)
    assert pin_attempts.is_right_pin(cast.pins["Carl"], row)
    after = Pin.objects.get(person=cast.person("Carl")).hashed
    assert after.startswith("argon2_pin$")
    assert pin_attempts.is_right_pin(cast.pins["Carl"], Pin.objects.get(pk=row.pk))
