"""Whether someone has a second factor, and whether this session passed one."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from willing.accounts.models import User

# Recovery codes replace one of these that was lost; alone they are no factor.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    """Say whether `user` has set up a passkey, a security key or an authenticator app."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def passed_second_factor(request: HttpRequest) -> bool:
    """Say whether this very session passed a second factor, which its user still has."""
    user = request.user
    return isinstance(user, User) and session_passed(request, user) and has_second_factor(user)


def session_passed(request: HttpRequest, user: User) -> bool:
    """Say whether this very session passed a second factor, which its user may have removed since.

    A passkey that checked who holds it counts as both factors (NIST SP 800-63B-4, section 3.1.7).
    """
    return any(one.get("method") == "mfa" for one in get_authentication_records(request, user))


def used_passkey(request: HttpRequest, user: User) -> bool:
    """Say whether this session began with a passkey alone."""
    return any(one.get("passwordless") for one in get_authentication_records(request, user))
