"""A provider, or somebody who plays one, breaks the protocol: nobody gets in, and no page breaks."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.test import Client
from jwt.utils import base64url_encode
from tests.pages.sign_in.provider import KID, MISSING, Provider
from tests.pages.sign_in.test_school_sign_in import go, is_in, provider, running  # noqa: F401  (fixtures)


def unsigned(_by: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": KID})


def signed_with_the_public_key(by: Provider, claims: dict[str, Any]) -> str:
    """The public key as the secret of an HMAC: believed by whoever lets the token choose the algorithm."""
    public = by.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = base64url_encode(json.dumps({"alg": "HS256", "kid": KID, "typ": "JWT"}).encode())
    said = head + b"." + base64url_encode(json.dumps(claims).encode())
    return (said + b"." + base64url_encode(hmac.new(public, said, hashlib.sha256).digest())).decode()


def of_an_unknown_key(by: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, by.key, algorithm="ES256", headers={"kid": "another"})


def without_signature(by: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, by.key, algorithm="ES256", headers={"kid": KID}).rsplit(".", 1)[0] + "."


def of_no_parts(_by: Provider, _claims: dict[str, Any]) -> str:
    return "not a token"


@pytest.mark.parametrize(
    "forge", [unsigned, signed_with_the_public_key, of_an_unknown_key, without_signature, of_no_parts]
)
def test_a_token_that_is_not_signed_by_the_provider_opens_nothing(
    provider: Provider,  # noqa: F811
    forge: Callable[[Provider, dict[str, Any]], str],
) -> None:
    provider.forge = lambda claims: forge(provider, claims)
    client = go(provider)
    assert not is_in(client)
    assert client.answer.status_code < 500  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": MISSING},
        {"iss": MISSING},
        {"aud": MISSING},
        {"sub": MISSING},
        {"sub": ""},
        {"sub": ["s-1"]},
        {"sub": {"$ne": ""}},
        {"aud": []},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"iat": "yesterday"},
        {"exp": "never"},
        {"email": ["casey@school.example"]},
        {"email": {"address": "casey@school.example"}},
        {"email": "casey@school.example\0"},
    ],
    ids=lambda changes: "-".join(f"{name}={type(value).__name__}" for name, value in changes.items()),
)
def test_a_token_that_says_what_no_sound_token_says_opens_nothing(
    provider: Provider,  # noqa: F811
    changes: dict[str, Any],
) -> None:
    provider.changes = changes
    client = go(provider)
    assert not is_in(client)
    assert client.answer.status_code < 500  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/token", "/keys"])
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"broken"),
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"error": "invalid_grant"}'),
        (200, b'{"id_token": 7, "keys": 7}'),
        (200, b"[" * 100_000),
    ],
    ids=["500", "empty", "html", "list", "null", "error", "numbers", "deep"],
)
def test_a_provider_that_answers_nonsense_opens_nothing_and_breaks_no_page(
    provider: Provider,  # noqa: F811
    path: str,
    answer: tuple[int, bytes],
) -> None:
    provider.answers = {path: answer}
    client = Client(raise_request_exception=False)
    go(provider, client)
    assert not is_in(client)
    assert client.answer.status_code < 500  # type: ignore[attr-defined]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"null"])
def test_a_provider_that_cannot_say_where_it_is_breaks_no_page(
    provider: Provider,  # noqa: F811
    body: bytes,
) -> None:
    provider.answers = {"/.well-known/openid-configuration": (200, body)}
    answer = Client(raise_request_exception=False).get("/sign-in/with/school/")
    assert answer.status_code < 500


def come_back(client: Client, provider: Provider, **changes: str) -> Client:  # noqa: F811
    """Go to the provider and come back with other words than it gave."""
    away = client.get("/sign-in/with/school/")
    back = urlsplit(provider.authorize(dict(parse_qsl(urlsplit(away.headers["Location"]).query))))
    said = {**dict(parse_qsl(back.query)), **changes}
    client.answer = client.get(f"{back.path}?{urlencode(said)}")  # type: ignore[attr-defined]
    return client


@pytest.mark.parametrize("state", ["", "guessed", "x" * 5000, "\0"])
def test_an_answer_with_another_state_opens_nothing(
    provider: Provider,  # noqa: F811
    state: str,
) -> None:
    client = come_back(Client(raise_request_exception=False), provider, state=state)
    assert not is_in(client)
    assert client.answer.status_code < 500  # type: ignore[attr-defined]


def test_an_answer_that_was_used_opens_nothing_a_second_time(provider: Provider) -> None:  # noqa: F811
    client = Client(raise_request_exception=False)
    away = client.get("/sign-in/with/school/")
    back = urlsplit(provider.authorize(dict(parse_qsl(urlsplit(away.headers["Location"]).query))))
    address = f"{back.path}?{back.query}"
    client.get(address)
    assert is_in(client)
    client.post("/sign-out/")
    for again in (client, Client(raise_request_exception=False)):
        answer = again.get(address)
        assert answer.status_code < 500
        assert answer.headers.get("Location", "") != "/"


def test_a_refusal_at_the_provider_is_said_and_opens_nothing(provider: Provider) -> None:  # noqa: F811
    client = Client(raise_request_exception=False)
    client.get("/sign-in/with/school/")
    for error in ("access_denied", "server_error", "<script>", "\0"):
        answer = client.get("/sign-in/with/school/back/", {"error": error, "state": "none"})
        assert answer.status_code < 500
    assert not is_in(client)
