"""Decisions about allergens. Pure: values in, decision out.

Fail closed: what nobody declared, what nobody signed for the day and what is on no list is never taken for
safe, and an entry that was not confirmed protects like any other.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from willing.core.clock import STEP

# No term is longer: without a calendar, what was confirmed before that is asked about anew.
TERM_DAYS_MAX = 183
# "=" and words: an allergen that is on no list of law, so that nobody looked for it in every dish.
OWN = "="


class DishVerdict(StrEnum):
    """What a till does with one dish for one person."""

    SERVE = "serve"
    CHECK = "check"
    BLOCK = "block"


class DishCause(StrEnum):
    """What led to the verdict."""

    NOTHING = ""
    CONTAINS = "contains"
    MAY_CONTAIN = "may_contain"
    NOT_LISTED = "not_listed"
    NOT_SIGNED = "not_signed"
    NOT_DECLARED = "not_declared"


@dataclass(frozen=True)
class Declared:
    """What is declared of a dish, in keys that `table.folded` has made. is_signed: for today."""

    contains: frozenset[str]
    may_contain: frozenset[str]
    is_signed: bool


@dataclass(frozen=True)
class DishDecision:
    """What a till does with a dish; allergens: those of the person that it is about."""

    verdict: DishVerdict
    why: DishCause = DishCause.NOTHING
    allergens: frozenset[str] = frozenset()


SERVE = DishDecision(DishVerdict.SERVE)


def decide_dish(needs: frozenset[str], declared: Declared | None) -> DishDecision:
    """Say what a till does with a dish for a person who must not eat `needs`.

    "Contains" blocks, whoever says what. Everything else that is not known to be safe asks for a check.
    """
    if not needs:
        return SERVE
    if declared is None:
        return DishDecision(DishVerdict.CHECK, DishCause.NOT_DECLARED, needs)
    if needs & declared.contains:
        return DishDecision(DishVerdict.BLOCK, DishCause.CONTAINS, needs & declared.contains)
    if needs & declared.may_contain:
        return DishDecision(DishVerdict.CHECK, DishCause.MAY_CONTAIN, needs & declared.may_contain)
    in_words = frozenset(one for one in needs if one.startswith(OWN))
    if in_words:
        return DishDecision(DishVerdict.CHECK, DishCause.NOT_LISTED, in_words)
    return SERVE if declared.is_signed else DishDecision(DishVerdict.CHECK, DishCause.NOT_SIGNED, needs)


@dataclass(frozen=True)
class Check:
    """That a named person checked a dish as it was declared then, for these allergens."""

    dish: UUID
    declaration: UUID | None
    allergens: frozenset[str]


def is_checked(check: Check, checks: Iterable[Check]) -> bool:
    """Say whether a check that is needed was made: of the same declaration, for no fewer allergens."""
    return any(
        (one.dish, one.declaration) == (check.dish, check.declaration) and check.allergens <= one.allergens
        for one in checks
    )


def is_worse(needs: frozenset[str], before: Declared | None, after: Declared) -> bool:
    """Say whether a change of a dish concerns a person: it is blocked or checked now for more than before.

    Both as if they were signed: an unsigned one concerns everyone, and no list for the kitchen.
    """
    old, new = decide_dish(needs, before), decide_dish(needs, after)
    order = list(DishVerdict)
    return order.index(new.verdict) > order.index(old.verdict) or not new.allergens <= old.allergens


def is_confirmation_due(confirmed_on: date, today: date, terms_begin: Collection[date]) -> bool:
    """Say whether a guardian is asked again whether an entry still holds: once a term."""
    begun = [one for one in terms_begin if one <= today]
    if begun and confirmed_on < max(begun):
        return True
    return today - confirmed_on > timedelta(days=TERM_DAYS_MAX)


def is_past(happened_at: datetime, now: datetime) -> bool:
    """Say whether a report is about something that has happened, give or take a step of the clock."""
    return happened_at <= now + STEP
