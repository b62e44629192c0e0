"""Passkeys: from this very address, never framed, with a counter that goes up, and stored once."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import IntegrityError
from django.test import Client
from tests.pages.sign_in.device import (
    ALONE,
    HOST,
    NEW,
    SECOND,
    Device,
    options_alone,
    options_for_new,
    visitor,
)
from tests.support.signing import sign_in

from willing.accounts.models import Passkey
from willing.accounts.passkeys import store_passkey
from willing.accounts.sign_ins import invite_guardian
from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.ops.health_sign_ins import copied_passkeys


def store(cast: Any, device: Device, who: str = "cashier", *, count: int = 0) -> tuple[Client, Any]:
    client = sign_in(visitor(), cast.user(who))
    return client, client.post(NEW, {"credential": device.make(options_for_new(client), count=count)})


def enter(cast: Any, device: Device, who: str = "cashier", *, count: int = 0) -> Client:
    client = visitor()
    used = device.use(options_alone(client), cast.user(who).pk, count=count)
    assert client.post(ALONE, {"credential": used}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_passkey_is_stored_and_opens_alone(cast: Any) -> None:
    device = Device()
    _, answer = store(cast, device)
    assert answer.status_code == 302
    assert is_in(enter(cast, device))
    kept = Authenticator.objects.get(user=cast.user("cashier"), type="webauthn").data["credential"]
    assert set(kept["response"]) == {"clientDataJSON", "attestationObject"}


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "http://localhost:8001"},
        {"origin": "http://localhost"},
        {"origin": "https://localhost:8000"},
        {"origin": "http://evil.localhost:8000"},
        {"origin": "http://localhost:8000.example.org"},
        {"said": {"crossOrigin": True}},
        {"said": {"crossOrigin": "yes"}},
        {"said": {"crossOrigin": False, "topOrigin": "https://example.org"}},
        {"said": {"type": "payment.get"}},
    ],
    ids=str,
)
def test_a_passkey_from_any_other_page_is_neither_stored_nor_taken(
    cast: Any, changes: dict[str, Any]
) -> None:
    honest = Device()
    client, answer = store(cast, Device(key=honest.key, **changes))
    assert answer.status_code == 200
    assert not Passkey.objects.exists()
    assert client.post(NEW, {"credential": honest.make(options_for_new(client))}).status_code == 302
    assert not is_in(enter(cast, Device(key=honest.key, **changes)))
    assert is_in(enter(cast, honest))


def test_a_counter_that_does_not_go_up_opens_nothing_and_is_told_of(cast: Any) -> None:
    device = Device()
    owner, _ = store(cast, device, count=4)
    assert is_in(enter(cast, device, count=5))
    assert not Entry.objects.filter(event="passkey.clone_suspected").exists()
    for count in (5, 3, 0):
        assert not is_in(enter(cast, device, count=count)), count
    assert Entry.objects.filter(event="passkey.clone_suspected").count() == 3
    assert (
        "It may have been copied" in sign_in(owner, cast.user("cashier")).get("/my-sign-in/").content.decode()
    )
    (condition,) = copied_passkeys(cast.school)
    assert not condition.is_ok
    assert is_in(enter(cast, device, count=6))


def test_a_device_that_does_not_count_opens_each_time(cast: Any) -> None:
    device = Device()
    store(cast, device)
    assert all(is_in(enter(cast, device)) for _ in range(2))


def test_one_passkey_is_stored_once_in_the_whole_installation(cast: Any) -> None:
    device = Device()
    store(cast, device)
    _, answer = store(cast, Device(), who="canteen")  # another key that gives itself the same name
    assert "already registered here" in answer.content.decode()
    stored = Authenticator.objects.get(type="webauthn")
    with pytest.raises(Refused, match="passkey_known"):
        store_passkey(stored)
    guardian = visitor()
    guardian.post("/sign-in/code/", {"code": invite_guardian(cast.guardian("Gwen"), by=None)})
    page = guardian.get("/sign-in/code/passkey/").context["js_data"]["creation_options"]
    made = Device().make(json.loads(json.dumps(page)))
    answer = guardian.post("/sign-in/code/passkey/", {"credential": made})
    assert answer.status_code == 422
    assert not cast.guardian("Gwen").user.is_active
    with pytest.raises(IntegrityError):
        Passkey.objects.create(
            authenticator=Authenticator.objects.filter(type="totp").first(),
            credential_digest=Passkey.objects.get().credential_digest,
        )


def test_a_passkey_is_the_second_factor_of_its_owner_and_of_nobody_else(cast: Any) -> None:
    device = Device()
    store(cast, device, who="office")
    for who, gets_in in (("office", True), ("dpo", False)):
        client = visitor()
        client.post("/sign-in/", {"login": who, "password": cast.password})
        options = client.get(SECOND).context["js_data"]
        if gets_in:
            used = device.use(json.loads(json.dumps(options["request_options"])), cast.user(who).pk)
        client.post(SECOND, {"credential": used})
        assert is_in(client) is gets_in


def test_asking_for_a_challenge_stores_nothing(db: Any) -> None:
    before = Session.objects.count()
    for _ in range(20):
        options_alone(visitor())
    assert Session.objects.count() == before


def test_one_challenge_answers_one_request(cast: Any) -> None:
    device = Device()
    store(cast, device)
    client, thief = visitor(), visitor()
    used = device.use(options_alone(client), cast.user("cashier").pk)
    thief.cookies["willing_passkey"] = client.cookies["willing_passkey"].value
    client.post(ALONE, {"credential": used})
    assert is_in(client)
    thief.post(ALONE, {"credential": used})
    assert not is_in(thief)
    stranger = visitor()
    stranger.cookies["willing_passkey"] = "forged"
    stranger.post(ALONE, {"credential": used})
    assert not is_in(stranger)


@pytest.mark.parametrize(
    "credential", ["[]", '"x"', '{"id": {}}', '{"rawId": 7}', "[" * 20_000, "x" * 50_000]
)
def test_what_no_device_sends_is_no_passkey(cast: Any, credential: str) -> None:
    client = visitor()
    options_alone(client)
    assert client.post(ALONE, {"credential": credential}, headers={"host": HOST}).status_code == 302
    signed_in = sign_in(visitor(), cast.user("cashier"))
    options_for_new(signed_in)
    assert signed_in.post(NEW, {"credential": credential}).status_code == 200
    assert not Passkey.objects.exists()
