"""Signing in through the school's own provider: only whom the school added, only what the provider signed."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from tests.pages.sign_in.provider import CLIENT, SECRET, Provider, serve

from willing.accounts.models import User
from willing.accounts.sign_ins import link_openid
from willing.audit.models import Entry
from willing.people.models import Guardian


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with serve() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, cast: Any, settings: Any) -> Provider:
    running.claims = {"sub": "s-1", "email": "casey@school.example", "email_verified": True}
    running.changes, running.signs_with, running.paths = {}, running.key, []
    running.forge, running.answers = None, {}
    shared = {**settings.OIDC_APP["settings"], "server_url": running.address}
    app = {**settings.OIDC_APP, "client_id": CLIENT, "secret": SECRET, "settings": shared}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    settings.OIDC_NAME = "School account"
    User.objects.filter(username="cashier").update(email="Casey@school.example")
    return running


def go(provider: Provider, client: Client | None = None, after: str = "") -> Client:
    """Press the button, agree at the provider, and come back."""
    client = client or Client()
    away = client.get(f"/sign-in/with/school/?next={after}")
    assert away.headers["Location"].startswith(f"{provider.address}/authorize?")
    back = urlsplit(provider.authorize(dict(parse_qsl(urlsplit(away.headers["Location"]).query))))
    client.answer = client.get(f"{back.path}?{back.query}")  # type: ignore[attr-defined]
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_who_was_added_gets_in_by_discovery_code_token_and_signature(provider: Provider, cast: Any) -> None:
    client = go(provider, after="/staff/today/")
    assert client.answer.headers["Location"] == "/staff/today/"  # type: ignore[attr-defined]
    assert client.get("/staff/today/").status_code == 200
    assert {"/.well-known/openid-configuration", "/token", "/keys"} == set(provider.paths)
    (linked,) = SocialAccount.objects.all()
    assert (linked.user, linked.uid, linked.extra_data) == (cast.user("cashier"), "s-1", {})
    (entry,) = Entry.objects.filter(event="user.signed_in")
    assert json.loads(bytes(entry.hashed))["facts"] == {"by": cast.user("cashier").pk, "how": "openid"}


def test_a_linked_subject_gets_in_whatever_its_address_is_now(provider: Provider, cast: Any) -> None:
    go(provider)
    provider.claims = {"sub": "s-1", "email": "new@school.example", "email_verified": False}
    assert is_in(go(provider))


def test_a_subject_that_the_operator_linked_gets_in_without_an_address(provider: Provider, cast: Any) -> None:
    link_openid(cast.user("outsider"), "s-9")
    provider.claims = {"sub": "s-9"}
    assert go(provider).session["_auth_user_id"] == str(cast.user("outsider").pk)


def test_an_address_that_was_given_to_somebody_else_lets_them_in_nowhere(provider: Provider) -> None:
    go(provider)
    provider.claims = {**provider.claims, "sub": "s-2"}
    assert not is_in(go(provider))


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@school.example"},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": ""},
        {"email": None},
    ],
    ids=["unknown", "not-verified", "not-a-boolean", "empty", "missing"],
)
def test_nobody_is_added_by_signing_in(provider: Provider, claims: dict[str, Any]) -> None:
    before = User.objects.count()
    provider.claims = {**provider.claims, **claims}
    client = go(provider)
    assert not is_in(client)
    assert "You have not been added here yet" in client.get("/sign-in/").content.decode()
    assert User.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_an_address_that_two_share_lets_in_neither(provider: Provider) -> None:
    User.objects.filter(username="outsider").update(email="casey@school.example")
    assert not is_in(go(provider))


@pytest.mark.parametrize(
    "changes",
    [{"iss": "https://other.example"}, {"aud": "another"}, {"exp": 1}],
    ids=["issuer", "audience", "expired"],
)
def test_a_token_for_another_purpose_opens_nothing(provider: Provider, changes: dict[str, Any]) -> None:
    provider.changes = changes
    client = go(provider)
    assert not is_in(client)
    assert "did not work" in client.get("/sign-in/").content.decode()


def test_a_token_that_somebody_else_signed_opens_nothing(provider: Provider) -> None:
    provider.signs_with = ec.generate_private_key(ec.SECP256R1())
    assert not is_in(go(provider))


def test_an_answer_that_another_browser_asked_for_opens_nothing(provider: Provider) -> None:
    asked = Client().get("/sign-in/with/school/").headers["Location"]
    back = urlsplit(provider.authorize(dict(parse_qsl(urlsplit(asked).query))))
    victim = Client()
    victim.get(f"{back.path}?{back.query}")
    assert not is_in(victim)


def test_the_office_still_needs_its_second_factor(provider: Provider, cast: Any) -> None:
    User.objects.filter(username="office").update(email="office@school.example")
    provider.claims = {"sub": "s-3", "email": "office@school.example", "email_verified": True}
    client = go(provider)
    assert client.answer.headers["Location"].startswith("/sign-in/second/")  # type: ignore[attr-defined]
    assert client.get("/staff/people/").status_code == 302


def test_a_guardian_with_a_sign_in_is_found_by_the_address_that_the_office_keeps(provider: Provider) -> None:
    Guardian.objects.filter(name="Gus").update(email="gus@home.example")
    Guardian.objects.filter(name="Gwen").update(email="gwen@home.example")  # added, but made no sign-in yet
    for subject, address, gets_in in (("s-4", "gus", True), ("s-5", "gwen", False)):
        provider.claims = {"sub": subject, "email": f"{address}@home.example", "email_verified": True}
        assert is_in(go(provider)) is gets_in


def test_without_a_provider_there_is_no_door(cast: Any) -> None:
    assert Client().get("/sign-in/with/school/").status_code == 404
    assert Client().get("/sign-in/with/school/back/?code=1&state=2").status_code == 404
    assert "/sign-in/with/" not in Client().get("/sign-in/").content.decode()
