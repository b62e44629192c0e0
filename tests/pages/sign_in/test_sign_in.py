"""Sign-in by password and second factor, sign-out, and whoever guesses."""

import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from tests.support.clocks import stopped_at
from tests.support.signing import TOTP_SECRET, digits, sign_in

from willing.accounts.models import User
from willing.accounts.sign_ins import invite_guardian, require_invitation
from willing.audit.models import Entry
from willing.core.clock import now

HERE = "/sign-in/"
SECOND = "/sign-in/second/"


def attempt(username: str, password: str, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).post(HERE, {"login": username, "password": password}, **extra)


def logged(event: str) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(event=event).order_by("sequence")
    assert all(entry.personal_json == "{}" for entry in entries)
    return [json.loads(bytes(entry.hashed))["facts"] for entry in entries]


def test_a_password_opens_the_till_pages_for_a_cashier_and_is_in_the_log(cast: Any) -> None:
    client = Client()
    assert attempt("cashier", cast.password, client).headers["Location"] == "/"
    assert client.get("/staff/today/").status_code == 200
    assert logged("user.signed_in") == [{"by": cast.user("cashier").pk, "how": "password"}]


def test_the_office_gets_in_with_password_and_app_and_not_with_the_password_alone(cast: Any) -> None:
    client = Client()
    answer = client.post(f"{HERE}?next=/staff/people/", {"login": "office", "password": cast.password})
    assert answer.headers["Location"].startswith(SECOND)
    assert client.get("/staff/people/").status_code == 302
    assert "_auth_user_id" not in client.session
    assert client.post(SECOND, {"code": "000000"}).status_code == 200
    assert logged("user.sign_in_failed") == [{"by": cast.user("office").pk, "how": "totp"}]
    client.post(SECOND, {"code": digits()})
    assert client.get("/staff/people/").status_code == 200


def test_six_digits_open_once(cast: Any) -> None:
    first, second, code = Client(), Client(), digits()
    for client in (first, second):
        attempt("office", cast.password, client)
        client.post(SECOND, {"code": code})
    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


def test_without_a_second_factor_only_the_page_that_adds_one_opens(cast: Any) -> None:
    Authenticator.objects.filter(user=cast.user("office")).delete()
    client = Client()
    attempt("office", cast.password, client)
    for page in ("/", "/staff/people/", "/staff/today/", "/till/"):
        assert client.get(page).headers["Location"] == "/my-sign-in/", page
    text = client.get("/my-sign-in/").content.decode()
    assert "needs more than a password" in text
    secret = client.get("/my-sign-in/app/").context["form"].secret
    code = digits(secret)
    assert client.post("/my-sign-in/app/", {"code": code}).status_code == 302
    assert client.get("/staff/people/").status_code == 200
    assert logged("user.second_factor_added") == [
        {"by": cast.user("office").pk, "kind": "totp"},
        {"by": cast.user("office").pk, "kind": "recovery_codes"},
    ]


def test_recovery_codes_stand_in_for_the_app_once_each(cast: Any) -> None:
    office = cast.user("office")
    RecoveryCodes.activate(office)
    here = sign_in(Client(), office)
    shown = here.get("/my-sign-in/recovery/")
    codes = shown.context["unused_codes"]
    assert len(codes) == 10
    page = shown.content.decode()
    assert page.count("data-recovery-code") == 10
    assert page.index("data-print") < page.index("data-copy") < page.index("sign_in/recovery")
    for client, gets_in in ((Client(), True), (Client(), False)):
        attempt("office", cast.password, client)
        client.post(SECOND, {"code": codes[0]})
        assert ("_auth_user_id" in client.session) is gets_in
    assert "9 codes are left" in here.get("/my-sign-in/").content.decode()
    assert here.post("/my-sign-in/recovery/new/").headers["Location"] == "/my-sign-in/recovery/"
    fresh = here.get("/my-sign-in/recovery/").context["unused_codes"]
    assert not {*fresh} & {*codes}
    assert logged("user.recovery_codes_renewed") == [{"by": office.pk, "kind": "recovery_codes"}]


def test_who_removes_their_only_app_sets_up_another_factor_first(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    assert "Remove the app?" in client.get("/my-sign-in/app/remove/").content.decode()
    assert client.post("/my-sign-in/app/remove/").headers["Location"] == "/my-sign-in/"
    assert client.get("/staff/people/").headers["Location"] == "/my-sign-in/"
    assert {"by": cast.user("office").pk, "kind": "totp"} in logged("user.second_factor_removed")


def test_a_session_from_before_the_second_factor_counts_for_nothing(cast: Any) -> None:
    user = cast.user("office")
    client = Client()
    client.force_login(user)  # as after a password alone; the app was added elsewhere
    assert client.get("/staff/people/").headers["Location"].startswith("/sign-in/?next=")
    assert "_auth_user_id" not in client.session
    client.force_login(user)
    assert client.get("/my-sign-in/passkey/").headers["Location"].startswith("/sign-in/?next=")


def test_a_factor_that_was_taken_away_opens_nothing(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    assert client.get("/staff/people/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/staff/people/").headers["Location"] == "/my-sign-in/"


def test_the_secret_of_an_app_is_sealed_in_the_database(cast: Any) -> None:
    (factor,) = Authenticator.objects.filter(user=cast.user("office"))
    assert TOTP_SECRET not in json.dumps(factor.data)


def test_after_the_sign_in_one_stays_on_this_site(cast: Any) -> None:
    inside = Client().post(f"{HERE}?next=/staff/today/", {"login": "cashier", "password": cast.password})
    assert inside.headers["Location"] == "/staff/today/"
    outside = Client().post(
        f"{HERE}?next=https://example.org/", {"login": "cashier", "password": cast.password}
    )
    assert outside.headers["Location"] == "/"


@pytest.mark.parametrize("username", ["office", "somebody-else", "' OR 1=1 --"])
def test_a_wrong_try_says_the_same_for_every_name_and_logs_no_typed_text(cast: Any, username: str) -> None:
    answer = attempt(username, "wrong password")
    assert answer.status_code == 422
    assert "Wrong username or password" in answer.content.decode()
    by = cast.user("office").pk if username == "office" else None
    assert logged("user.sign_in_failed") == [{"by": by, "how": "password"}]


def test_five_wrong_tries_for_a_name_rest_it_for_the_right_password_too(cast: Any) -> None:
    for number in range(5):
        assert attempt("cashier", "wrong", REMOTE_ADDR=f"10.0.0.{number}").status_code == 422
    refused = attempt("Cashier", cast.password, REMOTE_ADDR="10.0.1.1")
    assert refused.status_code == 422
    assert "wait five minutes" in refused.content.decode()
    assert len(logged("user.sign_in_failed")) == 5
    assert attempt("dpo", cast.password, REMOTE_ADDR="10.0.1.1").status_code == 302


def test_ten_wrong_tries_from_one_address_rest_that_address_only(cast: Any) -> None:
    for number in range(10):
        attempt(f"name-{number}", "wrong", REMOTE_ADDR="10.0.0.9")
    assert attempt("cashier", cast.password, REMOTE_ADDR="10.0.0.9").status_code == 422
    assert attempt("cashier", cast.password, REMOTE_ADDR="10.0.0.10").status_code == 302


def test_signing_out_takes_a_press_and_is_in_the_log(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/"
    assert client.get("/staff/people/").status_code == 302
    client.post("/sign-out/")
    assert logged("user.signed_out") == [{"by": cast.user("office").pk, "why": "pressed"}]


def test_signing_out_everywhere_ends_every_session(cast: Any) -> None:
    here, there = (sign_in(Client(), cast.user("office")) for _ in range(2))
    assert here.post("/my-sign-in/everywhere/").headers["Location"] == HERE
    assert there.get("/staff/people/").headers["Location"].startswith(HERE)
    assert logged("user.sessions_revoked") == [{"by": cast.user("office").pk}]


@pytest.mark.parametrize(
    ("who", "page"), [("canteen", "/staff/today/"), ("cashier", "/staff/today/"), ("pupil", "/family/me/")]
)
def test_a_session_that_was_left_alone_ends(cast: Any, who: str, page: str) -> None:
    minutes = {"canteen": 30, "cashier": 4 * 60, "pupil": 15}[who]
    client = sign_in(Client(), cast.user(who))
    start = now()
    for passed, status in ((minutes - 1, 200), (2 * minutes - 2, 200), (3 * minutes, 302)):
        with stopped_at(start + timedelta(minutes=passed)):
            assert client.get(page).status_code == status, passed
    assert logged("user.signed_out") == [{"by": cast.user(who).pk, "why": "time"}]


def test_a_session_ends_after_twelve_hours_however_busy(cast: Any) -> None:
    client = sign_in(Client(), cast.user("cashier"))
    start = now()
    for passed in range(20, 12 * 60 + 21, 20):
        with stopped_at(start + timedelta(minutes=passed)):
            status = client.get("/staff/today/").status_code
        assert status == (200 if passed < 12 * 60 else 302), passed


def test_changing_how_one_signs_in_takes_a_recent_sign_in(cast: Any) -> None:
    client = sign_in(Client(), cast.user("office"))
    session = client.session
    for one in session["account_authentication_methods"]:
        one["at"] -= 11 * 60
    session.save()
    assert client.get("/my-sign-in/").status_code == 200
    assert client.get("/my-sign-in/passkey/").headers["Location"].startswith("/sign-in/?next=")
    assert "_auth_user_id" not in client.session


def test_a_password_is_changed_and_other_sessions_end(cast: Any) -> None:
    here, there = (sign_in(Client(), cast.user("office")) for _ in range(2))
    new = "another long password"
    values = {"oldpassword": cast.password, "password1": new, "password2": new}
    assert here.post("/my-sign-in/password/", values).headers["Location"] == "/my-sign-in/"
    assert here.get("/staff/people/").status_code == 200
    assert there.get("/staff/people/").status_code == 302
    assert User.objects.get(username="office").check_password(new)
    assert logged("user.password_changed") == [{"by": cast.user("office").pk}]


@pytest.mark.parametrize("address", ["signup/", "password/reset/", "email/", "3rdparty/", "login/code/"])
def test_nobody_signs_up_by_themselves(db: Any, address: str) -> None:
    for prefix in ("/", "/accounts/", "/sign-in/"):
        assert Client().get(prefix + address).status_code == 404


JUNK = {
    "nothing": "",
    "a list": "[]",
    "a number": "7",
    "not JSON": "{",
    "no response": '{"id": "eA", "rawId": "eA", "type": "public-key"}',
    "empty parts": '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": null}}',
    "somebody": (
        '{"id": "eA", "rawId": "eA", "type": "public-key", "clientExtensionResults": {}, "response":'
        ' {"clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA", "userHandle": "MQ"}}'
    ),
}


@pytest.mark.parametrize("what", JUNK)
def test_what_is_no_passkey_opens_nothing_and_breaks_nothing(cast: Any, what: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    answer = client.post("/sign-in/passkey/", {"credential": JUNK[what]})
    assert answer.headers["Location"] == HERE
    assert "_auth_user_id" not in client.session
    assert logged("user.sign_in_failed") == [{"by": None, "how": "passkey"}]
    attempt("office", cast.password, client)
    assert client.post(SECOND, {"credential": JUNK[what]}).status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("what", JUNK)
def test_what_is_no_passkey_uses_no_letter_up(cast: Any, what: str) -> None:
    client, code = Client(), invite_guardian(cast.guardian("Gwen"), by=None)
    client.post("/sign-in/code/", {"code": code})
    client.get("/sign-in/code/passkey/")
    assert client.post("/sign-in/code/passkey/", {"credential": JUNK[what]}).status_code == 422
    assert require_invitation(code).used_at is None
