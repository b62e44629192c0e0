"""Sign-in, sign-out, and whoever guesses."""

import time
from typing import Any

import pytest
from django.test import Client

from willing.console import throttle

HERE = "/staff/sign-in/"


def attempt(username: str, password: str, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(HERE, {"username": username, "password": password}, **extra)


def test_the_right_password_opens_and_is_in_the_log(cast: Any, logged: Any) -> None:
    client = Client()
    answer = attempt("office", cast.password, client)
    assert answer.status_code == 302
    assert client.get("/staff/people/").status_code == 200
    (entry,) = logged("staff.signed_in")
    assert f'"by":{cast.user("office").pk}' in bytes(entry.hashed).decode()
    assert entry.personal_json == "{}"


def test_after_the_sign_in_one_stays_on_this_site(cast: Any) -> None:
    inside = Client().post(HERE, {"username": "office", "password": cast.password, "next": "/staff/people/"})
    assert inside.headers["Location"] == "/staff/people/"
    outside = Client().post(
        HERE, {"username": "office", "password": cast.password, "next": "https://example.org/"}
    )
    assert outside.headers["Location"] == "/"


@pytest.mark.parametrize("username", ["office", "somebody-else", "' OR 1=1 --"])
def test_a_wrong_try_says_the_same_for_every_name_and_logs_no_typed_text(
    cast: Any, logged: Any, username: str
) -> None:
    answer = attempt(username, "wrong password")
    assert answer.status_code == 422
    assert "Please enter a correct username and password" in answer.content.decode()
    (entry,) = logged("staff.sign_in_failed")
    by = cast.user("office").pk if username == "office" else "null"
    assert f'"facts":{{"by":{by}}}' in bytes(entry.hashed).decode()
    assert entry.personal_json == "{}"


def test_ten_wrong_tries_for_a_name_rest_it_for_the_right_password_too(cast: Any, logged: Any) -> None:
    for number in range(throttle.TRIES):
        assert attempt("office", "wrong", REMOTE_ADDR=f"10.0.0.{number}").status_code == 422
    refused = attempt("Office", cast.password, REMOTE_ADDR="10.0.1.1")
    assert refused.status_code == 409
    assert "Please wait five minutes" in refused.content.decode()
    assert "too_many_sign_ins" in refused.content.decode()
    assert len(logged("staff.sign_in_failed")) == throttle.TRIES
    assert attempt("dpo", cast.password, REMOTE_ADDR="10.0.1.1").status_code == 302


def test_ten_wrong_tries_from_one_address_rest_that_address_only(cast: Any) -> None:
    for number in range(throttle.TRIES):
        attempt(f"name-{number}", "wrong", REMOTE_ADDR="10.0.0.9")
    assert attempt("office", cast.password, REMOTE_ADDR="10.0.0.9").status_code == 409
    assert attempt("office", cast.password, REMOTE_ADDR="10.0.0.10").status_code == 302


def test_right_passwords_are_not_counted(cast: Any) -> None:
    for _ in range(throttle.TRIES + 2):
        assert attempt("office", cast.password).status_code == 302


def test_the_rest_ends_after_five_minutes(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(throttle.TRIES):
        attempt("office", "wrong")
    assert attempt("office", cast.password).status_code == 409
    later = time.time() + throttle.SECONDS + 1
    monkeypatch.setattr("django.core.cache.backends.locmem.time.time", lambda: later)
    assert attempt("office", cast.password).status_code == 302


def test_signing_out_takes_a_press_and_is_in_the_log(cast: Any, browser: Any, logged: Any) -> None:
    client = browser("office")
    assert client.get("/staff/sign-out/").status_code == 405
    assert client.post("/staff/sign-out/").headers["Location"] == "/"
    assert client.get("/staff/people/").status_code == 302
    client.post("/staff/sign-out/")
    assert len(logged("staff.signed_out")) == 1
