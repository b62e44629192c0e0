"""A press from a screen is for the person that it showed, and asks so again once it holds the basket."""

from collections.abc import Callable
from typing import Any

import pytest

from willing.core.errors import Refused
from willing.till.baskets import add_product, show_basket
from willing.till.face_identification import stop_using_face
from willing.till.identification import deny_identity, identify_by_card
from willing.till.models import Basket, Sale
from willing.till.payment import confirm_basket


def _confirm(cast: Any, shown: Basket) -> object:
    return confirm_basket(cast.till, shown.pk, shown=shown)


def _deny(cast: Any, shown: Basket) -> object:
    return deny_identity(cast.till, shown.pk, shown=shown)


def _stop(cast: Any, shown: Basket) -> object:
    return stop_using_face(cast.till, shown.pk, by=None, shown=shown)


@pytest.mark.parametrize("press", [_confirm, _deny, _stop])
def test_another_person_who_came_between_a_screen_and_its_press_is_not_charged_denied_or_erased(
    cast: Any, press: Callable[[Any, Basket], object]
) -> None:
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.pk, cast.cards["Carl"])
    shown = show_basket(cast.till)
    assert shown is not None
    # The other screen was quicker: the press has passed the page, and not yet the lock.
    deny_identity(cast.till, basket.pk)
    identify_by_card(cast.till, basket.pk, cast.cards["Ada"])
    with pytest.raises(Refused) as refused:
        press(cast, shown)
    assert refused.value.code == "screen_changed"
    now = show_basket(cast.till)
    assert now is not None
    assert (now.state, now.person) == (Basket.State.IDENTIFIED, cast.person("Ada"))
    assert not Sale.objects.exists()


def test_a_payment_that_is_pressed_again_finds_its_sale(cast: Any) -> None:
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.pk, cast.cards["Carl"])
    shown = show_basket(cast.till)
    assert shown is not None
    sale = _confirm(cast, shown)
    assert _confirm(cast, shown) == sale
