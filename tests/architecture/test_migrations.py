"""A room has one migration for its tables, and at most one more, until a release freezes them."""

from tests.architecture.source import ROOT

# The second has a room's triggers, or what must come after another room's or an application's tables.
AT_MOST = 2


def test_a_room_has_at_most_two_migrations() -> None:
    rooms = [folder for folder in ROOT.rglob("migrations") if folder.is_dir()]
    found = {room.parent.name: sorted(path.stem for path in room.glob("0*.py")) for room in rooms}
    assert len(found) > 25
    more = {room: names for room, names in found.items() if len(names) > AT_MOST}
    assert not more, f"{more}: nothing is released, so write it into the first one (CONTRIBUTING.md)"
    assert {names[0] for names in found.values()} == {"0001_initial"}
