"""A small OpenID Connect provider on 127.0.0.1: discovery, authorisation code with PKCE, token, keys."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET, KID = "willing", "a secret of the two", "key-1"
MISSING = object()  # a claim that the token leaves out


class Provider:
    """What it would say about whoever signs in next, and what it was asked."""

    def __init__(self) -> None:
        self.key = self.signs_with = ec.generate_private_key(ec.SECP256R1())
        self.claims: dict[str, Any] = {}
        self.changes: dict[str, Any] = {}  # to what a sound token says
        self.forge: Callable[[dict[str, Any]], str] | None = (
            None  # signs in another way than a sound provider
        )
        self.answers: dict[str, tuple[int, bytes]] = {}  # what a path says instead: status and body
        self.asked: dict[str, dict[str, str]] = {}
        self.paths: list[str] = []
        self.address = ""

    def discovery(self) -> dict[str, Any]:
        """Return where everything is."""
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        """Return the public key."""
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "ES256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser goes, with a code; the person at it has agreed."""
        code = f"code-{len(self.asked)}"
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: dict[str, str]) -> dict[str, Any]:
        """Return tokens for a code, once, to the right client with the right verifier."""
        asked = self.asked.pop(given["code"])
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert (given["client_id"], given["client_secret"]) == (CLIENT, SECRET)
        at = int(time.time())
        sound = {"iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 60, **self.claims}
        claims = {**sound, **self.changes}
        sign = self.forge or self._sign
        token = sign({name: value for name, value in claims.items() if value is not MISSING})
        return {"access_token": "none", "token_type": "Bearer", "id_token": token}

    def _sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.signs_with, algorithm="ES256", headers={"kid": KID})


@contextmanager
def serve() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            provider.paths.append(path)
            answers = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.keys}
            if not self._is_faulty(path):
                self._answer(answers[path]())

        def do_POST(self) -> None:
            provider.paths.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self._is_faulty(self.path):
                return
            self._answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _is_faulty(self, path: str) -> bool:
            """Give the answer that a test put in the place of the sound one, where there is one."""
            if path not in provider.answers:
                return False
            self._send(*provider.answers[path])
            return True

        def _answer(self, value: Any) -> None:
            self._send(200, json.dumps(value).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
