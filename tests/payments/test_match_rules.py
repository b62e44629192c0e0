"""Whose a booking is: a table."""

from uuid import UUID

import pytest

from willing.payments.match_rules import (
    CANDIDATES_MAX,
    LARGE,
    LEFT,
    MISSING,
    SEVERAL,
    UNKNOWN,
    FoundReferences,
    MatchVerdict,
    decide_owner,
    order_candidates,
)
from willing.payments.reference_rules import write_reference

ADA, BEN, LIA = UUID(int=1), UUID(int=2), UUID(int=3)
KNOWN = FoundReferences({11111111: ADA, 22222222: BEN, 33333333: LIA, 44444444: ADA}, frozenset({LIA}))


def written(*numbers):
    return " and ".join(write_reference(one, "creditor") for one in numbers)


@pytest.mark.parametrize(
    ("text", "amount", "verdict"),
    [
        (written(11111111), 2000, MatchVerdict(ADA)),
        (written(11111111, 44444444), 2000, MatchVerdict(ADA)),
        (written(11111111, 55555555), 2000, MatchVerdict(ADA)),
        (written(11111111), 5000, MatchVerdict(ADA)),
        (written(11111111), 5001, MatchVerdict(ADA, LARGE)),
        (written(33333333), 2000, MatchVerdict(LIA, LEFT)),
        (written(11111111, 22222222), 2000, MatchVerdict(None, SEVERAL)),
        (written(55555555), 2000, MatchVerdict(None, UNKNOWN)),
        ("lunch for Ada", 2000, MatchVerdict(None, MISSING)),
    ],
)
def test_a_booking_is_the_persons_whose_reference_it_carries(text, amount, verdict):
    assert decide_owner(text, amount, KNOWN, large_minor=5000) == verdict


def test_suggestions_are_ordered_by_their_reasons_and_the_sum_alone_suggests_nobody():
    found = order_candidates({ADA: {"name"}, BEN: {"payer", "amount"}, LIA: {"amount"}})
    assert [one.person for one in found] == [BEN, ADA]
    assert found[0].why == ("amount", "payer")
    many = {UUID(int=one): {"name"} for one in range(20)}
    assert len(order_candidates(many)) == CANDIDATES_MAX
