"""The two ceremonies of a passkey, held to more than the library asks by itself.

The library takes any port and any subdomain of the host, pages framed by others, and a counter that goes
back. And whatever bytes it is sent may make it raise whatever: here that is one answer, "this did not work".
"""

from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

from allauth.account.utils import url_str_to_user_pk
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from fido2.rpid import verify_rp_id
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import (
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from willing.accounts.models import Passkey, User
from willing.accounts.passkeys import find_passkey, record_passkey_use

DEFAULT_PORTS = {"http": 80, "https": 443}
# A challenge for someone who is not signed in waits with them, signed: asking for one stores nothing here.
COOKIE = f"{settings.COOKIE_PREFIX}willing_passkey"
SALT, CHALLENGE_SECONDS = "willing.passkey.v1", 300


def origins(request: HttpRequest) -> frozenset[str]:
    """Return the addresses that a passkey of this site may have been used at: scheme, host and port.

    Where a proxy hides the port it is one of WILLING_ORIGINS, which Django's check of forms asks for as well.
    """
    mine = _origin(f"{request.scheme}://{request.get_host()}")
    host = urlsplit(mine).hostname
    listed = (_origin(one) for one in settings.CSRF_TRUSTED_ORIGINS)
    return frozenset({mine, *(one for one in listed if urlsplit(one).hostname == host)})


def _origin(address: str) -> str:
    parts = urlsplit(address)
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def _server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    allowed = origins(context.request)
    return Fido2Server(
        entity, verify_origin=lambda origin: origin in allowed and verify_rp_id(str(entity.id), origin)
    )


def _refuse(cause: Exception | None = None) -> NoReturn:
    raise get_adapter().validation_error("incorrect_code") from cause


def _require_own_page(client_data: CollectedClientData) -> None:
    """Refuse a ceremony that ran in a page of ours framed by another site; ours are never framed."""
    said = client_data._data  # noqa: SLF001  # the library reads crossOrigin only, and takes any type for it
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise ValueError("cross origin")


def complete_registration(state: Any, credential: Any) -> dict[str, Any]:
    """Check a new passkey against the challenge in `state`. Return what is kept of it.

    Raises ValidationError where anything is not as it should be.
    """
    try:
        response = RegistrationResponse.from_dict(credential)
        _require_own_page(response.response.client_data)
        _server().register_complete(state, response)
        properties = credential.get("clientExtensionResults", {}).get("credProps", {})
    except Exception as error:  # noqa: BLE001  # whatever a stranger's bytes make of the library
        _refuse(error)
    sent = credential["response"]
    return {
        "id": response.id,
        "rawId": response.id,
        "type": "public-key",
        "response": {name: str(sent[name]) for name in ("clientDataJSON", "attestationObject")},
        "clientExtensionResults": {"credProps": {"rk": properties.get("rk") is True}},
    }


def begin_alone(response: HttpResponse) -> dict[str, Any]:
    """Return the challenge for signing in with a passkey alone, and let `response` carry it away, signed."""
    options, state = _server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    response.set_cookie(
        COOKIE,
        signing.dumps(state, salt=SALT),
        max_age=CHALLENGE_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
        path=settings.SESSION_COOKIE_PATH,
    )
    return dict(options)


def consume_challenge(request: HttpRequest) -> Any:
    """Return the state that `begin_alone` gave this browser, or None. Each challenge answers one request."""
    try:
        state = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=CHALLENGE_SECONDS)
    except signing.BadSignature:
        return None
    is_fresh = cache.add(f"{SALT}:{state['challenge']}", 1, timeout=CHALLENGE_SECONDS)
    return state if is_fresh else None


def complete_authentication(state: Any, credential: Any, user: User | None) -> Authenticator:
    """Check the use of a passkey against the challenge in `state`. Return the passkey that was used.

    user: whose password was right just now; None: the user whom the passkey names. A counter that did not go
    up is refused and noted: two devices may hold the key. Raises ValidationError.
    """
    try:
        response = AuthenticationResponse.from_dict(credential)
        _require_own_page(response.response.client_data)
        owner = user.pk if user else _handle(credential)
    except Exception as error:  # noqa: BLE001  # as above
        _refuse(error)
    passkey = find_passkey(response.raw_id)
    if passkey is None or passkey.authenticator.user_id != owner:
        _refuse()
    _verify(state, response, passkey)
    if not record_passkey_use(passkey, response.response.authenticator_data.counter):
        _refuse()
    return passkey.authenticator


def _handle(credential: Mapping[str, Any]) -> Any:
    return url_str_to_user_pk(websafe_decode(credential["response"]["userHandle"]).decode())


def _verify(state: Any, response: AuthenticationResponse, passkey: Passkey) -> None:
    try:
        key = passkey.authenticator.wrap().authenticator_data.credential_data
        _server().authenticate_complete(state, [key], response)
    except Exception as error:  # noqa: BLE001  # as above
        _refuse(error)
