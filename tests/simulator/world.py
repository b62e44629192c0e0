"""A school whose lunch hours are drawn from a seed: who buys what at which till, and all that goes wrong.

Everything goes through the real actions and the real database, in one process and one thread. A kill is an
exception that nothing catches at a boundary between statements, with the connections thrown away: what the
database had not committed by then is gone, as in a power cut. The clock is the simulator's own. The ids are
not drawn from the seed, so what is compared are names, sums and receipts.
"""

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from tests.simulator.books import Books, read_balances
from tests.simulator.cashiers import Cashiers
from tests.simulator.deaths import Killed, Kills
from tests.simulator.drawers import PLACES
from tests.simulator.duplicates import Duplicates
from tests.simulator.office import Office
from tests.simulator.tills import Tills

from willing.audit.verify_database import verify_log
from willing.core import clock
from willing.core.errors import Refused
from willing.keys import installation
from willing.ops.books_check import verify_books
from willing.people.models import School

BEGIN = datetime(2026, 9, 7, 11, 0, tzinfo=UTC)
HOURS_A_DAY = 6
# After so many hours the whole log is verified again: it grows with every hour.
LOG_HOURS = 5
# How often of a hundred times each thing happens.
KILLED, UNHEARD = 15, 10
# Up to which boundary of a request of the office the process dies.
BOUNDARIES_MAX = 40


@dataclass
class Counts:
    """What has happened so far."""

    hours: int = 0
    baskets: int = 0
    sales: int = 0
    cash_sales: int = 0
    voids: int = 0
    refunds: int = 0
    duplicates: int = 0
    pay_ins: int = 0
    reversals: int = 0
    siblings: int = 0
    pay_outs: int = 0
    bookings: int = 0
    closes: int = 0
    counts_at_tills: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    lost_answers: int = 0


class Fault(AssertionError):
    """Something that must hold did not."""


class World:
    """One school from its first hour on. The same seed and cast live through the same hours."""

    def __init__(self, cast: Any, seed: str) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.at = BEGIN
        self.counts = Counts()
        # Its bank's files are SEPA's, and cash is rounded to five cents.
        School.objects.update(currency="EUR", country="FI")
        self.school, self.staff = cast.school, cast.user("office")
        self.people = {name: cast.person(name) for name in sorted(cast.cards)}
        self._trace = hashlib.sha256()
        with clock.running(lambda: self.at):
            self.office = Office(self)
        self.books = Books(read_balances(), PLACES)
        self.cashiers = Cashiers(self)
        self.tills, self.duplicates = Tills(self), Duplicates(self)
        self._kills = Kills()
        self._kills.watch()
        # Whether the keys' database is looked at again depends on a real clock: here it always is.
        self._examined_for = installation.EXAMINED_FOR_SECONDS
        installation.EXAMINED_FOR_SECONDS = 0.0
        installation.reset_examined()

    def leave(self) -> None:
        """Stop dying: the connections are the next one's, and so is what is kept of the keys."""
        self._kills.leave()
        installation.EXAMINED_FOR_SECONDS = self._examined_for

    @property
    def digest(self) -> str:
        """A digest of everything that was answered so far."""
        return self._trace.hexdigest()

    def run_hour(self) -> None:
        """Live through one lunch hour. Raises Fault where something does not hold after it."""
        with clock.running(lambda: self.at):
            self._live()
            self.duplicates.look()
            self._require_whole()
        self.counts.hours += 1
        into_day = self.counts.hours % HOURS_A_DAY
        day = BEGIN + timedelta(days=self.counts.hours // HOURS_A_DAY)
        self.at = max(self.at, day + timedelta(hours=into_day))

    def _live(self) -> None:
        waiting = self.tills.queue()
        is_last = self.counts.hours % HOURS_A_DAY == HOURS_A_DAY - 1
        busy: dict[Any, Iterator[None]] = {"office": self.office.hour(is_last=is_last)}
        while waiting or busy:
            for till in [one for one in self.tills.terminals if one not in busy and one in waiting]:
                waiting.remove(till)
                busy[till] = self.tills.customer(till)
            who = self.random.choice(list(busy))
            self.pass_time()
            if next(busy[who], StopIteration) is StopIteration:
                del busy[who]

    def pass_time(self) -> None:
        """Let some seconds pass; now and then the clock is set back."""
        chance = self.random.random()
        seconds = self.random.uniform(0.2, 6)
        if chance < 0.01:
            seconds = self.random.uniform(31, 90)  # a name is forgotten
        elif chance < 0.02:
            seconds = -self.random.uniform(1, 50)  # a time server sets the clock
        elif chance < 0.023:
            seconds = -self.random.uniform(90, 900)  # somebody does
        self.at += timedelta(seconds=seconds)

    def happens(self, of_hundred: int) -> bool:
        """Say whether something happens this time."""
        return self.random.random() * 100 < of_hundred

    def key(self) -> UUID:
        """Draw the key of a request."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def ask(
        self, name: str, act: Callable[[], Any], *, again: str = "", boundaries: int = BOUNDARIES_MAX
    ) -> Any:
        """Ask until there is an answer, through deaths and lost answers. Return it, or the refusal.

        again: with what an action without a key is refused where it was done already; then it was, and the
        answer is None.
        """
        asked = 0
        while True:
            self._kills.arm(self.random.randint(1, boundaries) if self.happens(KILLED) else None)
            asked += 1
            try:
                answer = act()
            except Refused as refused:
                answer = refused
            except Killed as killed:
                connections.close_all()
                self.counts.kills += 1
                # A savepoint is named by the number of its thread, which is another one each time.
                self.note(name, re.sub(r"\d+", "", f"killed {killed}")[:40])
                self.pass_time()
                continue
            finally:
                self._kills.arm(None)  # what is asked between two requests is the simulator's
            if self.happens(UNHEARD):
                self.counts.lost_answers += 1
                self.note(name, "unheard")
                continue
            return self._heard(name, answer, again if asked > 1 else "")

    def _heard(self, name: str, answer: Any, again: str) -> Any:
        code = answer.code if isinstance(answer, Refused) else ""
        self.note(name, code)
        if code and code == again:
            return None
        if code:
            self.counts.refused[code] += 1
        return answer

    def demand(
        self,
        name: str,
        act: Callable[[], Any],
        foretell: Callable[[], str],
        *,
        boundaries: int = BOUNDARIES_MAX,
    ) -> Any:
        """Ask likewise, where what is answered depends on the time of each attempt.

        foretell: the code of the refusal at this moment, or "". Return what was done; None where it was
        refused. Raises Fault where the last attempt was not answered as was foretold for it, unless one
        before, whose answer nobody heard, may have done it.
        """
        told: list[str] = []

        def attempt() -> Any:
            told.append(foretell())
            return act()

        answer = self.ask(name, attempt, boundaries=boundaries)
        code = answer.code if isinstance(answer, Refused) else ""
        if code != told[-1] and (code or "" not in told):
            raise Fault(f"{name}: {code or 'done'}, and not {told}")
        return None if code else answer

    def require(self, name: str, answer: Any, refusal: str = "") -> bool:
        """Raise Fault unless an action was done, or refused as it had to be. Return whether it was done."""
        code = answer.code if isinstance(answer, Refused) else ""
        if code != refusal:
            raise Fault(f"{name}: {code or 'done'}, and not {refusal or 'done'}")
        return not code

    def require_same(self, what: str, found: Any, right: Any) -> None:
        """Raise Fault where what is found is not what the model has."""
        if found != right:
            raise Fault(f"{what}: {found}, and not {right}")

    def note(self, *what: object) -> None:
        """Write something that happened into the trace."""
        self._trace.update(repr((self.at.isoformat(), *what)).encode())

    def _require_whole(self) -> None:
        if not (books := verify_books()).ok:
            raise Fault(f"the books: {books}")
        if self.counts.hours % LOG_HOURS == LOG_HOURS - 1 and not (log := verify_log()).ok:
            raise Fault(f"the log: {log.faults}")
        self.tills.require_whole()
        self.office.require_whole()
        balances = {name: balance for name, balance in self.books.balances.items() if balance}
        self.require_same("balances", read_balances(), balances)
        self.note("hour", sorted(balances.items()))
