"""What a scenario is, and where all of them are listed.

A scenario is a function that takes a Case, does harm, and returns one line that says what it did. It raises
Broken where a promise did not hold, and NotPossible where this machine does not let it do its harm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.faults.school import School


class Broken(AssertionError):
    """A promise that did not hold."""


class NotPossible(Exception):
    """This machine does not allow the harm; the reason is said, never hidden."""


@dataclass(frozen=True)
class Case:
    """One run of a scenario: a fresh copy of the school, and everything random from one seed.

    The seed fixes every choice and every delay that is asked for, not how the system schedules processes.
    """

    seed: int
    random: Random
    school: School
    folder: Path

    def branch(self, name: str) -> Random:
        """Return a source of randomness of its own, for a thread of its own."""
        return Random(f"{self.seed}:{name}")


Run = Callable[[Case], str]
SCENARIOS: dict[str, Run] = {}


def scenario(name: str) -> Callable[[Run], Run]:
    """List a function as the scenario `name`."""

    def listed(run: Run) -> Run:
        assert name not in SCENARIOS, f"two scenarios are called {name}"
        SCENARIOS[name] = run
        return run

    return listed


def require(holds: bool, what: str) -> None:
    """Raise Broken, saying `what`, unless it holds."""
    if not holds:
        raise Broken(what)
