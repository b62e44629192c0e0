"""A mailbox of our own on 127.0.0.1, which speaks as much IMAP (RFC 3501) as our reading of one needs."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """What lies in it, by UID, and what was done. has_uidplus: it deletes single mails.

    context: its certificate, where it speaks TLS; from the first byte on, or where it is asked to (`starts`).
    """

    port: int = 0
    mails: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    fetched: list[int] = field(default_factory=list)
    has_uidplus: bool = True
    opens: bool = True
    validity: int = 7
    passwords: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    starts: bool = False

    def put(self, raw: bytes) -> int:
        """Deliver a mail; return its UID."""
        uid = max([*self.mails, *self.deleted], default=0) + 1
        self.mails[uid] = raw
        return uid


class _Session(socketserver.StreamRequestHandler):
    @property
    def box(self) -> Mailbox:
        server = self.server
        assert isinstance(server, _Server)
        return server.box

    def handle(self) -> None:
        if self.box.context is not None and not self.box.starts and not self.encrypt():
            return
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode(errors="replace").strip().partition(" ")
            name, _, said = rest.partition(" ")
            answer = getattr(self, f"on_{name.lower()}", None)
            done = answer(said) if answer else "BAD what is that"
            self.say(f"{tag} {done} done")
            if name.upper() == "LOGOUT" or (name.upper() == "STARTTLS" and not self.encrypt()):
                return

    def encrypt(self) -> bool:
        """Go on under TLS; False where the client wants none of this certificate."""
        assert self.box.context is not None
        try:
            self.request = self.box.context.wrap_socket(self.request, server_side=True)
        except OSError:  # and ssl.SSLError is one
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        return True

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def on_capability(self, _said: str) -> str:
        can = [("UIDPLUS", self.box.has_uidplus), ("STARTTLS", self.box.starts and self.box.context)]
        self.say(" ".join(["* CAPABILITY IMAP4rev1", *(name for name, does in can if does)]))
        return "OK"

    def on_starttls(self, _said: str) -> str:
        return "OK"

    def on_login(self, said: str) -> str:
        self.box.passwords.append(said)
        return "OK" if said == 'lunch "right"' else "NO wrong"

    def on_select(self, _said: str) -> str:
        if not self.box.opens:
            return "NO no such mailbox"
        self.say(f"* {len(self.box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.validity}] valid")
        return "OK [READ-WRITE] open"

    def on_logout(self, _said: str) -> str:
        self.say("* BYE")
        return "OK"

    def on_uid(self, said: str) -> str:
        name, _, rest = said.partition(" ")
        return str(getattr(self, f"uid_{name.lower()}")(rest))

    def uid_search(self, said: str) -> str:
        begin = int(re.fullmatch(r"UID (\d+):\*", said)[1])  # type: ignore[index]
        newest = max(self.box.mails, default=0)  # which n:* names, however large n is
        found = [uid for uid in self.box.mails if uid >= min(begin, newest)]
        self.say("* SEARCH " + " ".join(map(str, found)))
        return "OK"

    def uid_fetch(self, said: str) -> str:
        number, _, what = said.partition(" ")
        uid, raw = int(number), self.box.mails[int(number)]
        if "HEADER.FIELDS" in what:
            header = raw.partition(b"\r\n\r\n")[0]
            kept = re.search(rb"(?im)^content-type:.*(?:\r\n[ \t].*)*", header)
            part, label = (kept[0] if kept else b"") + b"\r\n\r\n", "BODY[HEADER.FIELDS (CONTENT-TYPE)]"
        else:
            self.box.fetched.append(uid)
            part, label = raw, "BODY[]<0>"
        self.wfile.write(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)} {label} {{{len(part)}}}\r\n".encode())
        self.wfile.write(part + b")\r\n")
        return "OK"

    def uid_store(self, said: str) -> str:
        self.box.deleted.add(int(said.split(maxsplit=1)[0]))
        return "OK"

    def uid_expunge(self, said: str) -> str:
        assert self.box.has_uidplus
        del self.box.mails[int(said)]
        return "OK"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Mailbox


@contextmanager
def mailbox(context: ssl.SSLContext | None = None, *, starts: bool = False) -> Iterator[Mailbox]:
    """Lend a mailbox while the block runs."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = Mailbox(port=server.server_address[1], context=context, starts=starts)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.box
        finally:
            server.shutdown()
            thread.join()
