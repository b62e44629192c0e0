"""What a roster's row means for whom it names, by table."""

from dataclasses import FrozenInstanceError, replace
from uuid import UUID

import pytest

from willing.roster import rules
from willing.roster.rules import Change, GuardianChange, HeldGuardian, KnownPerson, LinkChange
from willing.roster.staging import StagedGuardian, StagedPerson

ID = UUID(int=7)
ROW = StagedPerson(
    "u1", "pupil", "Una", "Urban", "7A", year_is_grade=False, is_leaving=False, birth_date="2013-05-06"
)
HELD = KnownPerson(ID, "pupil", "Una", "Urban", "7A", has_left=False, birth_date="2013-05-06")
SAME = Change("unchanged", "u1", ID, "pupil", "Una", "Urban", "7A", (), "2013-05-06")
AS_HELD = replace(SAME, birth_date="")


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({}, "added"),
        ({"kind": ""}, "skipped"),
        ({"is_leaving": True}, "skipped"),
        ({"kind": "", "is_leaving": True}, "skipped"),
    ],
)
def test_whom_nobody_knows_is_added_where_the_file_says_enough(row, outcome):
    row = replace(ROW, **row)
    assert rules.decide_person(row, None) == Change(
        outcome, "u1", None, row.kind, "Una", "Urban", "7A", (), "2013-05-06"
    )


@pytest.mark.parametrize(
    ("row", "held", "change"),
    [
        ({}, {}, SAME),
        (
            {"given_name": "Uma"},
            {},
            replace(SAME, outcome="changed", given_name="Uma", fields=("given_name",)),
        ),
        (
            {"family_name": "Bell"},
            {},
            replace(SAME, outcome="changed", family_name="Bell", fields=("family_name",)),
        ),
        ({"family_name": ""}, {}, replace(SAME, outcome="changed", family_name="", fields=("family_name",))),
        ({"given_name": "", "family_name": "Bell"}, {}, SAME),
        ({"kind": "staff"}, {}, replace(SAME, outcome="changed", kind="staff", fields=("kind",))),
        ({"kind": ""}, {}, SAME),
        ({"year": "8B"}, {}, replace(SAME, outcome="changed", year="8B", fields=("year",))),
        ({"year": ""}, {}, SAME),
        ({"year": "07", "year_is_grade": True}, {}, SAME),
        (
            {"year": "08", "year_is_grade": True},
            {"year": "07"},
            replace(SAME, outcome="changed", year="08", fields=("year",)),
        ),
        (
            {"year": "08", "year_is_grade": True},
            {"year": ""},
            replace(SAME, outcome="changed", year="08", fields=("year",)),
        ),
        (
            {"year": "08", "year_is_grade": True},
            {"year": "kg"},
            replace(SAME, outcome="changed", year="08", fields=("year",)),
        ),
        (
            {"birth_date": "2013-05-07"},
            {},
            replace(SAME, outcome="changed", birth_date="2013-05-07", fields=("birth_date",)),
        ),
        (
            {"birth_date": "2013-05-07", "year": "8B"},
            {},
            replace(
                SAME, outcome="changed", year="8B", birth_date="2013-05-07", fields=("year", "birth_date")
            ),
        ),
        (
            {"birth_date": "2013-05-05"},
            {},
            replace(SAME, outcome="changed", birth_date="2013-05-05", fields=("birth_date",)),
        ),
        # The same text read again is another object, and no change.
        ({"given_name": ROW.given_name[:1] + "na", "birth_date": ROW.birth_date[:8] + "06"}, {}, SAME),
        ({"birth_date": ""}, {}, SAME),
        ({}, {"has_left": True}, replace(SAME, outcome="returning")),
        (
            {"year": "8B"},
            {"has_left": True},
            replace(SAME, outcome="returning", year="8B", fields=("year",)),
        ),
        ({"given_name": ""}, {"has_left": True}, replace(AS_HELD, outcome="skipped")),
        ({"is_leaving": True}, {}, replace(AS_HELD, outcome="leaving")),
        ({"is_leaving": True, "kind": ""}, {}, replace(AS_HELD, outcome="leaving")),
        ({"is_leaving": True, "kind": "staff"}, {}, replace(AS_HELD, outcome="skipped")),
        ({"is_leaving": True}, {"has_left": True}, replace(AS_HELD, outcome="skipped")),
    ],
)
def test_a_row_changes_what_it_says_and_no_more(row, held, change):
    assert rules.decide_person(replace(ROW, **row), replace(HELD, **held)) == change


def test_who_is_gone_keeps_what_is_held_of_them():
    assert rules.leave("u1", HELD) == replace(AS_HELD, outcome="leaving")


GUARDIAN = StagedGuardian("g1", "Gil", "gil@example.org", is_sure=True, is_leaving=False)
KNOWN = HeldGuardian(ID, "Gil", "gil@example.org")


@pytest.mark.parametrize(
    ("row", "held", "change"),
    [
        ({}, None, ("added", None, "Gil", "gil@example.org")),
        ({"is_sure": False}, None, ("skipped", None, "Gil", "gil@example.org")),
        ({"is_leaving": True}, None, ("skipped", None, "Gil", "gil@example.org")),
        ({}, KNOWN, ("unchanged", ID, "Gil", "gil@example.org")),
        ({"name": "Gila"}, KNOWN, ("changed", ID, "Gila", "gil@example.org")),
        ({"name": "Ann"}, KNOWN, ("changed", ID, "Ann", "gil@example.org")),
        ({"email": "new@example.org"}, KNOWN, ("changed", ID, "Gil", "new@example.org")),
        ({"name": "", "email": ""}, KNOWN, ("unchanged", ID, "Gil", "gil@example.org")),
        ({"is_leaving": True, "name": "Gila"}, KNOWN, ("unchanged", ID, "Gil", "gil@example.org")),
        ({"phone": "1"}, KNOWN, ("changed", ID, "Gil", "gil@example.org", "1")),
        ({"language": "en"}, KNOWN, ("changed", ID, "Gil", "gil@example.org", "", "en")),
        ({"language": "en", "phone": "1"}, None, ("added", None, "Gil", "gil@example.org", "1", "en")),
    ],
)
def test_a_guardian_s_row_changes_what_it_says_and_an_empty_address_stays(row, held, change):
    outcome, guardian_id, *values = change
    expected = GuardianChange(outcome, "g1", guardian_id, *values)
    assert rules.decide_guardian(replace(GUARDIAN, **row), held) == expected


@pytest.mark.parametrize(
    ("ending", "there", "allowed", "too_many"),
    [
        (20, 100, 0, False),
        (21, 100, 0, True),
        (21, 100, 21, False),
        (21, 100, 20, True),
        (21, 100, 50, False),
        (2001, 10_000, 0, True),
        (1, 1, 1, False),
        (1, 1, 0, True),
        (0, 0, 0, False),
        (41, 201, 0, True),
        (40, 201, 0, False),
    ],
)
def test_more_than_a_fifth_leaves_only_with_a_word(ending, there, allowed, too_many):
    assert rules.are_too_many(ending, there, allowed) is too_many


@pytest.mark.parametrize(
    "made", [HELD, SAME, KNOWN, rules.LinkChange("u1", "g1"), GuardianChange("added", "g1", None, "", "")]
)
def test_what_was_decided_cannot_be_changed(made):
    with pytest.raises((FrozenInstanceError, TypeError)):
        made.anything = 1
    assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(
    ("outcome", "held"),
    [
        ("leaving", "held"),
        ("added", "added"),
        ("changed", "changed"),
        ("unchanged", "unchanged"),
        ("joining", "joining"),
    ],
)
def test_where_a_row_is_refused_nobody_leaves_and_nothing_else_changes(outcome, held):
    change = replace(SAME, outcome="".join(outcome))  # read from a file, not the text of our source
    assert rules.hold_back(change) == replace(change, outcome=held)


def test_where_a_row_is_refused_no_guardian_is_unlinked_and_new_ones_are_linked():
    linked, unlinked = LinkChange("u1", "g1", "mother"), LinkChange("u1", "g2", link_id=0)
    assert rules.hold_back_link(linked) == linked
    assert not linked.is_held
    assert rules.hold_back_link(unlinked) == LinkChange("u1", "g2", link_id=0, is_held=True)


@pytest.mark.parametrize(
    ("here", "back", "stays"),
    [
        ({"name": "Una", "year": "7B"}, {"name": "Uma", "year": ""}, ()),
        ({"name": "Ulla", "year": "7B"}, {"year": ""}, ("name",)),
        ({"name": "Uma", "year": "7B"}, {"year": ""}, ()),  # put back by hand already
        ({"name": "Ulla", "year": "8C"}, {}, ("name", "year")),
    ],
)
def test_an_undo_puts_back_what_the_list_left_and_nothing_that_was_changed_since(here, back, stays):
    before, after = {"name": "Uma", "year": ""}, {"name": "Una", "year": "7B"}
    assert rules.decide_fields(before, after, here) == (back, stays)


def test_what_a_list_left_as_it_was_is_not_put_back():
    assert rules.decide_fields({"name": "Una"}, {"name": "Una"}, {"name": "Una"}) == ({}, ())


def test_what_is_held_of_how_a_guardian_is_reached_stays_where_the_file_says_nothing():
    held = replace(KNOWN, phone="1", language="zh-hans")
    kept = rules.decide_guardian(GUARDIAN, held)
    assert (kept.outcome, kept.phone, kept.language) == ("unchanged", "1", "zh-hans")
    gone = rules.decide_guardian(replace(GUARDIAN, is_leaving=True, phone="2", language="en"), held)
    assert (gone.outcome, gone.phone, gone.language) == ("unchanged", "1", "zh-hans")
