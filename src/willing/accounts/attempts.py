"""How often someone may try. allauth counts, in the server's memory, by address and for all together."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from willing.accounts.errors import too_many_attempts

EVERYBODY = "everybody"


def require_few_attempts(request: HttpRequest, action: str, *, key: str = EVERYBODY) -> None:
    """Count an attempt. action: one of settings.ACCOUNT_RATE_LIMITS. Raises Refused too_many_attempts.

    key: whom a limit `per key` is for; without one, all together.
    """
    if not ratelimit.consume(request, app="allauth.account", action=action, key=key, limit_get=True):
        raise too_many_attempts()
