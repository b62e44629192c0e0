"""Every refusal at a till names its real cause and what helps, and no other cause's words."""

from typing import Any

import pytest
from django.test import Client
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half

from willing.credentials.cards import assign_card_number, revoke_cards
from willing.people.persons import mark_left
from willing.till.errors import barcode_unknown, code_has_two_meanings
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.menu import find_product_by_barcode
from willing.till.models import Basket

CAUSES = {
    "unknown barcode": "This barcode is not on the menu. Please press the product instead.",
    "two meanings": "Please press the product, or pay another way, and tell the school office.",
    "unknown card": "This card or code is not recognised. Please try again or pay another way.",
    "nothing in the basket": "Nothing is in the basket yet. Please press or scan a product first.",
    "empty wallet": "The extras are not covered today. Please put them back; a main meal is always served.",
    "day's limit": "This is over the spending limit for today.",
    "purchase's limit": "This is over the spending limit for one purchase.",
    "week's limit": "This is over the spending limit for this week.",
    "too large for a face": "This is more than a face alone may pay. Please use your card or PIN.",
    "face used up today": "A face has paid as much as it may for today. Please use your card or PIN.",
    "card revoked": "This card has just been cancelled. Please pay another way.",
    "left the school": "This account has been closed.",
}
EAN = "4006381333948"  # on no product of the menu
EXTRAS = "4006381333931"


@pytest.fixture
def till(cast: Any) -> Client:
    return at(cast.till, cast)


def only(screen: str, cause: str) -> None:
    """Check that a screen names this cause, and none of the others."""
    half = pupils_half(screen)
    assert [name for name, text in CAUSES.items() if text in half] == [cause]


def pays(till: Client) -> str:
    return press(till, "confirm", basket=Basket.objects.get(state="identified").pk, total=total(till))


def total(till: Client) -> int:
    [basket] = Basket.objects.filter(state="identified")
    return sum(line.total_minor for line in basket.lines.all())


def shown_by_face(cast: Any, name: str) -> None:
    """Let the live basket be identified as a face would, without a camera."""
    Basket.objects.filter(state="open").update(state="identified", person=cast.person(name), way="face")


@pytest.mark.parametrize("code", [EAN, "036000291452", "96385074", "NOTACARD", "Ａ-１"])
def test_an_unknown_bar_code_is_no_empty_basket(till: Client, code: str) -> None:
    only(press(till, "scan", code=code), "unknown barcode")
    refusal = barcode_unknown()
    assert refusal.code == "barcode_unknown"
    assert refusal.message == CAUSES["unknown barcode"]


def test_an_unknown_card_is_no_bar_code_and_a_bar_code_no_card(till: Client, cast: Any) -> None:
    press(till, "add", product=cast.meal.id)
    only(press(till, "scan", code="7K3M9QXA2BCD"), "unknown card")
    only(press(till, "scan", code=EAN), "unknown barcode")


def test_a_number_that_is_a_product_and_a_card_is_neither_until_the_office_has_decided(
    till: Client, cast: Any
) -> None:
    assert find_product_by_barcode(cast.school, EXTRAS) == cast.extra
    assign_card_number(cast.person("Carl"), EXTRAS, by=cast.user("office"))
    refusal = code_has_two_meanings()
    assert refusal.code == "code_has_two_meanings"
    only(press(till, "scan", code=EXTRAS), "two meanings")
    assert not Basket.objects.filter(lines__product=cast.extra).exists()
    press(till, "add", product=cast.meal.id)
    only(press(till, "scan", code=EXTRAS), "two meanings")
    assert not Basket.objects.filter(state="identified").exists()


def test_a_good_card_before_any_product_is_told_to_wait_for_one(till: Client, cast: Any) -> None:
    only(press(till, "scan", code=cast.cards["Carl"]), "nothing in the basket")


def test_an_empty_wallet_is_sent_to_no_other_way_that_is_the_same_wallet(till: Client, cast: Any) -> None:
    press(till, "add", product=cast.meal.id)
    press(till, "add", product=cast.extra.id)
    press(till, "card", code=cast.cards["Bo"])
    screen = pays(till)
    only(screen, "empty wallet")
    assert "another way" not in pupils_half(screen).split('class="notice', 1)[1].split("</", 1)[0]


@pytest.mark.parametrize("cause", ["purchase", "day", "week"])
def test_a_spending_limit_is_no_empty_wallet_and_says_which_it_is(
    till: Client, cast: Any, cause: str
) -> None:
    name = {"purchase": "purchase_minor", "day": "daily_minor", "week": "weekly_minor"}[cause]
    set_limits(cast.person("Ada"), NewLimits(**{name: 100}), by=cast.guardian("Gus"))
    press(till, "add", product=cast.extra.id)
    press(till, "add", product=cast.extra.id)
    press(till, "card", code=cast.cards["Ada"])
    screen = pays(till)
    only(screen, f"{cause}'s limit")
    assert "1.00" not in screen, "what the limit is stays with the family"


def test_a_small_sum_after_the_days_is_used_up_is_not_called_too_large_and_the_face_not_offered(
    till: Client, cast: Any
) -> None:
    set_limits(cast.person("Ada"), NewLimits(face_daily_minor=300), by=cast.guardian("Gus"))
    press(till, "add", product=cast.meal.id)
    shown_by_face(cast, "Ada")
    assert "Receipt" in pays(till)
    press(till, "add", product=cast.extra.id)
    shown_by_face(cast, "Ada")
    only(pays(till), "face used up today")
    assert Basket.objects.get(state="open").is_face_used_up


def test_a_sum_that_is_too_large_for_a_face_says_so(till: Client, cast: Any) -> None:
    set_limits(cast.person("Ada"), NewLimits(face_daily_minor=100), by=cast.guardian("Gus"))
    press(till, "add", product=cast.meal.id)
    shown_by_face(cast, "Ada")
    only(pays(till), "too large for a face")


def test_a_revoked_card_and_a_closed_account_are_called_so(till: Client, cast: Any) -> None:
    press(till, "add", product=cast.meal.id)
    press(till, "card", code=cast.cards["Carl"])
    revoke_cards(cast.person("Carl"))
    only(pays(till), "card revoked")
    press(till, "card", code=cast.cards["Ada"])
    mark_left([cast.person("Ada").id])
    only(pays(till), "left the school")
