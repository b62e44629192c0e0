"""Signing in through the school's own OpenID Connect provider, where it has one."""

import logging
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from willing.accounts.access import allow_anyone

AWAY_SECONDS = 15 * 60
# Signed with a key of the provider's that it publishes; never "none", and never a secret that two know.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})

# What the libraries raise that read a provider's answer and expect a sound one: no JSON, no object, no such
# member, nested without end, not reachable.
NOT_UNDERSTOOD = (
    OSError,  # also what requests raises, which allauth asks with; nothing of ours calls another computer
    jwt.PyJWTError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)

log = logging.getLogger("willing.sign_in")
View = Callable[[HttpRequest, str], HttpResponseBase]


def _answered_kindly(view: View) -> View:
    """Turn a provider that answers nonsense into the sentence of every sign-in that did not work."""

    def checked(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        try:
            return view(request, provider_id)
        except NOT_UNDERSTOOD as error:
            log.warning("the provider's answer was not understood: %s", type(error).__name__)
        try:
            get_adapter().on_authentication_error(request)
        except ImmediateHttpResponse as answer:
            sentence: HttpResponseBase = answer.response
            return sentence
        raise AssertionError("the adapter always answers")

    return update_wrapper(checked, view)


class SignedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's adapter, which also checks the signature of an id_token that came over TLS."""

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as error:
            raise OAuth2Error("Invalid id_token") from error
        if header.get("alg") not in ALGORITHMS or "kid" not in header:
            raise OAuth2Error("Invalid id_token")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        # OpenID Connect Core 2 requires both. Without an end a stolen token is good for ever, and without a
        # subject everyone would be the same person.
        subject = claims.get("sub")
        if "exp" not in claims or not isinstance(subject, str) or not subject.strip():
            raise OAuth2Error("Invalid id_token")
        return claims

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """Read who it is, and keep nothing of it but the subject."""
        login = super().complete_login(request, app, token, **kwargs)
        login.account.extra_data = {}
        return login


@never_cache
@require_safe
@allow_anyone("signing in")
@_answered_kindly
def start(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Go to the school's provider."""
    if not ratelimit.consume(
        request, app="allauth.account", action="openid", key="everybody", limit_get=True
    ):
        return cast("HttpResponseBase", ratelimit.respond_429(request))
    try:
        provider = get_adapter().get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    after = request.GET.get("next", "")
    is_here = url_has_allowed_host_and_scheme(after, allowed_hosts={request.get_host()})
    next_url = after if is_here else None
    answer: HttpResponseBase = provider.redirect(request, AuthProcess.LOGIN, next_url=next_url)
    if not request.user.is_authenticated:
        request.session.set_expiry(AWAY_SECONDS)  # what is not finished by then is not kept till the night
    return answer


@never_cache
@require_safe
@allow_anyone("the provider's signed answer is the key")
@_answered_kindly
def finish(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Come back from the school's provider."""
    try:
        view = OAuth2CallbackView.adapter_view(SignedAdapter(request, provider_id))
        answer: HttpResponseBase = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
