"""Whoever owes is shown and answered like anybody: never a word at the till."""

import re
from typing import Any

import pytest
from tests.api.caller import Till
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press
from tests.support.till import pay

from willing.entitlements.actions import NewEntitlement, grant
from willing.ledger.queries import available_minor
from willing.people.queries import today

# What differs between any two sales: ids, versions, keys of requests, receipt numbers.
ITS_OWN = re.compile(
    r"data-(?:version|shown)=\"\w*\"|[0-9a-f]{8}-[0-9a-f-]{27}|csrf\w+\W+value=\W\w+|[\w-]{43,}|\bReceipt \d+"
)


def same_for_all(text: str, name: str) -> str:
    return ITS_OWN.sub("", re.sub(rf"\b{name}\b", "NAME", text))


@pytest.fixture
def broke(cast: Any) -> str:
    """Bo owes; a part of the meal is granted besides, which nobody sees either."""
    pay(cast, "Bo")
    new = NewEntitlement("meal", "benefits", today(cast.school), family_minor=40)
    grant(cast.person("Bo"), new, by=cast.user("office"))
    pay(cast, "Carl")  # so that both have had as many meals
    assert available_minor(cast.person("Bo")) < 0
    return "Bo"


def test_whoever_owes_sees_the_same_till_as_anybody(cast: Any, broke: str) -> None:
    till = at(cast.till, cast)
    seen = []
    for name in (broke, "Carl"):
        press(till, "add", product=cast.meal.id)
        shown = press(till, "card", code=cast.cards[name])
        basket = re.findall(r'name="basket" value="([0-9a-f-]+)"', shown)[0]
        assert "Sell it again" in press(till, "confirm", basket=basket)  # a second meal, at once
        paid = press(till, "repeat")
        press(till, "next")
        seen.append((same_for_all(shown, name), same_for_all(paid, name)))
    assert seen[0] == seen[1]


def test_a_till_of_another_maker_is_told_the_same_of_both(cast: Any, broke: str) -> None:
    till = Till(cast, cast.till)
    seen = []
    for name in (broke, "Carl"):
        basket = till.basket(cast)
        path = f"/baskets/{basket['id']}"
        shown = till.post(f"{path}/identify", {"way": "card", "code": cast.cards[name]}).json()
        paid = till.post(f"{path}/confirm", {"total_minor": 250, "repeat_checked": True}).json()
        seen.append((shown | {"id": "", "person": "", "lines": ""}, paid.keys(), paid["total_minor"]))
    assert seen[0] == seen[1]
