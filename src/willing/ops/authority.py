"""An authority of the school's computer, which signs for the school's own names and can sign for no other.

Who holds its key could show a device another server under the school's name, and under no other: the names
are constraints of the authority's own certificate (RFC 5280, 4.2.1.10), which browsers hold it to. What it
signs lasts thirty days, so nothing has to be revoked: when the authority is removed, the last one expires.
"""

import plistlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from willing.core.clock import now
from willing.ops.https_files import LOCAL, Https, folder, read_https, write, write_https
from willing.ops.https_rules import AUTHORITY_DAYS, LEAF_DAYS, is_due

# Clocks of old tablets are behind.
BEFORE = timedelta(days=1)
NO_NUMBERS = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


def make_authority(names: Sequence[str]) -> Https:
    """Make a new authority for these names, and the server's first certificate."""
    key, at = ec.generate_private_key(ec.SECP256R1()), now()
    name = _named(f"{names[0]}, made on {at:%Y-%m-%d}")
    constraints = x509.NameConstraints(
        [x509.DNSName(one) for one in names], [x509.IPAddress(one) for one in NO_NUMBERS]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        _builder(name, name, key.public_key(), at + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder() / "authority.key", key)
    write(folder() / "authority.pem", made.public_bytes(Encoding.PEM))
    https = Https(LOCAL, list(names), str(folder() / "server.pem"), str(folder() / "server.pem"))
    issue(names)
    write_https(https)
    return https


def issue(names: Sequence[str]) -> None:
    """Sign a new certificate for the server, with a key of its own, in the place of the one before."""
    signer = load_pem_private_key((folder() / "authority.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    authority, key = read_authority(), ec.generate_private_key(ec.SECP256R1())
    ends = min(now() + timedelta(days=LEAF_DAYS), authority.not_valid_after_utc)
    made = (
        _builder(_named(names[0]), authority.subject, key.public_key(), ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    # One file, written in one step: a certificate never lies beside another one's key.
    write(folder() / "server.pem", made.public_bytes(Encoding.PEM) + _key_bytes(key))


def renew_if_due(at: datetime | None = None) -> bool:
    """Sign a new certificate where the present one has a third of its time left. Return whether it did."""
    https = read_https()
    if https is None or https.kind != LOCAL:
        return False
    [present] = certificates(Path(https.certificate))[:1]
    if not is_due(present.not_valid_before_utc, present.not_valid_after_utc, at or now()):
        return False
    issue(https.names)
    return True


def read_authority() -> x509.Certificate:
    """Return the authority's own certificate, which devices are to trust."""
    return x509.load_pem_x509_certificate((folder() / "authority.pem").read_bytes())


def certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates in a file, the server's own first. Raises ValueError, OSError."""
    return x509.load_pem_x509_certificates(path.read_bytes())


def names_of(certificate: x509.Certificate) -> list[str]:
    """Return the names of the computers that a certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return found.get_values_for_type(x509.DNSName)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-256 as devices show it, to be compared with what the office reads out."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def as_der(certificate: x509.Certificate) -> bytes:
    """Return a certificate as most devices import it."""
    return certificate.public_bytes(Encoding.DER)


def apple_profile(certificate: x509.Certificate) -> bytes:
    """Return a profile by which iPhones, iPads and Macs learn of the authority."""
    digest = certificate.fingerprint(hashes.SHA256()).hex()
    title = certificate.subject.rfc4514_string().removeprefix("CN=").replace("\\", "")

    def identified(part: str) -> dict[str, object]:
        made = uuid.uuid5(uuid.NAMESPACE_URL, f"willing:{part}:{digest}")
        return {
            "PayloadIdentifier": f"willing.{part}.{digest[:16]}",
            "PayloadUUID": str(made),
            "PayloadVersion": 1,
        }

    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadDisplayName": title,
        "PayloadContent": certificate.public_bytes(Encoding.DER),
        **identified("root"),
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadDisplayName": title,
        "PayloadContent": [root],
        **identified("profile"),
    }
    return plistlib.dumps(profile)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, expires: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now().astimezone(UTC) - BEFORE)
        .not_valid_after(expires)
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    write(path, _key_bytes(key))
