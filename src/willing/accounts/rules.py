"""Who needs a second factor, how long a session lasts, which pupils may sign in. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

# They read everyone's record, refund payments, or run the computer: a password alone is too little.
# A cashier works at one till, in front of people, and sees one purchase at a time.
NEEDS_SECOND_FACTOR = frozenset({"office", "canteen", "teacher", "dpo", "administrator"})


STAFF_ROLES = NEEDS_SECOND_FACTOR | {"cashier"}


INVITATION_DAYS = 30


# Long enough for a holiday week; a mailbox is read by more people, and later, than a letter.
MAILED_INVITATION_DAYS = 7


# A letter to a family takes its time; a link to a colleague is opened the same week.
STAFF_INVITATION_DAYS = 7


INVITATION_LENGTH = 16  # 80 bits, so that a stolen table of digests cannot be searched


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts without a request, and in all."""

    idle: timedelta
    total: timedelta


STAFF_SESSION = SessionLimits(timedelta(minutes=30), timedelta(hours=12))


# Between breakfast and lunch nobody pays; the first pupil of lunch must not wait for a password.
CASHIER_SESSION = SessionLimits(timedelta(hours=4), timedelta(hours=12))


PUPIL_SESSION = SessionLimits(timedelta(minutes=15), timedelta(hours=2))


# A passkey stays on the guardian's own locked phone; a password may have been typed on anyone's computer.
PASSKEY_SESSION = SessionLimits(timedelta(days=30), timedelta(days=30))


PASSWORD_SESSION = SessionLimits(timedelta(hours=12), timedelta(hours=12))


def session_limits(roles: Collection[str], *, by_passkey: bool) -> SessionLimits:
    """Return how long someone with `roles` stays signed in: the shortest that any of the roles has."""
    if "pupil" in roles:
        return PUPIL_SESSION
    if set(roles) == {"cashier"}:
        return CASHIER_SESSION
    if STAFF_ROLES.intersection(roles) or "guardian" not in roles:
        return STAFF_SESSION
    return PASSKEY_SESSION if by_passkey else PASSWORD_SESSION


def takes_the_last_administrator(roles_after: Collection[str], others: int) -> bool:
    """Say whether a school would be without one. others: how many administrators can sign in besides."""
    return "administrator" not in roles_after and others == 0


def may_pupil_sign_in(age_years: int | None, from_age: int, *, is_let_in: bool) -> bool:
    """Say whether a pupil may see their own page: old enough, or let in where no age is known."""
    return is_let_in if age_years is None else age_years >= from_age
