"""Certificates of our own making: an authority, and servers' certificates that fit or do not."""

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass(frozen=True)
class Authority:
    """Whoever issues certificates. file: its own, for SSL_CERT_FILE, so that it is trusted."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        path = self.folder / "authority.pem"
        path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return path

    def server(self, names: Iterable[str] = ("127.0.0.1",), *, ends: timedelta = 30 * DAY) -> ssl.SSLContext:
        """Return what a server of these names shows. ends: after now; below zero it has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = list(names)
        alternatives = [
            x509.IPAddress(IPv4Address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names
        ]
        builder = _builder(_named(names[0]), self.certificate.subject, key, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        made = builder.add_extension(usage, critical=False).sign(self.key, hashes.SHA256())
        path = self.folder / f"{made.serial_number:x}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def authority(folder: Path) -> Authority:
    """Make an authority that keeps its files in a folder."""
    folder.mkdir(exist_ok=True)
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("An authority of this test")
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    builder = _builder(name, name, key, 60 * DAY).add_extension(is_authority, critical=True)
    return Authority(folder, key, builder.sign(key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 40 * DAY)
        .not_valid_after(now + ends)
    )
