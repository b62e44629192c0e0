"""Reads of breaches: the register, and how much time is left."""

from collections.abc import Mapping
from dataclasses import dataclass

from willing.consent.profiles import require_profile
from willing.core.clock import now
from willing.dpia.breach_models import Authority, Breach, BreachAccount, BreachStep
from willing.dpia.breach_rules import RECIPIENTS, Clock, clock_of, is_settled
from willing.people.models import School


@dataclass(frozen=True)
class BreachState:
    """A breach as it is: what is known, what was done, and how long there is.

    is_open: of each recipient, whether anything is left to decide or to send.
    """

    breach: Breach
    account: BreachAccount
    steps: tuple[BreachStep, ...]
    clock: Clock
    is_open: Mapping[str, bool]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return not any(self.is_open.values())


def state_of(breach: Breach) -> BreachState:
    """Return a breach as it is at this moment."""
    account = breach.accounts.select_related("by").order_by("-number")[0]
    steps = tuple(breach.steps.select_related("by").order_by("number"))
    hours = require_profile(breach.school.legal_profile).breach_hours
    is_open = {
        one: not is_settled([step.step for step in steps if step.recipient == one]) for one in RECIPIENTS
    }
    return BreachState(breach, account, steps, clock_of(breach.known_at, hours, now()), is_open)


def breaches(school: School) -> list[BreachState]:
    """Return the register, newest first."""
    rows = Breach.objects.filter(school=school).select_related("school", "recorded_by").order_by("-number")
    return [state_of(one) for one in rows]


def running_breaches(school: School) -> list[BreachState]:
    """Return the breaches of which something is left to do, the oldest first."""
    return [one for one in reversed(breaches(school)) if not one.is_settled]


def authority_of(school: School) -> Authority | None:
    """Return whom the school notifies, as the officer entered it, or None."""
    return Authority.objects.filter(school=school).first()
