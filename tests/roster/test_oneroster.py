"""Bundles of both versions, whole and delta, through plan and apply."""

from datetime import UTC, datetime

import pytest
from tests.roster.bundles import Bundle, enrol, golden, school, user

from willing.core import clock
from willing.people.guardians import add_guardian, link_guardian
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.persons import NewPerson, add_person
from willing.people.queries import listed_guardians

TODAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
both = pytest.mark.parametrize("version", ["1.1", "1.2"])


@pytest.fixture(autouse=True)
def _today():
    with clock.running(lambda: TODAY):
        yield


def person(key):
    return Person.objects.select_related("year_group").get(external_id=key)


def guardians(key):
    return [one.name for one in listed_guardians(person(key).id)]


@both
def test_a_whole_bundle_brings_pupils_staff_classes_and_guardians(cast, imported, version):
    counts = imported(golden(version))
    assert counts == {"added": 3, "guardians_added": 2, "linked": 3}
    una, tea = person("u1"), person("t1")
    assert (una.full_name, una.kind, una.year_group.name) == ("Una Urban", "pupil", "7A")
    assert (tea.full_name, tea.kind, tea.year_group) == ("Tea Cher", "staff", None)
    assert sorted(guardians("u1")) == ["Gil Urban", "Gwen Other"]
    assert guardians("u2") == ["Gil Urban"]
    assert Guardian.objects.get(external_id="g1").email == "gil@example.org"
    assert not Guardian.objects.filter(external_id="g3").exists()  # guards nobody here
    assert {link.relationship for link in GuardianLink.objects.filter(from_roster=True)} == {
        "parent",
        "guardian",
    }


@both
def test_dates_of_birth_come_with_demographics_and_stay_without(imported, version):
    bundle = golden(version)
    for who, born in (("u1", "2014-05-31"), ("t1", "1980-01-01"), ("u2", "")):
        bundle.add("demographics", sourcedId=who, birthDate=born, sex="female")
    assert imported(bundle)["added"] == 3
    assert [str(person(who).birth_date) for who in ("u1", "u2", "t1")] == ["2014-05-31", "None", "None"]
    assert imported(golden(version)) == {"unchanged": 3}
    delta = Bundle(version, mode="delta")
    user(delta, "u1", "Una", "Urban")
    delta.add("demographics", sourcedId="u2", birthDate="2013-02-01")
    assert imported(delta)["changed"] == 1
    assert [str(person(who).birth_date) for who in ("u1", "u2")] == ["2014-05-31", "2013-02-01"]


@both
def test_a_date_of_birth_that_is_none_is_reported(faults, version):
    bundle = golden(version)
    for who, born in (("u1", "31/13/2014"), ("u2", "1814-05-31"), ("nobody", "2014-05-31")):
        bundle.add("demographics", sourcedId=who, birthDate=born)
    for born in ("1980-01-01", "1980-01-01", "1981-01-01"):
        bundle.add("demographics", sourcedId="t1", birthDate=born)
    assert faults(bundle) == [
        ("demographics.csv", 2, "date_invalid", "birthDate"),
        ("demographics.csv", 3, "date_invalid", "birthDate"),
        ("demographics.csv", 7, "id_twice", "sourcedId"),
    ]


@both
def test_guardians_may_be_named_by_either_side_or_both(imported, version):
    bundle = school(Bundle(version))
    user(bundle, "u1", "Una", agents="g2")
    user(bundle, "g1", "Gil", role="parent", agents="u1")
    user(bundle, "g2", "Gwen", role="parent", agents="u1")
    assert imported(bundle)["linked"] == 2
    assert sorted(guardians("u1")) == ["Gil", "Gwen"]


@both
def test_the_same_bundle_twice_changes_nobody(imported, version):
    imported(golden(version))
    before = (
        list(Person.objects.values()),
        list(Guardian.objects.values()),
        list(GuardianLink.objects.values()),
    )
    assert imported(golden(version)) == {"unchanged": 3}
    assert before == (
        list(Person.objects.values()),
        list(Guardian.objects.values()),
        list(GuardianLink.objects.values()),
    )


@both
def test_people_added_by_hand_are_never_changed_or_ended(cast, imported, version):
    before = list(Person.objects.filter(external_id="").order_by("id").values())
    add_guardian(cast.person("Bo"), "Hand")
    imported(golden(version))
    bundle = school(Bundle(version))
    user(bundle, "u9", "Zoe")
    assert imported(bundle, leavers=9)["leaving"] == 3
    assert list(Person.objects.filter(external_id="").order_by("id").values()) == before
    assert len(listed_guardians(cast.person("Bo").id)) == 1


@both
def test_a_changed_bundle_changes_what_it_says_and_no_more(imported, version):
    imported(golden(version))
    bundle = school(Bundle(version))
    user(bundle, "u1", "Una", "Newname", agents="g1", grades="07")
    user(bundle, "u2", "Vic", "Urban", agents="g1", grades="08")
    user(bundle, "t1", "Tea", "Cher", role="teacher")
    user(bundle, "g1", "Gil", "Urban", role="parent", email="new@example.org")
    enrol(bundle, "u1", "8B")
    enrol(bundle, "u2", "8B")
    counts = imported(bundle, unlinked=1)
    assert counts == {"changed": 1, "unchanged": 2, "guardians_changed": 1, "unlinked": 1}
    assert (person("u1").full_name, person("u1").year_group.name) == ("Una Newname", "8B")
    assert guardians("u1") == ["Gil Urban"]
    assert Guardian.objects.get(external_id="g1").link_version == 2


@both
def test_a_delta_changes_only_whom_it_names(imported, version):
    imported(golden(version))
    delta = Bundle(version, mode="delta")
    user(delta, "u1", "Una", "Newname", agents="g1", grades="08")
    user(delta, "u3", "Wu", "New", agents="g1", grades="07")
    delta.add("users", sourcedId="t1", status="tobedeleted")
    assert imported(delta, leavers=1, unlinked=1) == {
        "added": 1, "changed": 1, "leaving": 1, "linked": 1, "unlinked": 1,
    }  # fmt: skip
    assert person("u1").full_name == "Una Newname"
    assert person("u1").year_group.name == "7A"  # a grade does not put a class back
    assert guardians("u1") == ["Gil Urban"]
    assert guardians("u3") == ["Gil Urban"]
    assert person("t1").left_at is not None
    assert person("u2").left_at is None


@both
def test_a_delta_twice_changes_nobody(imported, version):
    imported(golden(version))
    delta = Bundle(version, mode="delta")
    user(delta, "u3", "Wu", "New", agents="g1", grades="07")
    delta.add("users", sourcedId="t1", status="tobedeleted")
    imported(delta)
    assert imported(delta) == {"unchanged": 1, "skipped": 1}


@both
def test_a_delta_that_deletes_a_guardian_ends_their_say_and_keeps_the_row(imported, version):
    imported(golden(version))
    delta = Bundle(version, mode="delta")
    delta.add("users", sourcedId="g1", status="tobedeleted")
    assert imported(delta, unlinked=2)["unlinked"] == 2
    assert guardians("u1") == ["Gwen Other"]
    assert Guardian.objects.filter(external_id="g1").exists()


def test_a_delta_of_guardians_rows_names_their_pupils_completely(imported):
    imported(golden("1.2"))
    delta = Bundle("1.2", mode="delta")
    user(delta, "g1", "Gil", "Urban", role="parent", agents="u2")
    user(delta, "g4", "Gus", "Urban", role="parent", agents="u2")
    assert imported(delta, unlinked=1) == {"guardians_added": 1, "linked": 1, "unlinked": 1}
    assert guardians("u1") == ["Gwen Other"]
    assert sorted(guardians("u2")) == ["Gil Urban", "Gus Urban"]


def test_a_delta_of_1_2_may_leave_out_roles_that_did_not_change(imported):
    imported(golden("1.2"))
    delta = Bundle("1.2", mode="delta")
    delta.add("users", sourcedId="u1", givenName="Una", familyName="Newname")
    delta.add("users", sourcedId="g1", givenName="Gil", familyName="Newname")
    delta.add("users", sourcedId="x9", givenName="Who", familyName="Knows")
    assert imported(delta) == {"changed": 1, "skipped": 2, "guardians_changed": 1}
    assert person("u1").full_name == "Una Newname"
    assert not Person.objects.filter(external_id="x9").exists()


def test_a_delta_moves_a_pupil_by_class_and_enrolment(imported):
    imported(golden("1.2"))
    delta = Bundle("1.2", mode="delta")
    delta.add(
        "classes", sourcedId="c8B", title="8B", classType="homeroom", schoolSourcedId="s1", termSourcedIds=""
    )
    enrol(delta, "u1", "8B")
    delta.add("users", sourcedId="t1", givenName="Tea", familyName="Cher")
    imported(delta)
    assert person("u1").year_group.name == "8B"
    assert person("u1").full_name == "Una Urban"


def test_a_delta_that_takes_the_only_role_ends_the_person(imported):
    imported(golden("1.2"))
    delta = Bundle("1.2", mode="delta")
    for key, role in (("u1", "student"), ("u2", "teacher")):
        delta.add(
            "roles",
            sourcedId=f"r-{key}",
            userSourcedId=key,
            role=role,
            orgSourcedId="s1",
            status="tobedeleted",
        )
    delta.add("users", sourcedId="t1", givenName="Tea", familyName="Cher")
    assert imported(delta, leavers=1)["leaving"] == 1
    assert person("u1").left_at is not None
    assert person("u2").left_at is None  # a pupil here, whatever they taught elsewhere


def test_of_several_roles_being_a_pupil_counts_and_staff_may_be_parents(imported):
    bundle = school(Bundle("1.2"))
    user(bundle, "u1", "Una", agents="t1")
    user(bundle, "t1", "Tea", "Cher", role="teacher")
    for key, role in (("t1", "parent"), ("u1", "aide")):
        bundle.add("roles", sourcedId=f"2{key}", userSourcedId=key, role=role, orgSourcedId="s1")
    assert imported(bundle) == {"added": 2, "guardians_added": 1, "linked": 1}
    assert (person("u1").kind, person("t1").kind) == ("pupil", "staff")
    assert guardians("u1") == ["Tea Cher"]


def test_a_role_that_is_over_or_elsewhere_makes_nobody_of_this_school(imported):
    bundle = school(Bundle("1.2"))
    user(bundle, "u1", "Una")
    user(bundle, "u2", "Vic", org="d1")
    bundle.add("users", sourcedId="u3", givenName="Wu")
    bundle.add(
        "roles", sourcedId="r3", userSourcedId="u3", role="student", orgSourcedId="s1", endDate="2026-07-31"
    )
    assert imported(bundle) == {"added": 1}


def test_a_preferred_name_is_the_one_that_the_till_shows(imported):
    bundle = school(Bundle("1.2"))
    user(bundle, "u1", "Robert", "Urban", preferredGivenName="Robin")
    imported(bundle)
    assert person("u1").full_name == "Robin Urban"


@both
def test_the_current_homeroom_is_the_class_and_without_one_the_last(imported, version):
    bundle = school(Bundle(version))
    for key in ("u1", "u2"):
        user(bundle, key, "Una", grades="07")
    enrol(bundle, "u1", "7A", beginDate="2025-08-01", endDate="2026-07-31")
    enrol(bundle, "u1", "8B", beginDate="2026-08-01")
    enrol(bundle, "u2", "7A", beginDate="2025-08-01", endDate="2026-07-31")
    imported(bundle)
    assert (person("u1").year_group.name, person("u2").year_group.name) == ("8B", "7A")


def test_several_schools_in_a_district_are_told_apart(cast, imported, faults):
    def district():
        bundle = school(Bundle("1.1"))
        bundle.add("orgs", sourcedId="s2", name="Other", type="school", parentSourcedId="d1")
        user(bundle, "u1", "Una", agents="g1", org="s1,d1")
        user(bundle, "u2", "Vic", org="s2")
        user(bundle, "g1", "Gil", role="parent", org="s2")
        return bundle

    assert faults(district()) == [("orgs.csv", 0, "several_schools", "")]
    assert imported(district(), org="s1") == {"added": 1, "guardians_added": 1, "linked": 1}
    assert cast.school.external_id == "s1"
    assert imported(district()) == {"unchanged": 1}  # the school is remembered


def test_who_returns_is_the_same_person(imported):
    imported(golden("1.1"))
    without = school(Bundle("1.1"))
    user(without, "t1", "Tea", "Cher", role="teacher")
    imported(without, leavers=2)
    number = person("u1").till_number
    assert imported(golden("1.1"))["returning"] == 2
    assert (person("u1").left_at, person("u1").till_number) == (None, number)


def without_guardians():
    bundle = school(Bundle("1.1"))
    for key, given in (("u1", "Una"), ("u2", "Vic")):
        user(bundle, key, given, "Urban")
    return user(bundle, "t1", "Tea", "Cher", role="teacher")


def test_a_bundle_without_a_column_for_guardians_ends_nobodys_say_and_mentions_it(imported, planned):
    imported(golden("1.1"))
    bundle = without_guardians()
    text = bundle.files()["users.csv"].decode()
    bundle.raw["users.csv"] = text.replace("agentSourcedIds", "agents").encode()
    assert planned(bundle).notes == {"guardians_not_read": 1}
    assert "unlinked" not in imported(bundle)
    assert len(guardians("u1")) == 2


def test_a_column_for_guardians_that_is_empty_ends_every_say_once_that_is_allowed(imported, planned):
    imported(golden("1.1"))
    assert planned(without_guardians()).needs_unlinked
    assert imported(without_guardians(), unlinked=3)["unlinked"] == 3
    assert guardians("u1") == []


def test_a_link_that_the_office_made_is_not_ended_by_a_file(cast, imported):
    imported(golden("1.1"))
    link_guardian(Guardian.objects.get(external_id="g2"), person("u2"))
    imported(golden("1.1"))
    assert sorted(guardians("u2")) == ["Gil Urban", "Gwen Other"]


def test_relatives_and_teachers_named_as_agents_have_no_say(planned):
    bundle = school(Bundle("1.1"))
    user(bundle, "u1", "Una", agents="r1,t1")
    user(bundle, "r1", "Aunt", role="relative")
    user(bundle, "t1", "Tea", role="teacher")
    found = planned(bundle)
    assert (found.counts.linked, found.notes) == (0, {"agent_not_guardian": 2})


@pytest.mark.parametrize(
    "how", [{"encoding": "utf-8-sig"}, {"encoding": "gb18030"}, {"newline": "\n"}, {"newline": "\r"}]
)
def test_a_byte_order_mark_gb18030_and_bare_newlines_are_read(cast, planned, tmp_path, how):
    bundle = school(Bundle("1.1"))
    for number, name in enumerate(("王小明", "李雷", "韩梅梅", "赵喆")):
        user(bundle, f"u{number}", name)
    found = planned(bundle.folder(tmp_path / "b", **how))
    assert found.faults == []
    assert [one.given_name for one in found.changes()] == ["王小明", "李雷", "韩梅梅", "赵喆"]


def test_quoted_newlines_become_blanks_and_formulas_stay_text(imported):
    bundle = school(Bundle("1.1"))
    user(bundle, "u1", 'Una\r\n"Mae"', "=1+1")
    user(bundle, "u2", "@SUM(A1)", '+cmd|"/C calc"!A0')
    imported(bundle)
    assert person("u1").full_name == 'Una "Mae" =1+1'
    assert person("u2").full_name == '@SUM(A1) +cmd|"/C calc"!A0'


def test_a_person_added_by_hand_with_the_same_id_becomes_the_rosters(cast, imported):
    add_person(cast.school, NewPerson("Una", external_id="u1"))
    assert imported(golden("1.1"))["changed"] == 1
