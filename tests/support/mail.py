"""A mail server of our own on 127.0.0.1, which takes what it is given and answers as it is told."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tests.support.server import free_port

OK = "250 OK"


@dataclass
class Post:
    """What came, and what the server answers. is_slow: it takes a message and never answers."""

    port: int = 0
    came: list[EmailMessage] = field(default_factory=list)
    recipient_answer: str = OK
    data_answer: str = OK
    passwords: list[tuple[str, str]] = field(default_factory=list)
    is_slow: bool = False
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.recipient_answer == OK:
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a message."""
        content = cast("bytes", envelope.original_content)
        self.came.append(message_from_bytes(content, policy=policy.default))
        self.arrived.set()
        if self.is_slow:
            await asyncio.sleep(60)
        return self.data_answer

    def check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> Any:
        """Take one password only."""
        assert isinstance(data, LoginPassword)
        self.passwords.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)  # the server answers


@contextmanager
def post_office(**settings: Any) -> Iterator[Post]:
    """Lend a mail server while the block runs. settings: aiosmtpd's, such as `auth_required`."""
    post = Post(port=free_port())
    if "auth_required" in settings:
        settings |= {"authenticator": post.check, "auth_require_tls": False}
    controller = Controller(post, hostname="127.0.0.1", port=post.port, **settings)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
