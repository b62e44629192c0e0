"""Shelly relays of the second generation and later: a relay whose pulse the device finishes by itself.

`Switch.Set` with `toggle_after` switches on and, after so many seconds, off again, in the device. Nothing is
ever sent without it, so that no relay of ours stays on or off for good. Digest with SHA-256 (RFC 7616), the
user is always `admin`. Source: shelly-api-docs.shelly.cloud/gen2.
"""

import json
import socket
import time
from dataclasses import dataclass
from typing import Any

from willing.gate.doors.protocol import (
    ANSWER_SECONDS,
    NO_CONTACTS,
    Contacts,
    DoorFault,
    DoorFaultCause,
    DoorState,
    PulsedDoor,
)

USER = "admin"
ANSWER_BYTES_MAX = 64_000


@dataclass(frozen=True)
class ShellyAddress:
    """Where a relay is. host: "192.168.7.30", with ":8080" where it is another port."""

    host: str
    password: str = ""


class ShellyDoor(PulsedDoor):
    """A lock on one relay of a Shelly."""

    def __init__(self, at: ShellyAddress, relay: int, contacts: Contacts = NO_CONTACTS) -> None:
        super().__init__()
        self.at, self.relay, self.contacts = at, relay, contacts

    def _send_pulse(self, seconds: int) -> None:
        self._call("Switch.Set", {"id": self.relay, "on": True, "toggle_after": seconds})

    def state(self) -> DoorState:
        """Read the relay, so that a wrong password or relay is found, and the inputs that are wired."""
        self._call("Switch.GetStatus", {"id": self.relay})
        return DoorState(
            is_open=self._is_broken(self.contacts.door), is_alarm=self._is_broken(self.contacts.alarm)
        )

    def _is_broken(self, contact: int | None) -> bool | None:
        if contact is None:
            return None
        state = self._call("Input.GetStatus", {"id": contact}).get("state")
        return None if state is None else not state

    def _call(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        try:
            import requests
            from requests.auth import HTTPDigestAuth
        except ImportError as error:
            raise DoorFault(DoorFaultCause.NOT_INSTALLED, "requests") from error
        auth = HTTPDigestAuth(USER, self.at.password) if self.at.password else None
        until = time.monotonic() + 2 * ANSWER_SECONDS
        try:
            # Its name is asked of no proxy, and what it sends is not followed elsewhere.
            with requests.Session() as session:
                session.trust_env = False
                session.mount("http://", _adapter(until))
                # Closed here, also where it is too long to be read to its end.
                with session.post(
                    f"http://{self.at.host}/rpc/{method}",
                    json=parameters,
                    auth=auth,
                    timeout=ANSWER_SECONDS,
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    body = b""
                    for part in answer.iter_content(1024):
                        body += part
                        if len(body) > ANSWER_BYTES_MAX or time.monotonic() > until:
                            raise DoorFault(DoorFaultCause.WRONG_DEVICE)
        except requests.RequestException as error:
            raise DoorFault(DoorFaultCause.NO_ANSWER) from error
        except (LookupError, TypeError, ValueError) as error:
            # Of a challenge without a realm, an address that is none: what the package does not expect.
            raise DoorFault(DoorFaultCause.WRONG_DEVICE) from error
        return _read(answer.status_code, body)


def _adapter(until: float) -> Any:
    """Return what reads answers until a moment, however slowly they come: a header a byte at a time, too."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection

    class Line(socket.socket):
        def recv_into(self, *args: Any) -> int:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.settimeout(min(left, ANSWER_SECONDS))
            return super().recv_into(*args)

    class Connection(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock = Line(fileno=self.sock.detach())

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, **more)
            self.poolmanager.pool_classes_by_scheme = {"http": Pool}

    return Adapter()


def _read(status: int, body: bytes) -> dict[str, Any]:
    if status == 401:
        raise DoorFault(DoorFaultCause.WRONG_SECRET)
    try:
        found = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise DoorFault(DoorFaultCause.WRONG_DEVICE) from error
    if not isinstance(found, dict):
        raise DoorFault(DoorFaultCause.WRONG_DEVICE)
    if status != 200:
        raise DoorFault(DoorFaultCause.DENIED if "code" in found else DoorFaultCause.WRONG_DEVICE)
    return found
