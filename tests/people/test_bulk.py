"""Many persons, guardians and links at once follow the same rules as one."""

import pytest
from django.db import IntegrityError

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.core.errors import Refused
from willing.people.guardians import (
    NewGuardian,
    NewLink,
    add_guardians,
    change_guardians,
    link_guardian,
    link_guardians,
    unlink_guardians,
)
from willing.people.models import Guardian, GuardianLink, Person
from willing.people.persons import (
    NewPerson,
    PersonChange,
    add_person,
    add_persons,
    change_persons,
    link_person_to_roster,
    mark_left,
)
from willing.people.queries import listed_guardians


def events(subject):
    return list(Entry.objects.filter(subject=subject).order_by("sequence").values_list("event", flat=True))


def test_persons_added_together_get_the_next_till_numbers_in_order(cast):
    last = Person.objects.order_by("till_number").last().till_number
    new = [NewPerson(name, year=year, external_id=name) for name, year in (("Una", "7A"), ("Vic", "8B"))]
    una, vic = add_persons(cast.school, new)
    assert (una.till_number, vic.till_number) == (last + 1, last + 2)
    assert (una.year_group.name, vic.year_group.name) == ("7A", "8B")
    assert events(una.id) == ["person.added"]
    assert verify_log().ok


def test_an_external_id_names_one_person_of_a_school_and_nobody_needs_one(cast):
    add_persons(cast.school, [NewPerson("Una"), NewPerson("Vic"), NewPerson("Una", external_id="1")])
    with pytest.raises(IntegrityError):
        add_person(cast.school, NewPerson("Uma", external_id="1"))


def test_who_was_added_by_hand_can_become_the_registers_once(cast):
    ada, carl = cast.person("Ada"), cast.person("Carl")
    link_person_to_roster(ada, "17")
    link_person_to_roster(cast.person("Ada"), "17")
    assert cast.person("Ada").external_id == "17"
    assert events(ada.id).count("person.changed") == 1
    for person, key in ((carl, "17"), (ada, "18")):
        with pytest.raises(Refused, match="external_id_taken"):
            link_person_to_roster(person, key)


def test_a_person_who_comes_back_keeps_number_and_history(cast):
    ada = cast.person("Ada")
    mark_left([ada.id])
    mark_left([ada.id])
    change_persons(cast.school, [PersonChange(ada.id, NewPerson("Ada", "Again", year="8A"))])
    back = cast.person("Ada")
    assert (back.left_at, back.full_name, back.till_number) == (None, "Ada Again", ada.till_number)
    assert events(ada.id)[-3:] == ["person.left", "person.returned", "person.changed"]


def test_a_new_address_of_a_guardian_ends_the_links_that_went_to_the_old_one(cast):
    gus = cast.guardian("Gus")
    change_guardians(cast.school, {gus.id: NewGuardian("Gus", "new@example.org")})
    gus.refresh_from_db()
    assert (gus.email, gus.link_version) == ("new@example.org", 2)
    change_guardians(cast.school, {gus.id: NewGuardian("Gustav", "new@example.org")})
    gus.refresh_from_db()
    assert (gus.name, gus.link_version) == ("Gustav", 2)


def test_a_link_that_ended_can_be_made_again_and_stands_once(cast):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    link = GuardianLink.objects.get(person=ada)
    unlink_guardians([link.pk])
    unlink_guardians([link.pk])
    assert listed_guardians(ada.id) == []
    link_guardian(gus, ada)
    link_guardian(gus, ada)
    assert listed_guardians(ada.id) == [gus]
    assert [event for event in events(ada.id) if "linked" in event] == [
        "guardian.linked",
        "guardian.unlinked",
        "guardian.linked",
    ]


def test_guardians_added_together_are_linked_together(cast):
    una, vic = add_persons(cast.school, [NewPerson("Una"), NewPerson("Vic")])
    (gil,) = add_guardians(cast.school, [NewGuardian("Gil", "gil@example.org", "g1")])
    links = [NewLink(gil.id, una.id, "parent"), NewLink(gil.id, vic.id, "parent")]
    link_guardians([*links, links[0]], from_roster=True)
    link_guardians(links, from_roster=True)
    assert GuardianLink.objects.filter(guardian=gil, from_roster=True).count() == 2
    assert events(una.id) == ["person.added", "guardian.linked"]
    assert Guardian.objects.get(external_id="g1").name == "Gil"
