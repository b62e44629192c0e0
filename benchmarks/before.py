"""Hold this version beside an earlier one: both serve at once, and the same clients ask them in turns.

A busy moment hits both alike, so the ratios hold where the times themselves do not.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks.crowd import Client
from benchmarks.frames import till_frame
from benchmarks.lunch import GaveUp, Till, together
from benchmarks.measure import Row, percentile
from benchmarks.rooms import ROOT
from benchmarks.versions import CLIENTS, Version, checkout, place
from willing.face import Engine

ROUNDS = 10  # of one till alone, by card and by face
SALES_BY_CARD, SALES_BY_FACE = 20, 8  # in each round
TILLS, TILL_ROUNDS, TILL_SALES = 4, 4, 50  # four tills: so many sales at each, so many times
# A round of four tills ends here whatever is sold: on PostgreSQL 0.1.0 has a deadlock at nearly every sale,
# each of which lasts a second, and its 200 sales would take four minutes.
TILL_SECONDS_MAX = 25.0
TRIES = 20  # of one request that is answered with a fault
CROWD_SECONDS, CROWD_ROUNDS = 15.0, 2
CROWD_SECONDS_LEFT = 10.0  # for what was begun before the end
Tell = Callable[[str], None]


def before(engine: Engine, commit: str, tell: Tell, *, on_postgres: bool = False) -> Iterator[Row]:
    """Yield this version's figures beside those of an earlier commit. tell: gets a line after each step."""
    jpeg = till_frame(engine, "person_b_2")
    with ExitStack() as stack:
        versions = [
            Version(name, root, stack.enter_context(place(root, on_postgres=on_postgres)))
            for name, root in ((commit, checkout(commit)), ("now", ROOT))
        ]
        for version in versions:
            tell(f"{version.name}: making a school")
            version.open_school()
        for version in versions:
            stack.enter_context(version.serving())
        _measure(versions, jpeg, tell)
    yield from _rows("before-postgres" if on_postgres else "before", *versions)


def _measure(versions: list[Version], jpeg: bytes, tell: Tell) -> None:
    """Ask all versions the same, in turns."""
    for version in [*versions, *versions]:
        _sell_alone(version, jpeg, cards=5, faces=3, note=False)
    for number in range(ROUNDS):
        for version in _turn(versions, number):
            _sell_alone(version, jpeg, cards=SALES_BY_CARD, faces=SALES_BY_FACE)
        tell(f"one till alone, {number + 1} of {ROUNDS}: {_told(versions, 'alone')}")
    for number in range(TILL_ROUNDS):
        for way in ("card", "face"):
            for version in _turn(versions, number):
                _sell_at_four(version, way, jpeg)
        tell(f"four tills, {number + 1} of {TILL_ROUNDS}: {_told(versions, 'four tills')}")
    for number in range(CROWD_ROUNDS):
        for version in _turn(versions, number):
            _crowd(version)
            sold = sum(version.sales[-1])
            tell(f"{CLIENTS} clients, {number + 1} of {CROWD_ROUNDS}: {version.name} sold {sold} times")


def _told(versions: list[Version], where: str) -> str:
    """Return the middle times so far, in words."""
    return "; ".join(
        f"{version.name} " + ", ".join(
            f"{way} {statistics.median(times):.0f} ms ({len(times)})"
            for way in ("card", "face", "frame")
            if (times := version.found.get(f"{way}, {where}"))
        )
        for version in versions
    )  # fmt: skip


def _turn(versions: list[Version], number: int) -> list[Version]:
    return versions if number % 2 else versions[::-1]


def _sell_alone(version: Version, jpeg: bytes, *, cards: int, faces: int, note: bool = True) -> None:
    till = Till(version.port, version.school["tokens"][0])
    penny, own = version.school["penny"], version.school["cards"]
    for number in range(cards):
        till.timed(lambda n=number: till.sell_by_card(penny, own[n % len(own)]))  # type: ignore[misc]
    by_card = till.sales_ms[:]
    till.sales_ms.clear()
    for _ in range(faces):
        till.timed(lambda: till.sell_by_face(penny, jpeg))
    till.close()
    if note:
        version.note("card, alone", by_card)
        version.note("face, alone", till.sales_ms)
        version.note("frame, alone", till.frames_ms)


def _sell_at_four(version: Version, way: str, jpeg: bytes) -> None:
    until = time.monotonic() + TILL_SECONDS_MAX
    tokens = version.school["tokens"][:TILLS]
    tills = [Till(version.port, token, tries=TRIES, until=until) for token in tokens]
    penny = version.school["penny"]

    def work(till: Till, own: list[str]) -> None:
        for number in range(TILL_SALES):
            card = own[number % len(own)]
            if time.monotonic() < until:
                _sell_or_count(
                    version,
                    lambda c=card: till.timed(  # type: ignore[misc]
                        (lambda: till.sell_by_face(penny, jpeg))
                        if way == "face"
                        else (lambda: till.sell_by_card(penny, c))
                    ),
                )

    together([lambda t=till, n=n: work(t, version.school["cards"][n::TILLS]) for n, till in enumerate(tills)])  # type: ignore[misc]
    for till in tills:
        till.close()
        version.note(f"{way}, four tills", till.sales_ms)
        version.faults += till.faults


def _sell_or_count(version: Version, sell: Callable[[], None]) -> bool:
    """Sell once, and say whether it was booked. What the earlier version refuses is only counted."""
    try:
        sell()
    except GaveUp:
        if version.root == ROOT:
            raise
        version.given_up += 1
        return False
    return True


def _crowd(version: Version) -> None:
    until = time.monotonic() + CROWD_SECONDS
    clients = [
        Client(version.port, token, until=until + CROWD_SECONDS_LEFT) for token in version.school["tokens"]
    ]
    counts = [0] * len(clients)

    def work(number: int) -> None:
        card = version.school["cards"][number]
        while time.monotonic() < until:
            sell = lambda: clients[number].sell(version.school["penny"], card)  # noqa: E731
            counts[number] += _sell_or_count(version, sell)

    together([lambda n=number: work(n) for number in range(len(clients))])  # type: ignore[misc]
    for client in clients:
        version.note("request, 64 clients", client.requests_ms)
        version.statuses.update(client.statuses)
    version.sales.append(counts)


def _rows(section: str, old: Version, new: Version) -> Iterator[Row]:
    for name, target in (("card", 0.4), ("face", 0.6), ("frame", 0.45)):
        was, is_now = (statistics.median(one.found[f"{name}, alone"]) for one in (old, new))
        what = "a frame's request" if name == "frame" else f"a sale by {name}"
        yield Row(section, f"one till, {what}: {old.name}", was, "ms")
        yield Row(section, f"one till, {what}: now", is_now, "ms")
        yield Row(section, f"one till, {what}: ratio", is_now / was, "times", target)
    for way, target in (("card", 250.0), ("face", 600.0)):
        for version in (old, new):
            yield from _till_rows(section, version, way, target if version is new else None)
    for version in (old, new):
        asked = 0.0 if version is new else None
        yield Row(section, f"four tills, answers of 500 and above: {version.name}", version.faults, "", asked)
        yield from _crowd_rows(section, version, is_asked=version is new)
        yield Row(section, f"sales given up: {version.name}", version.given_up, "", asked)


def _till_rows(section: str, version: Version, way: str, asked: float | None) -> Iterator[Row]:
    times, wanted = version.found[f"{way}, four tills"], TILLS * TILL_SALES * TILL_ROUNDS
    name = f"four tills by {way}"
    yield Row(section, f"{name}, sales booked of {wanted}: {version.name}", len(times), "")
    if times:
        yield Row(section, f"{name}, 99th percentile: {version.name}", percentile(times, 0.99), "ms", asked)
        yield Row(section, f"{name}, in the middle: {version.name}", statistics.median(times), "ms")


def _crowd_rows(section: str, version: Version, *, is_asked: bool) -> Iterator[Row]:
    times, name = version.found["request, 64 clients"], f"{CLIENTS} clients"

    def target(value: float) -> float | None:
        return value if is_asked else None

    slowest = min(min(counts) / max(statistics.median(counts), 1) for counts in version.sales)
    refused = 100 * version.statuses[503] / max(version.statuses.total(), 1)
    a_minute = sum(map(sum, version.sales)) * 60 / (CROWD_SECONDS * len(version.sales))
    yield Row(section, f"{name}, sales a minute: {version.name}", a_minute, "1/min")
    yield Row(section, f"{name}, request, in the middle: {version.name}", statistics.median(times), "ms")
    yield Row(
        section,
        f"{name}, request, 99th percentile: {version.name}",
        percentile(times, 0.99),
        "ms",
        target(1000),
    )
    yield Row(section, f"{name}, answers 503: {version.name}", refused, "%", target(1))
    yield Row(section, f"{name}, answers 500: {version.name}", version.statuses[500], "", target(0))
    yield Row(
        section,
        f"{name}, slowest client's sales beside the middle one's: {version.name}",
        slowest, "times", target(0.5), at_most=False,
    )  # fmt: skip
