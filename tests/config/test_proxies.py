"""The manual's configurations of nginx and Caddy, started as they stand there, in front of the server.

Only names, ports, certificates and the length of the clocks are replaced. Where a program is not installed
its tests are skipped, and say so.
"""

import contextlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.config.slow_clients import WAIT_SECONDS, Running, read_all, serving, wait_until
from tests.support.lines import calling_over, line_to
from tests.support.server import free_port

from willing.config.server_limits import ServerLimits

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate" / "proxy.md"
NAME = "lunch.school.example"
UPLOAD_BYTES = 11_000_000
VISITOR = "127.0.0.3"


def mirror(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Say who is seen to have asked, how, and how much came; at /held, only when told to."""
    size = len(environ["wsgi.input"].read())
    if environ["PATH_INFO"] == "/held":
        held.begun += 1
        held.over.wait(WAIT_SECONDS)
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ['HTTP_HOST']} {size}".encode()]


class _Held:
    """Requests that the application keeps for a while."""

    def __init__(self) -> None:
        self.over, self.begun = threading.Event(), 0


held = _Held()


@dataclass(frozen=True)
class Proxy:
    """A running proxy, and the folder that all its files are in."""

    port: int
    folder: Path
    context: ssl.SSLContext

    def open(self, source: str = VISITOR) -> ssl.SSLSocket:
        with line_to(self.port, source, WAIT_SECONDS) as line:  # what wraps it goes on
            return self.context.wrap_socket(line, server_hostname=NAME)

    def ask(self, path: str = "/", body: bytes = b"", **headers: str) -> tuple[int, str]:
        with calling_over(self.open(), NAME) as caller:
            answer = caller.ask("POST" if body else "GET", path, body or None, Host=NAME, **headers)
        return answer.status, answer.text


def block(language: str) -> str:
    """Return the page's one block in a language."""
    text = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(found)


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Replace each text, which must be there."""
    for old, new in pairs:
        assert old in text, f"the manual's configuration has no {old!r} any more"
        text = text.replace(old, new)
    return text


def make_certificate(folder: Path) -> ssl.SSLContext:
    """Write a certificate of the test's own and return the context of a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return ssl.create_default_context(cafile=str(folder / "tls.pem"))


def nginx(folder: Path, port: int, backend: int) -> list[str]:
    """Write nginx's configuration and return the command that runs it."""
    site = replaced(
        block("nginx"),
        ("127.0.0.1:8000", f"127.0.0.1:{backend}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/lunch.school.example.pem", f"{folder}/tls.pem"),
        ("/etc/ssl/lunch.school.example.key", f"{folder}/tls.key"),
        ("/var/log/nginx/willing.log", f"{folder}/error.log"),
        ("client_header_timeout 10s", "client_header_timeout 1s"),
        ("client_body_timeout 30s", "client_body_timeout 1s"),
    )
    temporary = "".join(
        f"{kind}_temp_path {folder}/spool-{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/start.log crit;\n"
        f"events {{ worker_connections 8192; }}\nhttp {{\n{temporary}{site}}}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]


def caddy(folder: Path, port: int, backend: int) -> list[str]:
    """Write Caddy's configuration and return the command that runs it."""
    file = replaced(
        block("caddyfile"),
        ("127.0.0.1:8000", f"127.0.0.1:{backend}"),
        (
            f"{NAME} {{",
            f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {folder}/tls.pem {folder}/tls.key",
        ),
        ("{\n\tservers {", "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {"),
        ("read_header 10s", "read_header 1s"),
        ("read_body 30s", "read_body 2s"),
    )
    (folder / "Caddyfile").write_text(file)
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


@pytest.fixture(scope="module")
def backend() -> Iterator[Running]:
    with serving(ServerLimits(), application=mirror, proxies=["127.0.0.1"]) as running:
        yield running


@pytest.fixture(scope="module", params=[nginx, caddy], ids=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, backend: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    program = request.param.__name__
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed: its configuration in the manual was not tried")
    folder, port = tmp_path_factory.mktemp(program), free_port()
    context = make_certificate(folder)
    command = request.param(folder, port, backend.port)
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder)}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, (folder / "output").read_text()
        yield Proxy(port, folder, context)
    finally:
        process.terminate()
        process.wait(timeout=WAIT_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_visitors_address_is_the_one_that_connected_whatever_they_said_it_was(proxy: Proxy) -> None:
    said = proxy.ask("/", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http")
    assert said == (200, f"{VISITOR} https {NAME} 0")


def test_photographs_arrive_whole_and_nothing_of_them_is_on_the_proxys_disk(proxy: Proxy) -> None:
    said = proxy.ask("/photographs", bytes(UPLOAD_BYTES))
    assert said == (200, f"{VISITOR} https {NAME} {UPLOAD_BYTES}")
    found = [path for path in proxy.folder.rglob("*") if path.is_file() and "spool" in str(path)]
    assert found == []
    assert sum(path.stat().st_size for path in proxy.folder.rglob("*") if path.is_file()) < 1_000_000


def test_half_a_header_ends_and_others_are_answered_meanwhile(proxy: Proxy) -> None:
    with contextlib.ExitStack() as lines:
        halves = [lines.enter_context(proxy.open("127.0.0.2")) for _ in range(60)]
        for half in halves:
            half.sendall(b"GET / HTTP/1.1\r\nHost: lunch.school.example\r\nX-Half: ")
        assert proxy.ask("/")[0] == 200
        for half in halves:
            answer = read_all(half)
            assert answer == b"" or answer.split()[1] in (b"400", b"408")


def test_an_unfinished_body_ends_and_leaves_the_server_nothing(proxy: Proxy, backend: Running) -> None:
    with proxy.open("127.0.0.2") as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: lunch.school.example\r\nContent-Length: 20\r\n\r\nhalf of it")
        wait_until(lambda: backend.workers.admissions.buffered_bytes > 0)
        assert b"https" not in read_all(line)  # the application was never asked
    wait_until(lambda: backend.workers.admissions.buffered_bytes == 0)


def test_no_page_is_named_in_a_log(proxy: Proxy) -> None:
    proxy.ask("/family/open/a-secret-link/")
    proxy.ask("/family/open/a-secret-link/", b"x" * 100, Content_Type="text/plain")
    for path in proxy.folder.rglob("*"):
        assert not path.is_file() or b"a-secret-link" not in path.read_bytes(), path


def test_nginx_gives_an_address_no_more_than_its_connections(proxy: Proxy) -> None:
    if not (proxy.folder / "nginx.conf").exists():
        pytest.skip("Caddy limits no address: the manual's firewall rule does")
    held.over.clear()
    held.begun = 0
    with contextlib.ExitStack() as lines:
        for _ in range(40):
            line = lines.enter_context(proxy.open("127.0.0.2"))
            line.sendall(b"GET /held HTTP/1.1\r\nHost: lunch.school.example\r\n\r\n")
        wait_until(lambda: held.begun == ServerLimits().threads)
        with proxy.open("127.0.0.2") as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: lunch.school.example\r\nConnection: close\r\n\r\n")
            assert read_all(line).split()[1] == b"429"
        held.over.set()
    assert proxy.ask("/")[0] == 200


def test_the_firewalls_rule_can_be_read(tmp_path: Path) -> None:
    if shutil.which("nft") is None:
        pytest.skip("nft is not installed: the manual's firewall rule was not tried")
    rules = tmp_path / "willing.nft"
    rules.write_text(block("nft"))
    done = subprocess.run(["nft", "-c", "-f", str(rules)], capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "Unable to initialize" in done.stderr:
        pytest.skip("this computer lets nobody read firewall rules here")
    assert done.returncode == 0, done.stderr
