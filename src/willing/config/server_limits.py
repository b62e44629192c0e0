"""How long a client may take, and how much of this computer one may hold, before anyone has signed in.

A browser or a till on a poor line stays far below each of them. Who is beyond one is refused by name.
"""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The limits of one server process. Tests lend it shorter ones."""

    header_seconds_max: float = 10.0
    body_seconds_max: float = 30.0
    # For each 256 KiB of an answer that the client does not fetch.
    answer_seconds_max: float = 30.0
    # Between two requests. A till that sells again within a minute opens no new connection.
    idle_seconds_max: float = 5.0
    idle_seconds_known_max: float = 75.0
    # So long an answer is held for news (core.doorbell): below what proxies wait for one.
    wait_seconds_max: float = 20.0
    header_bytes_max: int = 32 * KIB
    connections_max: int = 200
    # Of those that have not yet completed a request as a paired till or with a signed-in session.
    unknown_an_address_max: int = 40
    buffered_bytes_max: int = 64 * MIB
    # Requests that are worked on at the same time; the others wait in the order in which they came. More
    # threads sell no more (docs/performance.md). Callers who are not known have their own: a class that signs
    # in, each after a hash that takes its time on purpose, keeps no till waiting.
    threads: int = 4
    unknown_threads: int = 4


# What a request may carry. More is taken only where a page is for it, and from a caller who is known.
BODY_BYTES_MAX = 64 * KIB
UPLOAD_BYTES_MAX = 12 * MIB
# Beyond what is kept a body is taken in and dropped: a browser hears an answer only once it has sent
# everything. Some ten photographs of a good telephone: someone who chose too many sees why.
DROPPED_BYTES_MAX = 128 * MIB
