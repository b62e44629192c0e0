"""Who did what an entry of the log says, from its facts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

USER, GUARDIAN, PERSON, TILL, SYSTEM = "user", "guardian", "person", "till", "system"
KINDS = (USER, GUARDIAN, PERSON, TILL, SYSTEM)
# Events whose guardian did it, though no fact says by whom; in others a guardian is whom it is about.
GUARDIANS_OWN = frozenset({"complaint.raised", "low_balance.set"})
# Events whose user did it; in others a user is whom it is about.
USERS_OWN = frozenset({"invitation.used", "passkey.clone_suspected"})


@dataclass(frozen=True)
class Actor:
    """Who it was: a kind of KINDS, and the id of the user, guardian or till; "" where there is none."""

    kind: str
    id: str = ""


def actor_of(event: str, facts: Mapping[str, Any]) -> Actor:
    """Return who did what an entry says.

    A user before all others: at a till it is the person who serves, where they gave their name. Nobody named
    is the computer itself: a nightly job, a command, a start.
    """
    found = _user(event, facts)
    if found is not None:
        return Actor(USER, str(found))
    if facts.get("by") == "self" or (event == "complaint.raised" and facts.get("raised_by") == "pupil"):
        return Actor(PERSON)
    guardian = _guardian(event, facts)
    if guardian:
        return Actor(GUARDIAN, str(guardian))
    return Actor(TILL, str(facts["terminal"])) if facts.get("terminal") else Actor(SYSTEM)


def _user(event: str, facts: Mapping[str, Any]) -> int | None:
    named = (facts.get("by"), facts.get("cashier"), facts.get("user") if event in USERS_OWN else None)
    return next((one for one in named if isinstance(one, int)), None)


def _guardian(event: str, facts: Mapping[str, Any]) -> str | None:
    by = facts.get("by")
    if isinstance(by, str):
        return by
    return facts.get("guardian") if "by" in facts or event in GUARDIANS_OWN else None
