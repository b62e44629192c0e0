"""The door: plain HTTP beside a server that speaks HTTPS itself, for anyone who typed a number or no `https`.

It gives no page of the school's. It says where those are and why, and hands out the certificate of the
school's own authority, which a device needs before it can open them.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from willing.ops import authority
from willing.ops.https_files import LOCAL, Https

SECONDS_MAX = 5.0
HEADER_BYTES_MAX = 8 * 1024
LINES_MAX = 100
LANGUAGES = ("en", "zh-hans")
log = logging.getLogger("willing.start")


@dataclass(frozen=True)
class DoorAnswer:
    """What the door answers. kind: its media type."""

    kind: str
    content: bytes

    def encode(self, *, with_content: bool = True) -> bytes:
        """Return it as it goes over the line, after which the line is closed."""
        head = (
            "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: "
            "nosniff\r\n"
            f"Content-Security-Policy: default-src 'none'\r\nContent-Type: {self.kind}\r\n"
            f"Content-Length: {len(self.content)}\r\n\r\n"
        )
        return head.encode("ascii") + (self.content if with_content else b"")


def pages(https: Https, port: int) -> Mapping[str, DoorAnswer]:
    """Return every answer by its path; the page itself by its language."""
    address = f"https://{https.names[0]}" + ("" if port == 443 else f":{port}") + "/"
    found: dict[str, DoorAnswer] = {}
    # A phone's page without a style breaks a long name nowhere else.
    name = format_html_join(mark_safe(".<wbr>"), "{}", ((part,) for part in https.names[0].split(".")))
    shown: dict[str, object] = {"address": address, "title": https.names[0], "name": name}
    if https.kind == LOCAL:
        root = authority.read_authority()
        # In lines: a narrow page without a style breaks no word.
        number = authority.fingerprint(root)
        shown["lines"] = [number[start : start + 24] for start in range(0, len(number), 24)]
        found["/authority.crt"] = DoorAnswer("application/x-x509-ca-cert", authority.as_der(root))
        profile = authority.apple_profile(root)
        found["/authority.mobileconfig"] = DoorAnswer("application/x-apple-aspen-config", profile)
    for language in LANGUAGES:
        with translation.override(language):
            text = render_to_string("ui/door.html", shown | {"language": language})
        found[language] = DoorAnswer("text/html; charset=utf-8", text.encode())
    return found


def open_door(host: str, port: int, answers: Mapping[str, DoorAnswer]) -> None:
    """Answer at the door, in a thread, until the process exits. Raises OSError where the port is in use."""
    line = socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, dualstack_ipv6=host == "::"
    )
    door = _Door(answers)
    threading.Thread(target=lambda: asyncio.run(door.serve(line)), name="willing-door", daemon=True).start()


class _Door:
    def __init__(self, answers: Mapping[str, DoorAnswer]) -> None:
        self._answers = answers
        self._open = 0

    async def serve(self, line: socket.socket) -> None:
        """Answer one line after the other."""
        server = await asyncio.start_server(self._answer, sock=line, limit=HEADER_BYTES_MAX)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= LINES_MAX:
                async with asyncio.timeout(SECONDS_MAX):
                    header = await reader.readuntil(b"\r\n\r\n")
                    writer.write(choose(header, self._answers))
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a client that asks too slowly, or too much, or hangs up, gets no answer
        finally:
            self._open -= 1
            writer.close()


def choose(header: bytes, answers: Mapping[str, DoorAnswer]) -> bytes:
    """Return the answer to a request's header."""
    lines = header.decode("latin-1").split("\r\n")
    method, _, rest = lines[0].partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if path.startswith("/") and path in answers:
        return answers[path].encode(with_content=method != "HEAD")
    wanted = next((one.lower() for one in lines if one.lower().startswith("accept-language:")), "")
    chinese, english = wanted.find("zh"), wanted.find("en")
    language = LANGUAGES[1] if chinese >= 0 and (english < 0 or chinese < english) else LANGUAGES[0]
    return answers[language].encode(with_content=method != "HEAD")
