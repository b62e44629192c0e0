"""What somebody who is not signed in can make the school write: little, however often they try."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from tests.config.hostile import PLAIN, addresses, known, pages
from tests.support.signing import sign_in

from willing.accounts.models import FailedSignIns
from willing.accounts.sign_ins import invite_guardian, record_failed_sign_in, record_signed_in
from willing.audit.models import Entry
from willing.core.clock import now, running
from willing.terminals.pairing import start_pairing

HERE = "/sign-in/code/"


def failures() -> list[dict[str, Any]]:
    rows = Entry.objects.filter(event="user.sign_in_failed").order_by("sequence")
    return [json.loads(bytes(one.hashed))["facts"] for one in rows]


def test_many_wrong_codes_make_one_entry_and_the_next_says_how_many(cast: Any) -> None:
    client = Client()
    for number in range(40):
        assert client.post(HERE, {"code": f"WRONG{number}"}).status_code == 422
    assert failures() == [{"by": None, "how": "code"}]
    later = now() + timedelta(minutes=15)
    with running(lambda: later):
        record_failed_sign_in(None, how="code")
    assert failures()[1:] == [{"by": None, "how": "code", "more": 39}]
    assert FailedSignIns.objects.count() == 1


def test_what_failed_is_written_down_at_the_next_sign_in_at_the_latest(cast: Any) -> None:
    for _ in range(3):
        record_failed_sign_in(None, how="passkey")
    later = now() + timedelta(minutes=20)
    with running(lambda: later):
        record_signed_in(cast.user("cashier"), how="password")
    assert failures() == [{"by": None, "how": "passkey"}, {"by": None, "how": "passkey", "more": 2}]


def test_wrong_tries_for_a_user_are_each_in_the_log(cast: Any) -> None:
    for _ in range(3):
        record_failed_sign_in(cast.user("office"), how="password")
    assert len(failures()) == 3


def test_pairing_codes_cannot_be_guessed_at_will(cast: Any) -> None:
    right = start_pairing(cast.till)
    client = Client(headers={"idempotency-key": "k"})

    def guess(code: str, address: str) -> Any:
        return client.post(
            "/api/v1/pair", {"code": code}, content_type="application/json", REMOTE_ADDR=address
        )

    for number in range(10):
        assert guess(f"WRONG{number}", "10.0.0.1").status_code == 404
    answer = guess(right, "10.0.0.1")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert int(answer.headers["Retry-After"]) >= 60
    for number in range(50):  # and from many addresses no more than from all together
        assert guess(f"WRONG{number}", f"10.0.1.{number}").status_code == 404
    assert guess("WRONG", "10.0.2.1").status_code == 429
    cache.clear()  # a minute later
    assert guess(right, "10.0.0.1").status_code == 200


def test_pairing_by_hand_counts_too(cast: Any) -> None:
    client = sign_in(Client(), cast.user("cashier"))
    for _ in range(10):
        assert client.post("/till/pair/", {"code": "WRONG"}).status_code == 409
    text = client.post("/till/pair/", {"code": start_pairing(cast.till)}).content.decode()
    assert "Too many attempts" in text


def test_no_page_begins_a_session_for_somebody_who_is_not_signed_in(cast: Any) -> None:
    for path, pattern in pages():
        if getattr(pattern.callback, "willing_access", "anyone").startswith("anyone"):
            for address in addresses(path, known(cast))[:2]:
                client = Client(raise_request_exception=False, headers={"accept": "application/json"})
                client.get(address)
                client.post(address, PLAIN)
    assert Session.objects.count() == 0


def test_the_code_of_a_letter_stands_in_no_session(cast: Any) -> None:
    code = invite_guardian(cast.guardian("Gwen"), by=None)
    client = Client()
    client.post(HERE, {"code": code})
    kept = json.dumps([one.get_decoded() for one in Session.objects.all()])
    assert "invitation" in kept
    assert code not in kept.replace("-", "").upper()
    client.post("/sign-in/code/password/", {"username": "gwen", "password": "four quite ordinary words"})
    assert client.get("/family/").status_code == 200


def test_trying_many_names_forgets_no_count(cast: Any) -> None:
    """Django's cache in memory keeps 300 entries unless told otherwise: new names push old counts out."""
    for number in range(5):
        Client().post("/sign-in/", {"login": "cashier", "password": "x"}, REMOTE_ADDR=f"10.1.0.{number}")
    for number in range(400):
        cache.set(f"another-{number}", 1)
    answer = Client().post(
        "/sign-in/", {"login": "cashier", "password": cast.password}, REMOTE_ADDR="10.2.0.1"
    )
    assert answer.status_code == 422


def test_going_to_the_schools_provider_is_limited(cast: Any) -> None:
    for _ in range(30):
        assert Client().get("/sign-in/with/school/").status_code == 404  # none here, but counted
    assert Client().get("/sign-in/with/school/").status_code == 429
