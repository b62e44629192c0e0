"""What may be a PIN, and what of cards and PINs the database holds."""

from uuid import uuid4

import pytest
from django.db import connections

from willing.core.errors import Refused
from willing.credentials.cards import code_of, find_live_card, issue_printed_card, revoke_card
from willing.credentials.pins import set_pin


@pytest.mark.sqlite
def test_card_codes_and_pins_are_not_in_the_database(cast, db):
    connections["default"].close()
    content = b"".join(path.read_bytes() for path in db.iterdir())
    for secret in [*cast.cards.values()]:
        assert secret.encode() not in content


@pytest.mark.parametrize(
    ("pin", "code"), [("12", "pin_not_valid"), ("abcd", "pin_not_valid"), ("1234", "pin_too_simple")]
)
def test_a_pin_that_is_none_or_too_simple_is_refused(cast, pin, code):
    with pytest.raises(Refused, match=code):
        set_pin(cast.person("Carl"), pin)


def test_a_form_prints_one_card_and_may_end_that_one_alone(cast):
    carl, key = cast.person("Carl"), uuid4()
    issue_printed_card(carl, by=cast.user("office"), key=key)
    with pytest.raises(Refused, match="card_printed_already"):
        issue_printed_card(carl, by=cast.user("office"), key=key)
    assert find_live_card(cast.school, code_of(carl, key)) is not None
    assert [revoke_card(carl, key, by=cast.user("office")) for _ in range(2)] == [1, 0]
    assert find_live_card(cast.school, code_of(carl, key)) is None
    assert find_live_card(cast.school, cast.cards["Carl"]) is not None
    assert revoke_card(carl, uuid4(), by=cast.user("office")) == 0
