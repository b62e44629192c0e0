"""What may be a PIN, and what of cards and PINs the database holds."""

import pytest
from django.db import connections

from willing.core.errors import Refused
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
