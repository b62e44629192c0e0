"""Sign somebody in without the pages: with a session that passed the second factor where they have one."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from willing.accounts.models import User
from willing.accounts.rules import NEEDS_SECOND_FACTOR

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_factor(user: User) -> Authenticator:
    """Give a user an authenticator app with a secret that the tests know."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return found or TOTP.activate(user, TOTP_SECRET).instance


def give_factors() -> None:
    """Give one to everybody whose role needs it."""
    for user in User.objects.filter(roles__kind__in=NEEDS_SECOND_FACTOR).distinct():
        give_factor(user)


def records_of(user: User) -> dict[str, Any]:
    """Return what a session of `user` holds that passed everything asked of them."""
    at = time.time()
    records: list[dict[str, Any]] = [{"method": "password", "at": at}]
    factor = Authenticator.objects.filter(user=user).first()
    if factor:
        records.append({"method": "mfa", "at": at, "id": factor.pk, "type": factor.type})
    return {
        "account_authentication_methods": records,
        "account_authentication_methods_user": str(user.pk),
    }


def sign_in(client: Client, user: User) -> Client:
    """Sign `user` in at `client`, second factor included."""
    client.force_login(user)
    session = client.session
    session.update(records_of(user))
    session.save()
    return client


def digits(secret: str = TOTP_SECRET) -> str:
    """Return what the authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
