"""The secret of an app, and recovery codes, open for their user only."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from tests.support.signing import TOTP_SECRET, digits

from willing.pages.sign_in.sealed import bind_row, seal


def attempt(cast: Any, who: str, code: str) -> bool:
    client = Client()
    client.post("/sign-in/", {"login": who, "password": cast.password})
    client.post("/sign-in/second/", {"code": code})
    return "_auth_user_id" in client.session


def factor(cast: Any, who: str, kind: str = "totp") -> Authenticator:
    return Authenticator.objects.get(user=cast.user(who), type=kind)


def test_a_secret_copied_into_another_users_row_opens_nothing(cast: Any) -> None:
    """Somebody who may write into the database gives the officer their own app."""
    mine = factor(cast, "canteen").data
    Authenticator.objects.filter(pk=factor(cast, "dpo").pk).update(data=mine)
    assert not attempt(cast, "dpo", digits())
    assert attempt(cast, "canteen", digits())


def test_a_renamed_secret_opens_nothing_either(cast: Any) -> None:
    text = factor(cast, "canteen").data["secret"].partition(".")[2]
    row = factor(cast, "dpo")
    for forged in (f"u{row.user_id}.{text}", text, "", "u.x", "nonsense"):
        Authenticator.objects.filter(pk=row.pk).update(data={"secret": forged})
        assert not attempt(cast, "dpo", digits()), forged


def test_recovery_codes_are_bound_alike(cast: Any) -> None:
    codes = RecoveryCodes.activate(cast.user("canteen")).generate_codes()
    RecoveryCodes.activate(cast.user("dpo"))
    stolen = factor(cast, "canteen", "recovery_codes").data
    Authenticator.objects.filter(user=cast.user("dpo"), type="recovery_codes").update(data=stolen)
    assert not attempt(cast, "dpo", codes[0])
    assert attempt(cast, "canteen", codes[0])


def test_a_secret_from_before_is_bound_by_the_migration(cast: Any) -> None:
    row = factor(cast, "dpo")
    data = {"secret": seal(TOTP_SECRET)}
    assert "." not in data["secret"]
    assert bind_row(data, row.user_id)
    Authenticator.objects.filter(pk=row.pk).update(data=data)
    assert attempt(cast, "dpo", digits())
