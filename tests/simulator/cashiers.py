"""Who is signed on at which till: with a PIN elsewhere, for a quarter of an hour without a press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from willing.accounts.actions import NewUser, add_user
from willing.terminals.models import Terminal
from willing.terminals.sign_ons import note_press, sign_off, sign_on

if TYPE_CHECKING:
    from tests.simulator.world import World

IDLE, STEP = timedelta(minutes=15), timedelta(seconds=60)


@dataclass
class _On:
    user: int
    seen_at: datetime


class Cashiers:
    """The cashiers, and where each is on."""

    def __init__(self, world: World) -> None:
        self.world = world
        new = (NewUser(name, "unused pass phrase", name.title(), ("cashier",)) for name in ("kim", "lee"))
        self.users = [add_user(world.school, one) for one in new]
        self._on: dict[str, _On] = {}

    def at(self, till: str) -> int | None:
        """Return who is on at a till."""
        found = self._on.get(till)
        if found is None or not timedelta(0) < found.seen_at + IDLE - self.world.at <= IDLE + STEP:
            return None
        return found.user

    def come(self, till: Terminal) -> None:
        """Let somebody sign on, or off, or press something, as it happens before a customer is served."""
        chance = self.world.random.random()
        if chance < (0.05 if self.at(till.name) else 0.7):
            self._sign_on(till)
        elif chance > 0.98:
            self.world.require("sign off", self.world.ask("sign off", lambda: sign_off(read(till))))
            self._on.pop(till.name, None)
        elif chance > 0.7:
            self._press(till)

    def _sign_on(self, till: Terminal) -> None:
        user = self.world.random.choice(self.users)
        done = self.world.ask("sign on", lambda: sign_on(read(till), user))
        self.world.require("sign on", done)
        self._on = {name: one for name, one in self._on.items() if one.user != user.pk}
        self._on[till.name] = _On(user.pk, self.world.at)

    def _press(self, till: Terminal) -> None:
        """Press something: to the minute, whoever is on was seen."""

        def press() -> None:
            found = self._on.get(till.name)
            if found is not None and self.at(till.name) and abs(self.world.at - found.seen_at) >= STEP:
                seen.append(self.world.at)
            note_press(read(till))

        seen: list[datetime] = []
        self.world.ask("press", press)
        if seen:
            self._on[till.name].seen_at = self._seen(till)

    def _seen(self, till: Terminal) -> datetime:
        """Return when who is on was last seen: of several attempts any may have been written."""
        on = read(till).sign_on
        self.world.require_same("who is on", on.user_id, self._on[till.name].user)
        return on.seen_at


def read(till: Terminal) -> Terminal:
    """Return a till as a request reads it."""
    rows = Terminal.objects.select_related("school", "sign_on__user")
    return rows.get(pk=till.pk)
