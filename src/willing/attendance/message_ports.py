"""What others may plug in: a gate that says who came in today, and a way beside e-mail to reach a guardian.

Willing has no connector of its own: no cloud, no SMS gateway, no app of a company. One that is written for a
school is registered when Django starts (`AppConfig.ready`); docs/develop/message-ports.md shows how.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from willing.people.models import School

# Gets a school, a day and ids of persons. Returns those of them who came in through a gate that day: a yes or
# a no, without a time, a door or a way. If it raises, nothing is sent.
CameIn = Callable[[School, date, Collection[UUID]], Collection[UUID]]
# Says whether a school has such a gate now.
IsThere = Callable[[School], bool]
PORT_NAME_CHARS_MAX = 20
_gates: dict[CameIn, IsThere] = {}
_ports: dict[str, "MessagePort"] = {}


@dataclass(frozen=True)
class PortMessage:
    """One message for a port. id: the same for the same message, which is never handed over a second time."""

    id: UUID
    telephone: str
    language: str
    text: str


class MessagePort(Protocol):
    """A way beside e-mail. name: short, in small letters; label: what the office reads.

    is_free: that no family is billed for it, in whatever way. Only then it is registered.
    """

    name: str
    label: str
    is_free: bool

    def reaches(self, telephone: str) -> bool:
        """Say whether a number may be reached this way; asks no other computer."""

    def send(self, message: PortMessage) -> bool:
        """Send a message, and say whether it was accepted. What it raises leaves open whether it went out."""


def register_gate(came_in: CameIn, is_there: IsThere = lambda _school: True) -> None:
    """Let a gate say who came in today, which can stop a message and nothing else."""
    _gates[came_in] = is_there


def forget_gate(came_in: CameIn) -> None:
    """Ask a gate no more."""
    _gates.pop(came_in)


def has_gate(school: School) -> bool:
    """Say whether any gate says who came in at a school."""
    return any(is_there(school) for is_there in _gates.values())


def came_in(school: School, day: date, person_ids: Collection[UUID]) -> set[UUID]:
    """Return who of these came in through a gate that day; nobody is known to where there is no gate."""
    return {person_id for gate in _gates for person_id in gate(school, day, person_ids)}


def register_port(port: MessagePort) -> None:
    """Let messages go out by a port. Raises ValueError where it is not free, or its name can't be one."""
    if not port.is_free:
        raise ValueError("a message about absence bills no family")
    if not port.name.isidentifier() or port.name == "mail" or len(port.name) > PORT_NAME_CHARS_MAX:
        raise ValueError(f"a port can't be called {port.name!r}")
    _ports[port.name] = port


def forget_port(name: str) -> None:
    """Send nothing by a port any more."""
    _ports.pop(name, None)


def find_port(name: str) -> MessagePort | None:
    """Return a port by name, or None."""
    return _ports.get(name)


def ports() -> list[MessagePort]:
    """Return the ports in the order in which they were registered."""
    return list(_ports.values())
