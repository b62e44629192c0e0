"""What the till's own screen offers is what a terminal can take."""

from willing.pages.kiosk.screen import BUTTONS
from willing.terminals.models import Way


def test_every_way_has_a_button():
    assert BUTTONS.keys() == set(Way)
