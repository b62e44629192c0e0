"""Which ways a terminal must take, where it may stand with a camera, and how it is paired."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from willing.consent.profiles import NAMES
from willing.core import clock
from willing.core.errors import Refused
from willing.people.models import School
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.terminals.rules import LOCATIONS_WITHOUT_FACE


@pytest.mark.parametrize("ways", [("face",), ("staff",), ("face", "staff"), ()])
def test_a_till_without_a_card_or_a_pin_cannot_be_set_up_by_anybody(cast, ways):
    with pytest.raises(Refused, match="terminal_needs_another_way"):
        add_terminal(cast.school, NewTerminal("Till 9", ways=ways))
    with pytest.raises(IntegrityError, match="terminal_has_a_way_without_face"), transaction.atomic():
        Terminal.objects.create(
            school=cast.school,
            name="Till 9",
            takes_card=False,
            takes_pin=False,
            takes_staff=True,
            takes_face=True,
        )
    with pytest.raises(IntegrityError, match="terminal_has_a_way_without_face"), transaction.atomic():
        Terminal.objects.update(takes_card=False, takes_pin=False)


def test_an_old_pairing_code_pairs_nothing(cast):
    code = start_pairing(cast.till)
    later = clock.now() + timedelta(minutes=16)
    with clock.running(lambda: later), pytest.raises(Refused, match="pairing_code_unknown"):
        pair_terminal(code, key="a")


@pytest.mark.parametrize("profile", NAMES)
def test_china_no_terminal_in_toilets(cast, profile):
    School.objects.update(legal_profile=profile)
    for place in sorted(LOCATIONS_WITHOUT_FACE):
        with pytest.raises(Refused, match="place_not_for_faces"):
            add_terminal(cast.school, NewTerminal(place, ways=("card", "face"), location=place))
        without = add_terminal(cast.school, NewTerminal(place, ways=("card",), location=place))
        for terminal, change in ((without, {"takes_face": True}), (cast.till, {"location": place})):
            with pytest.raises(IntegrityError), transaction.atomic():
                Terminal.objects.filter(pk=terminal.pk).update(**change)
