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
    """What led to the verdict, the gravest first."""

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
class DishDoubt:
    """One cause, and those of the person's allergens that it is about."""

    why: DishCause
    allergens: frozenset[str]


@dataclass(frozen=True)
class DishDecision:
    """What a till does with a dish, and every doubt that led to it: no allergen in two of them."""

    verdict: DishVerdict
    doubts: tuple[DishDoubt, ...] = ()

    @property
    def why(self) -> DishCause:
        """The gravest cause."""
        return self.doubts[0].why if self.doubts else DishCause.NOTHING

    @property
    def allergens(self) -> frozenset[str]:
        """All that it is about. A check answers for each of them."""
        return frozenset().union(*(one.allergens for one in self.doubts))


SERVE = DishDecision(DishVerdict.SERVE)


def decide_dish(needs: frozenset[str], declared: Declared | None) -> DishDecision:
    """Say what a till does with a dish for a person who must not eat `needs`.

    "Contains" blocks, whoever says what. Everything else that is not known to be safe asks for a check, of
    all of it at once: a person who checks the traces of one allergen has not answered for the others.
    """
    if not needs:
        return SERVE
    if declared is None:
        return DishDecision(DishVerdict.CHECK, (DishDoubt(DishCause.NOT_DECLARED, needs),))
    if needs & declared.contains:
        return DishDecision(DishVerdict.BLOCK, (DishDoubt(DishCause.CONTAINS, needs & declared.contains),))
    may = needs & declared.may_contain
    in_words = frozenset(one for one in needs - may if one.startswith(OWN))
    unsigned = frozenset() if declared.is_signed else needs - may - in_words
    causes = (DishCause.MAY_CONTAIN, may), (DishCause.NOT_LISTED, in_words), (DishCause.NOT_SIGNED, unsigned)
    doubts = tuple(DishDoubt(why, about) for why, about in causes if about)
    return DishDecision(DishVerdict.CHECK, doubts) if doubts else SERVE


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
