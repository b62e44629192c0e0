"""What allauth tells of second factors, written into the log."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from willing.accounts.models import User
from willing.accounts.passkeys import store_passkey
from willing.accounts.second_factor import FACTORS
from willing.accounts.sign_ins import record_factor_change, record_failed_sign_in, record_password_change


def listen() -> None:
    """Connect what is below; called once, when the application starts."""
    signals.authenticator_added.connect(_added)
    signals.authenticator_removed.connect(_removed)
    signals.authenticator_reset.connect(_reset)
    signals.authentication_failed.connect(_failed)
    password_changed.connect(_password_changed)


def _added(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: Any) -> None:
    """Note it; who has just shown that they hold the factor has passed it in this session."""
    record_factor_change(user, event="added", kind=authenticator.type)
    if authenticator.type == Authenticator.Type.WEBAUTHN:
        store_passkey(authenticator)
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _removed(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    record_factor_change(user, event="removed", kind=authenticator.type)


def _reset(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    record_factor_change(user, event="reset", kind=authenticator.type)


def _failed(user: User, authenticator: Authenticator, **_signal: Any) -> None:
    record_failed_sign_in(user, how=authenticator.type)


def _password_changed(user: User, **_signal: Any) -> None:
    record_password_change(user)
