"""Tills over HTTP that never give up: a lost answer is asked for again under the same key."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from tests.faults.scenario import Broken
from tests.support.lines import ask

# The same pupils eat the same all day here, and the cashier serves each of them again.
CHECKED = {"main_meals_checked": 10_000, "repeat_checked": True}

# Tells a server that hangs from a machine that does other work beside it; nothing is measured by it.
GIVE_UP_SECONDS = 300
TIMEOUT_SECONDS = 30


@dataclass
class Tally:
    """What the tills were told, and what they lived through; shared by all of a scenario."""

    promised: dict[str, tuple[int, int]] = field(default_factory=dict)
    lost_answers: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count_lost(self) -> None:
        """Note an answer that never came."""
        with self.lock:
            self.lost_answers += 1

    def count_refused(self, status: int) -> None:
        """Note an answer that said "not now"."""
        with self.lock:
            self.refused[status] = self.refused.get(status, 0) + 1

    def promise(self, sale: dict[str, Any]) -> None:
        """Note that a till was told that a basket is paid. A second answer must be the first one again."""
        said = (sale["receipt_number"], sale["total_minor"])
        with self.lock:
            if self.promised.setdefault(sale["basket"], said) != said:
                raise Broken(f"basket {sale['basket']} got two receipts")


@dataclass
class _Basket:
    """How far an unfinished sale is."""

    key: str
    product: str
    card: str
    id: str = ""
    total_minor: int = 0
    is_identified: bool = False


@dataclass
class Till:
    """A paired till.

    bears: the statuses that it takes for "not now", and asks again; anything else beyond 299 is Broken.
    """

    port: int
    token: str
    random: Random
    tally: Tally
    bears: frozenset[int] = frozenset({503})

    def sell(self, product: str, card: str) -> int:
        """Sell one product to the holder of a card, whatever happens meanwhile. Return the receipt number."""
        opened = self.ask("/baskets", {"lines": [{"product": product, "quantity": 1}]})
        path = f"/baskets/{opened['id']}"
        self.ask(f"{path}/identify", {"way": "card", "code": card})
        shown = {"total_minor": opened["total_minor"], **CHECKED}
        sale = self.ask(f"{path}/confirm", shown)
        if not sale["receipt_number"]:
            raise Broken("a confirmed basket has no receipt")
        self.tally.promise(sale)
        if self.random.random() < 0.3:  # the device did not hear it: it asks again
            self.tally.promise(self.ask(f"{path}/confirm", shown))
        return int(sale["receipt_number"])

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one write; it is repeated under one key until it comes."""
        key = self._new_key()
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                status, answer = self._once(path, body, key)
            except (OSError, http.client.HTTPException, ValueError):
                self.tally.count_lost()
                time.sleep(0.05)
                continue
            if status < 300:
                return answer
            if status not in self.bears:
                raise Broken(f"{path} answered {status} {answer.get('code', '')}")
            self.tally.count_refused(status)
            time.sleep(0.1)
        raise Broken(f"{path} got no answer in {GIVE_UP_SECONDS} s")

    def _new_key(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def _once(self, path: str, body: dict[str, Any], key: str) -> tuple[int, dict[str, Any]]:
        answer = ask(
            self.port,
            "POST",
            f"/api/v1{path}",
            json.dumps(body).encode(),
            TIMEOUT_SECONDS,
            Authorization=f"Bearer {self.token}",
            Idempotency_Key=key,
            Content_Type="application/json",
        )
        if answer.status >= 500 and not answer.body.startswith(b"{"):
            return answer.status, {}
        return answer.status, json.loads(answer.body)


class NotNow(Exception):
    """An answer that says "not now": nothing was done."""


class Impatient(Till):
    """A till that takes "not now" for an answer, and goes on with the same basket at its next try."""

    _basket: _Basket | None = None

    def sell(self, product: str, card: str) -> int:
        """Finish what is unfinished, or sell one product. Raises NotNow."""
        basket = self._basket = self._basket or _Basket(self._new_key(), product, card)
        if not basket.id:
            lines = {"lines": [{"product": basket.product, "quantity": 1}]}
            opened = self._ask_once("/baskets", lines, basket.key)
            basket.id, basket.total_minor = opened["id"], opened["total_minor"]
        if not basket.is_identified:
            said = {"way": "card", "code": basket.card}
            self._ask_once(f"/baskets/{basket.id}/identify", said, f"{basket.key}-who")
            basket.is_identified = True
        sale = self._ask_once(
            f"/baskets/{basket.id}/confirm",
            {"total_minor": basket.total_minor, **CHECKED},
            f"{basket.key}-yes",
        )
        self.tally.promise(sale)
        self._basket = None
        return int(sale["receipt_number"])

    def tries_to_sell(self, product: str, card: str) -> bool:
        """Try to sell once. Return whether it was paid. Raises Broken for any other answer than "not now"."""
        try:
            self.sell(product, card)
        except NotNow:
            return False
        return True

    def _ask_once(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        status, answer = self._once(path, body, key)
        if status < 300:
            return answer
        if status not in self.bears:
            raise Broken(f"{path} answered {status} {answer.get('code', '')}")
        self.tally.count_refused(status)
        raise NotNow


class Together:
    """Work in threads of its own; what one raises is raised at the end."""

    def __init__(self, work: list[Callable[[], None]]) -> None:
        self._failed: list[BaseException] = []
        self._threads = [threading.Thread(target=self._guarded, args=(one,), daemon=True) for one in work]
        for thread in self._threads:
            thread.start()

    def _guarded(self, one: Callable[[], None]) -> None:
        try:
            one()
        except Exception as error:  # noqa: BLE001  # raised in `finish`
            self._failed.append(error)

    def is_running(self) -> bool:
        """Say whether any still works, and none has failed."""
        return not self._failed and any(thread.is_alive() for thread in self._threads)

    def finish(self) -> None:
        """Wait for all. Raises what the first to fail raised."""
        while not self._failed and any(thread.is_alive() for thread in self._threads):
            for thread in self._threads:
                thread.join(timeout=0.1)
        if self._failed:
            raise self._failed[0]
