"""A device that makes and uses passkeys, as an authenticator would, and as an attacker could."""

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG

HOST, ORIGIN = "localhost:8000", "http://localhost:8000"
NEW, ALONE, SECOND = "/my-sign-in/passkey/", "/sign-in/passkey/", "/sign-in/second/"


def visitor() -> Client:
    """A browser that came by name, as passkeys need."""
    return Client(raise_request_exception=False, headers={"host": HOST})


@dataclass
class Device:
    """One key pair; `said` is what the device's browser adds to, or changes in, the client data."""

    credential_id: bytes = b"a passkey of the tests"
    origin: str = ORIGIN
    said: dict[str, Any] = field(default_factory=dict)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        facts = {"type": f"webauthn.{kind}", "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**facts, "crossOrigin": False, **self.said}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = websafe_encode(self.credential_id)
        facts = {"id": name, "rawId": name, "type": "public-key", "clientExtensionResults": {}}
        return json.dumps({**facts, "response": response})

    def make(self, options: dict[str, Any], *, count: int = 0) -> str:
        """Return what the page sends after making a passkey."""
        options = options["publicKey"]
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        rp = sha256(options["rp"]["id"].encode())
        data = AuthenticatorData.create(rp, FLAG(0x45), count, credential)
        attested = AttestationObject.create("none", data, {})
        response = {
            "clientDataJSON": websafe_encode(self._client_data("create", options)),
            "attestationObject": websafe_encode(attested),
        }
        return self._answer(response)

    def use(self, options: dict[str, Any], user_id: int, *, count: int = 0) -> str:
        """Return what the page sends after using the passkey."""
        options = options["publicKey"]
        data = AuthenticatorData.create(sha256(b"localhost"), FLAG(0x05), count)
        said = self._client_data("get", options)
        signature = self.key.sign(data + sha256(said), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": websafe_encode(said),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(str(user_id).encode()),
        }
        return self._answer(response)


def options_for_new(client: Client) -> dict[str, Any]:
    """Return the challenge of the page that adds a passkey."""
    return dict(json.loads(json.dumps(client.get(NEW).context["js_data"]["creation_options"])))


def options_alone(client: Client) -> dict[str, Any]:
    """Return the challenge for signing in with a passkey alone."""
    answer = client.get(ALONE, headers={"accept": "application/json", "host": HOST})
    options: dict[str, Any] = answer.json()["request_options"]
    return options
