"""What a till does with a dish, and when a guardian is asked again."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from willing.allergens.rules import (
    SERVE,
    Check,
    Declared,
    DishCause,
    DishDecision,
    DishDoubt,
    DishVerdict,
    decide_dish,
    is_checked,
    is_confirmation_due,
    is_past,
    is_worse,
)

MILK, NUTS, KIWI = "milk", "nuts", "=kiwi"
PLAIN = Declared(frozenset(), frozenset(), is_signed=True)
CREAM = Declared(frozenset({MILK}), frozenset({NUTS}), is_signed=True)
UNSIGNED = Declared(frozenset(), frozenset(), is_signed=False)


def needs(*found):
    return frozenset(found)


def check(*doubts):
    return DishDecision(DishVerdict.CHECK, tuple(DishDoubt(why, about) for why, about in doubts))


DISHES = [
    ("nobody who must not eat anything is asked", needs(), None, SERVE),
    (
        "contains blocks",
        needs(MILK, NUTS),
        CREAM,
        DishDecision(DishVerdict.BLOCK, (DishDoubt(DishCause.CONTAINS, needs(MILK)),)),
    ),
    (
        "may contain is checked",
        needs(NUTS),
        CREAM,
        check((DishCause.MAY_CONTAIN, needs(NUTS))),
    ),
    ("free of it is served", needs("fish"), CREAM, SERVE),
    (
        "what nobody declared is checked",
        needs(MILK),
        None,
        check((DishCause.NOT_DECLARED, needs(MILK))),
    ),
    (
        "what nobody signed is checked",
        needs(MILK),
        UNSIGNED,
        check((DishCause.NOT_SIGNED, needs(MILK))),
    ),
    (
        "what is on no list is checked",
        needs(KIWI, "fish"),
        PLAIN,
        check((DishCause.NOT_LISTED, needs(KIWI))),
    ),
    (
        "traces hide neither what is on no list nor what nobody signed",
        needs(MILK, KIWI, "fish"),
        Declared(frozenset(), frozenset({MILK}), is_signed=False),
        check(
            (DishCause.MAY_CONTAIN, needs(MILK)),
            (DishCause.NOT_LISTED, needs(KIWI)),
            (DishCause.NOT_SIGNED, needs("fish")),
        ),
    ),
    (
        "traces of what is on no list are named once",
        needs(KIWI),
        Declared(frozenset(), frozenset({KIWI}), is_signed=True),
        check((DishCause.MAY_CONTAIN, needs(KIWI))),
    ),
]


@pytest.mark.parametrize(
    ("eats_not", "dish", "decision"), [one[1:] for one in DISHES], ids=[one[0] for one in DISHES]
)
def test_only_what_is_known_to_be_safe_is_served(eats_not, dish, decision):
    assert decide_dish(eats_not, dish) == decision


def test_a_decision_is_about_all_its_doubts_and_named_by_the_gravest():
    both = check((DishCause.MAY_CONTAIN, needs(MILK)), (DishCause.NOT_SIGNED, needs("fish")))
    assert (both.why, both.allergens) == (DishCause.MAY_CONTAIN, needs(MILK, "fish"))
    assert (SERVE.why, SERVE.allergens) == (DishCause.NOTHING, needs())


def test_what_contains_it_is_blocked_signed_or_not():
    unsigned = Declared(frozenset({MILK}), frozenset(), is_signed=False)
    kiwi = Declared(frozenset({KIWI}), frozenset(), is_signed=False)
    assert decide_dish(needs(MILK), unsigned).verdict is DishVerdict.BLOCK
    assert decide_dish(needs(KIWI), kiwi).verdict is DishVerdict.BLOCK


SOUP, BREAD, FIRST, SECOND = (UUID(int=one) for one in range(4))


def test_a_check_holds_for_one_dish_as_it_was_declared_and_for_no_more_allergens():
    made = [Check(SOUP, FIRST, needs(MILK, NUTS))]
    assert is_checked(Check(SOUP, FIRST, needs(MILK)), made)
    assert not is_checked(Check(BREAD, FIRST, needs(MILK)), made)
    assert not is_checked(Check(SOUP, SECOND, needs(MILK)), made)
    assert not is_checked(Check(SOUP, FIRST, needs(MILK, "fish")), made)
    assert not is_checked(Check(SOUP, FIRST, needs(MILK)), [])


def test_a_change_concerns_whom_it_takes_a_dish_from():
    assert is_worse(needs(MILK), PLAIN, CREAM)  # served before, blocked now
    assert is_worse(needs(MILK), None, CREAM)  # unknown before, blocked now
    assert is_worse(needs(NUTS), PLAIN, CREAM)  # served before, checked now
    assert not is_worse(needs("fish"), PLAIN, CREAM)
    assert not is_worse(needs(MILK), CREAM, PLAIN)  # better
    assert not is_worse(needs(MILK), CREAM, CREAM)
    both = Declared(frozenset({MILK, NUTS}), frozenset(), is_signed=True)
    assert is_worse(needs(MILK, NUTS), CREAM, both)  # blocked before for one, now for two


TERMS = [date(2026, 1, 6), date(2026, 4, 14), date(2026, 9, 3)]


def test_a_guardian_is_asked_once_a_term():
    assert is_confirmation_due(date(2026, 4, 13), date(2026, 4, 14), TERMS)
    assert not is_confirmation_due(date(2026, 4, 14), date(2026, 9, 2), TERMS)
    assert is_confirmation_due(date(2026, 4, 14), date(2026, 9, 3), TERMS)


def test_without_terms_it_is_half_a_year():
    confirmed = date(2026, 1, 6)
    assert not is_confirmation_due(confirmed, confirmed + timedelta(days=183), [])
    assert is_confirmation_due(confirmed, confirmed + timedelta(days=184), [])
    assert is_confirmation_due(confirmed, confirmed + timedelta(days=184), [date(2027, 1, 6)])


def test_a_report_is_about_what_has_happened():
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert is_past(at, at)
    assert not is_past(at + timedelta(minutes=2), at)
