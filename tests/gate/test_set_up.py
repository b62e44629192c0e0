"""Doors and lanes as the office sets them up, changes them, and takes them out of use."""

from uuid import uuid4

import pytest

from willing.core.errors import Refused
from willing.gate.models import Door, Lane
from willing.gate.pairing import pair_lane, require_paired_lane
from willing.gate.queries import doors, has_lanes, lanes, require_lane
from willing.gate.set_up import (
    NewLane,
    add_door,
    close_lane,
    edit_lane,
    rename_door,
    reopen_lane,
    retire_door,
    retire_lane,
)
from willing.terminals.pairing import start_pairing


def refusal(deed, *args, **more):
    with pytest.raises(Refused) as refused:
        deed(*args, **more)
    return refused.value.code


def test_a_door_has_a_name_of_its_own(cast, door):
    office = cast.user("office")
    assert refusal(add_door, cast.school, " ", by=office) == "door_name_missing"
    assert refusal(add_door, cast.school, "Main gate ", by=office) == "door_name_taken"
    other = add_door(cast.school, "Back", by=office)
    assert refusal(rename_door, other, "Main gate", by=office) == "door_name_taken"
    rename_door(other, "Back", by=office)
    rename_door(other, "Bicycle shed", by=office)
    assert [one.name for one in doors(cast.school)] == ["Bicycle shed", "Main gate"]


def test_a_door_that_lanes_lead_to_stays_and_one_without_goes_with_its_name_free_again(cast, lane):
    office, door = cast.user("office"), lane.door
    assert refusal(retire_door, door, by=office) == "door_has_lanes"
    retire_lane(lane, by=office)
    retire_door(door, by=office)
    retire_door(door, by=office)
    assert doors(cast.school) == []
    assert Door.objects.get(pk=door.pk).name.startswith("Main gate (")
    assert add_door(cast.school, "Main gate", by=office)
    new = NewLane("Lane 1", door.id, "in")
    assert refusal(rename_door, door, "Again", by=office) == "door_unknown"
    assert refusal(edit_lane, lane, new, by=office) == "door_unknown"


def test_a_lane_is_changed_with_its_terminal_and_never_loses_card_and_pin(cast, lane):
    office = cast.user("office")
    other = add_door(cast.school, "Back", by=office)
    edit_lane(lane, NewLane("Way out", other.id, "out", ways=("pin",)), by=office)
    edit_lane(lane, NewLane("Way out", other.id, "out", ways=("pin",)), by=office)
    held = require_lane(cast.school, lane.pk)
    assert (held.terminal.name, held.terminal.ways, held.door, held.use) == (
        "Way out",
        ("pin",),
        other,
        Lane.Use.OUT,
    )
    faces_only = NewLane("Way out", other.id, "out", ways=("face",))
    assert refusal(edit_lane, held, faces_only, by=office) == "terminal_needs_another_way"
    assert refusal(require_lane, cast.school, uuid4()) == "lane_unknown"


def test_a_lane_out_of_use_is_no_lane_any_more(cast, lane):
    office = cast.user("office")
    token = pair_lane(start_pairing(lane.terminal), key="k").token
    close_lane(lane, by=office)
    close_lane(lane, by=office)
    assert [one.closed_at is not None for one in lanes(cast.school)] == [True]
    reopen_lane(lane, by=office)
    reopen_lane(lane, by=office)
    assert has_lanes(cast.school)
    retire_lane(lane, by=office)
    assert not has_lanes(cast.school)
    assert lanes(cast.school) == []
    assert refusal(require_paired_lane, token) == "terminal_not_paired"
