"""What a page seals, the process that has the key opens, and nobody else: RFC 9180, in a real browser."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.journeys.conftest import OpenTill
from tests.support.browser import Till

from willing.core.sealed_messages import MessageRefused, ReceivingKey

# RFC 9180, A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, the first message.
INFO = "4f6465206f6e2061204772656369616e2055726e"
SENDER = "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb"
ENC = (
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce6"
    "5c9bfcb9382657222d18c4"
)
RECIPIENT = "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2"
RECIPIENT_PUBLIC = (
    "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e3"
    "0f1d128aafd68a2ce72ea0"
)
AAD, MESSAGE = "436f756e742d30", "4265617574792069732074727574682c20747275746820626561757479"
CIPHERTEXT = "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"

SEAL = """async ([recipient, message, info, aad, jwk]) => {
  const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (one) => parseInt(one, 16));
  const curve = { name: "ECDH", namedCurve: "P-256" };
  let ephemeral = null;
  if (jwk) {
    const { d, ...point } = jwk;
    ephemeral = {
      privateKey: await crypto.subtle.importKey("jwk", jwk, curve, false, ["deriveBits"]),
      publicKey: await crypto.subtle.importKey("jwk", point, curve, true, []),
    };
  }
  const { seal } = await import("/static/ui/hpke.js");
  const sealed = await seal(bytes(recipient), bytes(message), bytes(info), { aad: bytes(aad), ephemeral });
  return Array.from(sealed, (one) => one.toString(16).padStart(2, "0")).join("");
}"""


@pytest.fixture(scope="module")
def shares() -> list[str]:
    return [bytes(range(at, at + 16)).hex() for at in range(0, 160, 16)]


@pytest.fixture
def till(open_till: OpenTill) -> Till:
    return open_till(paired=False)


def seal(till: Till, *, to: str, message: str, info: str, aad: str = "", jwk: Any = None) -> bytes:
    if till.page.url == "about:blank":
        till.page.goto(f"{till.server.address}/c")
    return bytes.fromhex(till.page.evaluate(SEAL, [to, message, info, aad, jwk]))


def private(scalar: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(scalar, 16), ec.SECP256R1())


def as_jwk(scalar: str) -> dict[str, str]:
    """Return a private key as the browser takes it."""
    numbers = private(scalar).private_numbers()
    point = numbers.public_numbers
    fields = {"d": numbers.private_value, "x": point.x, "y": point.y}
    encoded = {
        name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).decode().rstrip("=")
        for name, value in fields.items()
    }
    return {"kty": "EC", "crv": "P-256", **encoded}


def test_the_page_seals_as_rfc_9180_does(till: Till) -> None:
    sealed = seal(till, to=RECIPIENT_PUBLIC, message=MESSAGE, info=INFO, aad=AAD, jwk=as_jwk(SENDER))
    assert sealed.hex() == ENC + CIPHERTEXT


def test_what_a_page_seals_its_key_opens_for_its_occasion_only(till: Till, shares: list[str]) -> None:
    key, other = ReceivingKey(), ReceivingKey()
    info, message = b"session 1, basket 1", shares[1]
    sealed = seal(till, to=key.public.hex(), message=message, info=info.hex())
    again = seal(till, to=key.public.hex(), message=message, info=info.hex())
    assert key.open(sealed, info).hex() == message
    assert sealed != again
    assert key.open(again, info).hex() == message
    assert bytes.fromhex(message) not in sealed
    refused = [
        (other, sealed, info),
        (key, sealed, b"session 1, basket 2"),
        (key, sealed[:-1], info),
        (key, sealed[:64], info),
        (key, b"", info),
        (key, b"\\x04" + bytes(96), info),
        (key, sealed[:65] + again[65:], info),
        (key, bytes([*sealed[:-1], sealed[-1] ^ 1]), info),
    ]
    for with_key, what, occasion in refused:
        with pytest.raises(MessageRefused):
            with_key.open(what, occasion)


def test_the_key_of_the_vectors_is_the_one_that_opens_them(till: Till) -> None:
    key = ReceivingKey(private(RECIPIENT))
    assert key.public.hex() == RECIPIENT_PUBLIC
    sealed = seal(till, to=RECIPIENT_PUBLIC, message=MESSAGE, info=INFO, jwk=as_jwk(SENDER))
    assert sealed.hex().startswith(ENC)
    assert key.open(sealed, bytes.fromhex(INFO)).hex() == MESSAGE
