"""`willing https`: an authority that signs for the school's names alone, and a certificate that is "
"renewed."""

import plistlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from tests.support.certificates import authority as other_authority
from tests.support.lines import line_to

from willing.cli import main
from willing.config.door import choose, open_door, pages
from willing.config.tls import Shown
from willing.core.clock import now
from willing.ops import authority
from willing.ops.https_files import read_https

NAME = "lunch.school.example"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path))
    (tmp_path / "secrets").mkdir(mode=0o700)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["https", *map(str, arguments)])


@contextmanager
def answering(context: ssl.SSLContext) -> Iterator[int]:
    """Answer one TLS line after the other with "hello", on a port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    try:
                        with context.wrap_socket(line, server_side=True) as wrapped:
                            wrapped.sendall(b"hello")
                    except (ssl.SSLError, OSError):
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield port
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def shown(port: int, name: str, trusted: Path) -> x509.Certificate:
    """Return the certificate that a client which trusts one authority is shown. Raises ssl.SSLError."""
    context = ssl.create_default_context(cafile=str(trusted))
    with line_to(port, "127.0.0.1", 5) as line, context.wrap_socket(line, server_hostname=name) as wrapped:
        assert wrapped.recv(5) == b"hello"
        return x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")


def test_a_device_that_trusts_it_opens_the_schools_name_and_no_other(home: Path) -> None:
    assert run("local-authority", "make", NAME).exit_code == 0
    https = read_https()
    assert https is not None
    trusted = home / "secrets/https/authority.pem"
    with answering(Shown(https).context) as port:
        assert authority.names_of(shown(port, NAME, trusted)) == [NAME]
        with pytest.raises(ssl.SSLCertVerificationError):
            shown(port, "bank.example", trusted)
    # Whoever stole its key could not sign for a bank either: devices hold it to the names.
    authority.issue(["bank.example"])
    with answering(Shown(https).context) as port, pytest.raises(ssl.SSLCertVerificationError) as refused:
        shown(port, "bank.example", trusted)
    assert "permitted subtree violation" in str(refused.value)
    secret = [path for path in (home / "secrets").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}


def test_a_certificate_is_renewed_in_time_and_shown_without_a_restart(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("local-authority", "make", NAME)
    https = read_https()
    assert https is not None
    trusted = home / "secrets/https/authority.pem"
    serving = Shown(https)
    with answering(serving.context) as port:
        first = shown(port, NAME, trusted)
        serving.refresh()
        assert shown(port, NAME, trusted) == first
        assert not authority.renew_if_due(now() + timedelta(days=19))
        assert authority.renew_if_due(now() + timedelta(days=20))
        serving.refresh()
        assert shown(port, NAME, trusted) != first
        (home / "secrets/https/server.pem").write_text("half a certificate")
        monkeypatch.setattr("willing.config.tls.renew_if_due", lambda: False)
        with pytest.raises(ssl.SSLError):
            serving.refresh()  # its thread says so on Health
        assert shown(port, NAME, trusted) != first, "the one before goes on"


def test_a_certificate_of_the_schools_own_is_checked_first(home: Path, tmp_path: Path) -> None:
    made = other_authority(tmp_path / "elsewhere")
    made.server([NAME])
    [pair] = [path for path in (tmp_path / "elsewhere").glob("*.pem") if path.name != "authority.pem"]
    assert run("use", pair, pair).exit_code == 0
    assert f"own certificate: {NAME}" in run("status").output
    made.server([NAME], ends=timedelta(days=-1))
    old = max((tmp_path / "elsewhere").glob("*.pem"), key=lambda path: path.stat().st_mtime_ns)
    assert "expired on" in run("use", old, old).output
    assert "no certificate and its key" in run("use", pair, old).output
    assert "HTTP from the next start on" in run("off").output
    assert "speaks HTTP" in run("status").output
    assert pair.exists()


def test_an_authority_is_made_once_renewed_and_removed_by_name(home: Path) -> None:
    assert "is a number" in run("local-authority", "make", "192.168.1.5").output
    assert "no local authority here" in run("local-authority", "renew").output
    run("local-authority", "make", NAME)
    assert "set up here already" in run("local-authority", "make", NAME).output
    before = (home / "secrets/https/server.pem").read_bytes()
    assert run("local-authority", "renew").exit_code == 0
    assert (home / "secrets/https/server.pem").read_bytes() != before
    said = run("status").output
    assert authority.fingerprint(authority.read_authority()) in said
    assert "local-authority remove" in run("off").output
    assert run("local-authority", "remove").exit_code == 0
    assert not (home / "secrets/https").exists()


def test_without_an_installation_nothing_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "none"))
    assert "there is no installation here" in run("status").output
    assert not (tmp_path / "none").exists()


def test_apple_devices_get_a_profile_with_the_authority_in_it(home: Path) -> None:
    run("local-authority", "make", NAME)
    root = authority.read_authority()
    found = plistlib.loads(authority.apple_profile(root))
    [payload] = found["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert x509.load_der_x509_certificate(payload["PayloadContent"]) == root
    assert isinstance(root.public_key(), ec.EllipticCurvePublicKey)


def ask_door(port: int, request: bytes) -> bytes:
    with line_to(port, "127.0.0.1", 5) as line:
        line.sendall(request)
        pieces = []
        while piece := line.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def test_the_door_leads_numbers_to_the_name_and_says_why(home: Path) -> None:
    run("local-authority", "make", NAME)
    https = read_https()
    assert https is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    open_door("127.0.0.1", port, pages(https, 8443))
    page = ask_door(
        port, b"GET /staff/?x=1 HTTP/1.1\r\nHost: 192.168.1.5\r\nAccept-Language: en\r\n\r\n"
    ).decode()
    assert f'<a href="https://{NAME}:8443/">' in page
    assert "never at a number" in page
    assert "lunch.<wbr>" in page, "a long name breaks on a phone, which has no style there"
    assert authority.fingerprint(authority.read_authority()) in page.replace("</code><br><code>", "")
    chinese = ask_door(port, b"GET / HTTP/1.1\r\nHost: x\r\nAccept-Language: zh-CN,en\r\n\r\n").decode()
    assert "学校" in chinese
    der = ask_door(port, b"GET /authority.crt HTTP/1.1\r\nHost: x\r\n\r\n").partition(b"\r\n\r\n")[2]
    assert x509.load_der_x509_certificate(der) == authority.read_authority()
    assert ask_door(port, b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n") == b"", (
        "too long a line is no question"
    )
    assert choose(b"HEAD / HTTP/1.1\r\n\r\n", pages(https, 443)).endswith(b"\r\n\r\n")
