import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.core import clock
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.money import format_minor


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (250, "GBP", "en", "£2.50"),
        (-5, "GBP", "en", "-£0.05"),
        (1234567, "CNY", "zh-hans", "¥12,345.67"),
        (500, "JPY", "en", "JP¥500"),
        (0, "EUR", "en", "€0.00"),
        (250, "GBP", "sv", "£2.50"),
    ],
)
def test_money_is_shown_as_people_read_it(amount, currency, language, shown):
    assert format_minor(amount, currency, language) == shown


OWNER = uuid.UUID(int=1)


@given(st.lists(st.text(max_size=5), max_size=3), st.lists(st.text(max_size=5), max_size=3))
def test_derived_ids_are_equal_exactly_where_their_parts_are(one, other):
    assert (derive_id(OWNER, *one) == derive_id(OWNER, *other)) == (one == other)


def test_the_clock_is_moved_and_put_back():
    then = datetime(2030, 1, 1, tzinfo=UTC)
    with clock.running(lambda: then):
        assert clock.now() == then
    assert clock.now() < then
    assert clock.now().tzinfo is UTC


def test_a_refusal_tells_its_code_and_not_its_data_in_its_text():
    assert str(Refused("code", "words", {"who": "secret"})) == "code"
