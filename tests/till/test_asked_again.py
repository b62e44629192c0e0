"""What was true when somebody said who they are is asked again when they pay."""

import pytest
from tests.api.caller import Till

from willing.core.errors import Refused
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.leavers import record_leavers
from willing.ledger.queries import available_minor
from willing.people.persons import mark_left
from willing.till.baskets import add_product
from willing.till.identification import identify_by_card, identify_by_pin, identify_by_staff
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket


@pytest.fixture
def shown(cast):
    """Carl, shown by his card, with a meal."""
    basket = add_product(cast.till, cast.meal)
    return identify_by_card(cast.till, basket.id, cast.cards["Carl"])


def refused(cast, basket):
    """Press "Yes, pay", and return why not; nobody is shown any more, and nobody paid."""
    before = available_minor(cast.person("Carl"))
    with pytest.raises(Refused) as error:
        confirm_basket(cast.till, basket.id)
    kept = Basket.objects.get(pk=basket.pk)
    assert (kept.state, kept.person, kept.card, kept.way) == ("open", None, None, "")
    assert not Sale.objects.exists()
    assert available_minor(cast.person("Carl")) == before
    return error.value.code


def test_a_card_that_was_revoked_between_pays_nothing(cast, shown):
    revoke_cards(cast.person("Carl"))
    assert refused(cast, shown) == "card_revoked"


def test_another_card_of_the_same_person_may_be_revoked_between(cast, shown):
    from willing.credentials.models import Card

    issue_card(cast.person("Carl"))
    other = Card.objects.filter(person=cast.person("Carl")).exclude(pk=shown.card_id)
    other.update(revoked_at="2026-01-01T00:00Z")
    assert confirm_basket(cast.till, shown.id).receipt_number == 1


def test_who_left_between_pays_nothing_by_whatever_way(cast):
    carl = cast.person("Carl")
    for identify in (
        lambda basket: identify_by_card(cast.till, basket.id, cast.cards["Carl"]),
        lambda basket: identify_by_pin(cast.till, basket.id, carl.till_number, cast.pins["Carl"]),
        lambda basket: identify_by_staff(cast.till, basket.id, carl, by=cast.user("cashier")),
    ):
        basket = identify(add_product(cast.till, cast.meal))
        mark_left([carl.id])
        assert refused(cast, basket) == "person_left"
        type(carl).objects.filter(pk=carl.pk).update(left_at=None)


def test_a_leaver_whose_cards_end_at_once_is_told_the_nearer_cause(cast, shown):
    record_leavers([cast.person("Carl").id])
    assert refused(cast, shown) == "person_left"


def test_a_till_of_another_maker_is_told_the_same(cast):
    till = Till(cast, cast.till)
    basket = till.basket(cast)
    path = f"/baskets/{basket['id']}"
    till.post(f"{path}/identify", {"way": "card", "code": cast.cards["Carl"]})
    revoke_cards(cast.person("Carl"))
    answer = till.post(f"{path}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "card_revoked")
    assert till.get(path).json()["person"] is None


def test_a_paid_basket_keeps_no_card(cast, shown):
    confirm_basket(cast.till, shown.id)
    assert Basket.objects.get(pk=shown.pk).card is None
