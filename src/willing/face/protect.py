"""Protect templates: a secret rotation that makes them renewable, and a seal for storage.

Rotation: every template of a school is multiplied by the school's own secret orthogonal matrix. Lengths and
cosines survive, so matching works as before; one template alone says nothing about one under another secret.
It gives renewal of templates that are still sealed, and no more: within a set all pairwise cosines stay, so
two sets of the same people that are both unsealed are linked by them, person by person (300 of 300 in the
tests), and the matrix then follows. It is neither irreversible nor unlinkable in the sense of ISO/IEC 24745.
With some pairs of plain and rotated templates the matrix can be solved for as well: the secret is guarded
like a key. What keeps templates from being read is the seal: AES-256-GCM under the person's own key, bound
to whose template it is.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass, field

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from willing.face.errors import BadSecret, MixedTemplates, SealBroken, WrongArray
from willing.face.types import TEMPLATE_LENGTH, Float32, Template

SECRET_BYTES = 32
ROWS_MAX = 1_000
_MAGIC = b"WFT\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD = struct.Struct(">4sH")


@dataclass(frozen=True, slots=True, eq=False)
class Rotation:
    """A secret orthogonal 128x128 matrix; `id` names it without telling anything about it."""

    id: str
    matrix: NDArray[np.float64] = field(repr=False)

    @classmethod
    def from_secret(cls, secret: bytes) -> Rotation:
        """Return the rotation of a 32-byte secret, the same on every machine to 1e-12.

        The matrix is the Q of a QR decomposition of Gaussian numbers, its signs set so that it is uniform
        over all rotations and reflections (Mezzadri 2007, arXiv:math-ph/0609050). Raises BadSecret.
        """
        if len(secret) != SECRET_BYTES:
            raise BadSecret(f"a rotation's secret has {SECRET_BYTES} bytes")
        name = _derive(secret, b"willing.face rotation id v1", 8).hex()
        numbers = _gaussian(_derive(secret, b"willing.face rotation matrix v1", 32), TEMPLATE_LENGTH**2)
        q, r = np.linalg.qr(numbers.reshape(TEMPLATE_LENGTH, TEMPLATE_LENGTH))
        return cls(name, q * np.sign(np.diag(r)))

    def apply(self, template: Template) -> Template:
        """Return the template under this rotation. Raises MixedTemplates where it is rotated already."""
        if template.rotation_id:
            raise MixedTemplates("the template is under a rotation already")
        turned = self.matrix @ template.vector.astype(np.float64)
        return Template.from_array(turned, model_id=template.model_id, rotation_id=self.id)

    def undo(self, template: Template) -> Template:
        """Return the template as the engine made it. Raises MixedTemplates under another rotation."""
        if template.rotation_id != self.id:
            raise MixedTemplates("the template is not under this rotation")
        plain = self.matrix.T @ template.vector.astype(np.float64)
        return Template.from_array(plain, model_id=template.model_id)


def reissue(template: Template, old: Rotation, new: Rotation) -> Template:
    """Return a template under a new secret, without the person coming again. Raises MixedTemplates.

    It renews what is still sealed. What has already been unsealed stays linkable, see above.
    """
    return new.apply(old.undo(template))


@dataclass(frozen=True, slots=True)
class SealContext:
    """Whose template a seal holds; every part is bound into it.

    person, school: the caller's ids. model: `Template.model_id`. version: the number of this issue of the
    person's references, so that an older one cannot be put back. rotation: `Rotation.id`, "" for none.
    """

    person: str
    school: str
    model: str
    version: int
    rotation: str = ""

    def associated_data(self) -> bytes:
        """Return the parts as bytes, each behind its length, so that no two contexts give the same."""
        parts = (self.person, self.school, self.model, str(self.version), self.rotation)
        encoded = [part.encode() for part in parts]
        return _MAGIC + b"".join(struct.pack(">I", len(part)) + part for part in encoded)


def seal(rows: Float32, key: bytes, context: SealContext) -> bytes:
    """Return (R, 128) float32 references, encrypted and bound to their context.

    Form, version 1: magic and version (4 bytes), R (2), nonce (12), AES-256-GCM of R x 128 little-endian
    float32 with its tag (16). A nonce is random and a person's key seals few things, far below 2^32.
    Raises BadSecret, WrongArray.
    """
    _require_key(key)
    if rows.ndim != 2 or rows.shape[1] != TEMPLATE_LENGTH or not 1 <= len(rows) <= ROWS_MAX:
        raise WrongArray(f"rows are (1..{ROWS_MAX}, {TEMPLATE_LENGTH}), not {rows.shape}")
    if not np.isfinite(rows).all():
        raise WrongArray("rows hold numbers that are not finite")
    head = _HEAD.pack(_MAGIC, len(rows))
    nonce = os.urandom(_NONCE_BYTES)
    body = np.ascontiguousarray(rows, "<f4").tobytes()
    return head + nonce + AESGCM(key).encrypt(nonce, body, head + context.associated_data())


def open_sealed(sealed: bytes, key: bytes, context: SealContext) -> Float32:
    """Return the (R, 128) float32 references of a seal.

    Raises SealBroken where the key, the context or a single bit differs, without saying which; BadSecret.
    """
    _require_key(key)
    if len(sealed) < _HEAD.size + _NONCE_BYTES + _TAG_BYTES:
        raise SealBroken("the sealed template is cut short")
    magic, count = _HEAD.unpack_from(sealed)
    if magic != _MAGIC:
        raise SealBroken("not a sealed template of a version that we know")
    head, nonce = sealed[: _HEAD.size], sealed[_HEAD.size : _HEAD.size + _NONCE_BYTES]
    try:
        body = AESGCM(key).decrypt(
            nonce, sealed[_HEAD.size + _NONCE_BYTES :], head + context.associated_data()
        )
    except InvalidTag:
        raise SealBroken("the sealed template does not open with this key for this person") from None
    if len(body) != count * TEMPLATE_LENGTH * 4:
        raise SealBroken("the sealed template has another length than it says")
    return np.frombuffer(body, "<f4").reshape(count, TEMPLATE_LENGTH).astype(np.float32)


def templates_of(rows: Float32, context: SealContext) -> list[Template]:
    """Return opened rows as templates that carry the context's model and rotation."""
    return [Template.from_array(r, model_id=context.model, rotation_id=context.rotation) for r in rows]


def _require_key(key: bytes) -> None:
    if len(key) != SECRET_BYTES:
        raise BadSecret(f"a person's key has {SECRET_BYTES} bytes")


def _derive(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose).derive(secret)


def _gaussian(seed: bytes, count: int) -> NDArray[np.float64]:
    """Return Gaussian numbers from a SHAKE-256 stream by the Box-Muller transform.

    Spelled out because a library's random generator may change its stream between versions, and then every
    sealed template of a school would be lost.
    """
    words = np.frombuffer(hashlib.shake_256(seed).digest(count * 8), "<u8")
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    radius = np.sqrt(-2 * np.log(uniform[0::2]))
    angle = 2 * np.pi * uniform[1::2]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
