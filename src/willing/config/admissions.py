"""Which connections this process holds, for whom, and how many bytes of theirs are in its memory.

Half a header costs its sender nothing and us one of 200 connections. So an address that nobody has signed in
from, or paired a till at, holds few of them; and where all are taken, the one that does least gives way.
Everything here runs in the event loop's thread.
"""

import enum
import ipaddress
from collections import Counter
from collections.abc import Collection
from typing import Protocol

from willing.config.server_limits import ServerLimits


class Phase(enum.IntEnum):
    """What a connection does, in the order in which connections give way: those first that do nothing."""

    IDLE = 0
    READING_HEADER = 1
    READING_BODY = 2
    WORKING = 3


class Connection(Protocol):
    """What is asked of a connection here.

    is_proxied: a proxy of ours is at the other end, whose own limits hold; callers of all kinds share it.
    since: when its phase began, by a steady clock, in seconds.
    """

    address: str
    is_proxied: bool
    is_known: bool
    phase: Phase
    since: float

    def give_way(self) -> None:
        """End at once."""


class NotAdmitted(Exception):
    """This connection is one too many. status: 429 for its address, 503 for all together."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Admissions:
    """The connections of one process. proxies: addresses and networks that limit each address themselves."""

    def __init__(self, limits: ServerLimits, proxies: Collection[str] = ()) -> None:
        self.limits = limits
        self.buffered_bytes = 0
        self.lingering = 0  # connections that were refused, and may still read why
        self._proxies = [ipaddress.ip_network(one) for one in proxies]
        self._admitted: set[Connection] = set()
        self._unknown: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._admitted)

    def admit(self, connection: Connection) -> None:
        """Count a new connection, ending one that does less where there is no room. Raises NotAdmitted."""
        address = connection.address
        connection.is_proxied = connection.is_known = self._is_proxy(address)
        if self._unknown[address] >= self.limits.unknown_an_address_max and not connection.is_proxied:
            self._make_room([one for one in self._of(address) if one.phase is Phase.IDLE], status=429)
        if len(self) >= self.limits.connections_max:
            waiting = [one for one in self._admitted if one.phase is Phase.IDLE or not one.is_known]
            self._make_room([one for one in waiting if one.phase is not Phase.WORKING], status=503)
        self._admitted.add(connection)
        if not connection.is_known:
            self._unknown[address] += 1

    def know(self, connection: Connection) -> None:
        """Count no longer against its address who has completed a request as a till or signed in."""
        if connection in self._admitted and not connection.is_known:
            connection.is_known = True
            self._forget(connection.address)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that is closed. Twice is as good as once."""
        if connection in self._admitted:
            self._admitted.remove(connection)
            if not connection.is_known:
                self._forget(connection.address)

    def hold(self, size_bytes: int) -> bool:
        """Count bytes that are about to be kept in memory. Return False where they would be too many."""
        if self.buffered_bytes + size_bytes > self.limits.buffered_bytes_max:
            return False
        self.buffered_bytes += size_bytes
        return True

    def release(self, size_bytes: int) -> None:
        """Count bytes no longer."""
        self.buffered_bytes -= size_bytes

    def _of(self, address: str) -> list[Connection]:
        return [one for one in self._admitted if one.address == address and not one.is_known]

    def _make_room(self, candidates: list[Connection], *, status: int) -> None:
        """End the candidate that is known least, does least, and of those alike has done so the longest."""
        if not candidates:
            raise NotAdmitted(status)
        chosen = min(candidates, key=lambda one: (one.is_known, one.phase, one.since))
        self.leave(chosen)
        chosen.give_way()

    def _forget(self, address: str) -> None:
        self._unknown[address] -= 1
        if self._unknown[address] <= 0:
            del self._unknown[address]

    def _is_proxy(self, address: str) -> bool:
        try:
            host = ipaddress.ip_address(address.partition("/")[0])
        except ValueError:
            return False
        return any(host in network for network in self._proxies)


def address_of(host: str) -> str:
    """Return whom an address stands for: itself, or its /64 where one household has that many (IPv6)."""
    try:
        parsed = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed) if parsed.is_loopback else str(ipaddress.ip_network((parsed, 64), strict=False))
