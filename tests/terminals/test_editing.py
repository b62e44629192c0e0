"""Changing a till: its name, purpose, place and ways; a face is never the only way, whoever writes."""

import json
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from tests.support.till import fill_basket, identify

from willing.audit.models import Entry
from willing.biometrics.models import FaceSession
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.terminals.actions import NewTerminal, add_terminal, edit_terminal, retire_terminal
from willing.terminals.models import Terminal
from willing.till.baskets import show_basket
from willing.till.models import Basket

AS_IS = NewTerminal("Till 1", ways=("card", "pin", "staff", "face"))


@pytest.fixture
def till(cast):
    """The first till, which takes everything."""
    first = cast.till
    edit_terminal(first, AS_IS, by=cast.user("office").pk)
    return first


def edit(cast, till, **changes):
    edit_terminal(till, replace(AS_IS, **changes), by=cast.user("office").pk)
    return Terminal.objects.select_related("school").get(pk=till.pk)


def entries():
    rows = Entry.objects.filter(event="terminal.changed").order_by("sequence")
    return [json.loads(bytes(one.hashed))["facts"] for one in rows]


def test_a_till_is_changed_and_the_log_says_by_whom(cast, till):
    before = len(entries())
    changed = edit(cast, till, name="Left", purpose="shop", ways=("card", "face"), location="shop")
    assert (changed.name, changed.purpose, changed.location) == ("Left", "shop", "shop")
    assert changed.ways == ("card", "face")
    assert entries()[before:] == [
        {
            "by": cast.user("office").pk,
            "faces": ["card", "central"],
            "location": "shop",
            "purpose": "shop",
            "ways": ["card", "face"],
        }
    ]


def test_what_a_till_is_already_changes_and_logs_nothing(cast, till):
    before = len(entries())
    edit(cast, till, ways=("face", "staff", "pin", "card"))
    assert len(entries()) == before


@pytest.mark.parametrize("ways", [("face",), ("staff",), ("face", "staff"), ()])
def test_no_change_leaves_a_till_with_only_a_face(cast, till, ways):
    with pytest.raises(Refused, match="terminal_needs_another_way"):
        edit(cast, till, ways=ways)
    assert cast.till.ways == AS_IS.ways


def test_a_till_that_takes_faces_takes_a_kind_of_them(cast, till):
    assert edit(cast, till, face_kinds=("card",)).face_kinds == ("card",)
    assert entries()[-1]["faces"] == ["card"]
    with pytest.raises(Refused, match="terminal_takes_no_face"):
        edit(cast, till, face_kinds=())
    with pytest.raises(IntegrityError, match="terminal_takes_a_kind_of_face"), transaction.atomic():
        Terminal.objects.filter(pk=till.pk).update(takes_card_held=False)


def test_a_till_without_a_face_is_fine_and_so_is_one_with_only_a_card_or_a_pin(cast, till):
    for ways in (("card", "pin", "staff"), ("card",), ("pin",)):
        assert edit(cast, till, ways=ways).ways == ways


def test_a_till_with_a_face_moves_to_no_place_where_people_undress(cast, till):
    with pytest.raises(Refused, match="place_not_for_faces"):
        edit(cast, till, location="changing_room")
    assert edit(cast, till, location="changing_room", ways=("card",)).location == "changing_room"


def test_a_till_never_becomes_a_gate_in_the_rules_or_in_the_database(cast, till):
    with pytest.raises(Refused, match="terminal_purpose_stays"):
        edit(cast, till, purpose="gate")
    for purpose in ("gate", "library"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Terminal.objects.filter(pk=till.pk).update(purpose=purpose)
    with pytest.raises(Refused, match="terminal_purpose_not_served"):
        edit(cast, till, purpose="library")


def test_two_tills_never_have_one_name_and_a_retired_one_is_not_changed(cast, till):
    other = add_terminal(cast.school, NewTerminal("Till 9"))
    with pytest.raises(Refused, match="terminal_name_taken"):
        edit(cast, till, name="Till 9")
    retire_terminal(other, by=1)
    assert edit(cast, till, name="Till 9").name == "Till 9"
    with pytest.raises(Refused, match="terminal_unknown"):
        edit_terminal(other, AS_IS, by=1)


def test_a_way_that_is_taken_away_closes_what_is_unpaid_there(cast, till):
    basket = identify(cast, fill_basket(cast), "Carl")
    edit(cast, till, ways=("pin",))
    assert Basket.objects.get(pk=basket.pk).state == Basket.State.CANCELLED
    assert show_basket(cast.till) is None


def test_a_camera_stops_when_its_till_takes_no_face_any_more(cast, till):
    basket = fill_basket(cast)
    session = FaceSession.objects.create(
        id=new_id(),
        school=cast.school,
        purpose="canteen",
        terminal=till,
        occasion_id=basket.id,
        number=1,
        opened_at=basket.touched_at,
        expires_at=basket.touched_at,
    )
    edit(cast, till, ways=("card", "pin"))
    session.refresh_from_db()
    assert session.state != FaceSession.State.OPEN


def test_a_new_name_or_one_way_more_leaves_an_open_basket_alone(cast, till):
    edit(cast, till, ways=("card", "pin"))
    basket = fill_basket(cast)
    edit(cast, till, name="Left", ways=("card", "pin", "staff"))
    assert Basket.objects.get(pk=basket.pk).state == Basket.State.OPEN


def test_a_till_of_the_canteen_that_becomes_the_shop_s_begins_with_nothing(cast, till):
    basket = fill_basket(cast)
    edit(cast, till, purpose="shop")
    assert Basket.objects.get(pk=basket.pk).state == Basket.State.CANCELLED
