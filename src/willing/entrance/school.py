"""Signing in through the school's own OpenID Connect provider, where it has one."""

from typing import Any, cast

import jwt
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

from willing.people.access import allow_anyone

AWAY_SECONDS = 15 * 60
# Signed with a key of the provider's that it publishes; never "none", and never a secret that two know.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"})


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
        return claims

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> Any:
        """Read who it is, and keep nothing of it but the subject."""
        login = super().complete_login(request, app, token, **kwargs)
        login.account.extra_data = {}
        return login


@never_cache
@require_safe
@allow_anyone("signing in")
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
def finish(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Come back from the school's provider."""
    try:
        view = OAuth2CallbackView.adapter_view(SignedAdapter(request, provider_id))
        answer: HttpResponseBase = view(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
