"""People, guardians and classes as the office adds and corrects them."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from tests.support.money import pay_in

from willing.audit.queries import latest_entry
from willing.biometrics import people_changes
from willing.consent.models import Decision
from willing.consent.queries import has_refused, permission
from willing.core.errors import Refused
from willing.credentials.cards import find_card_owner, issue_card
from willing.credentials.leavers import record_leavers
from willing.credentials.pins import set_pin
from willing.ledger.queries import available_minor
from willing.people import classes
from willing.people.guardians import GuardianDetails, add_guardian, edit_guardian, set_relationship
from willing.people.models import Guardian, GuardianLink, Person, YearGroup
from willing.people.persons import NewPerson, add_person, add_person_once, add_persons, bring_back
from willing.people.queries import (
    class_sizes,
    classes_of,
    guardians_reached_at,
    left_persons,
    require_class,
    require_guardian,
    require_guardian_of,
    search_guardians,
    search_persons,
)


def refusal(action: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value.code


def edit(cast: Any, name: str, **new: Any) -> Person:
    person = cast.person(name)
    kept = {"family_name": person.family_name, "year": "7A", "kind": person.kind}
    new = {"given_name": person.given_name, **kept, **new}
    return people_changes.edit_person(cast.school, person.id, NewPerson(**new), by=cast.user("office"))


# --- persons


def test_a_person_added_by_hand_gets_the_next_till_number_once_a_form(cast: Any) -> None:
    last = max(Person.objects.values_list("till_number", flat=True))
    key = uuid4()
    first, second = (
        add_person_once(cast.school, NewPerson(" Una  Mae ", "Ng"), key=key, by=None) for _ in range(2)
    )
    assert first == second
    assert (first.given_name, first.till_number) == ("Una Mae", last + 1)
    assert add_person_once(cast.school, NewPerson("Una"), key=uuid4(), by=None).till_number == last + 2


@pytest.mark.parametrize("name", ["", "   ", "\u3000"])
def test_nobody_is_called_nothing(cast: Any, name: str) -> None:
    new = lambda: add_person_once(cast.school, NewPerson(name), key=uuid4(), by=None)  # noqa: E731
    assert refusal(new) == "name_missing"
    assert refusal(lambda: edit(cast, "Carl", given_name=name)) == "name_missing"


def test_a_typo_is_corrected_and_the_search_follows(cast: Any) -> None:
    edit(cast, "Carl", given_name="Karl", year="7C")
    person = cast.person("Karl")
    assert person.year_group.name == "7C"
    assert [one.given_name for one in search_persons(cast.school, "karl")] == ["Karl"]
    assert not search_persons(cast.school, "carl")
    entry = latest_entry("person.changed", person.id)
    assert entry is not None
    assert f'"by":{cast.user("office").pk}' in bytes(entry.hashed).decode()


def test_the_same_values_again_change_nothing(cast: Any) -> None:
    edit(cast, "Carl")
    assert latest_entry("person.changed", cast.person("Carl").id) is None


def test_a_date_of_birth_that_was_wrong_is_taken_away(cast: Any) -> None:
    edit(cast, "Carl", birth_date=date(2012, 5, 31))
    assert cast.person("Carl").birth_date == date(2012, 5, 31)
    edit(cast, "Carl", birth_date=None)
    assert cast.person("Carl").birth_date is None


def test_a_person_of_nowhere_is_not_edited(cast: Any) -> None:
    change = lambda: people_changes.edit_person(  # noqa: E731
        cast.school, uuid4(), NewPerson("X"), by=cast.user("office")
    )
    assert refusal(change) == "unknown_person"


def test_whoever_left_gets_no_card_no_pin_and_no_money(cast: Any) -> None:
    carl = cast.person("Carl")
    record_leavers([carl.id])
    assert refusal(lambda: issue_card(carl)) == "has_left"
    assert refusal(lambda: set_pin(carl, "4826")) == "has_left"
    before = available_minor(carl)
    assert refusal(lambda: pay_in(carl, 500, key=uuid4())) == "has_left"
    assert available_minor(carl) == before


def test_whoever_is_back_is_found_and_gets_new_cards_only(cast: Any) -> None:
    carl = cast.person("Carl")
    record_leavers([carl.id])
    assert [one.id for one in search_persons(cast.school, "carl", among=left_persons(cast.school))] == [
        carl.id
    ]
    assert bring_back(carl.id, by=cast.user("office").pk)
    assert not bring_back(carl.id, by=cast.user("office").pk)
    assert cast.person("Carl").left_at is None
    assert find_card_owner(cast.school, cast.cards["Carl"]) is None
    assert find_card_owner(cast.school, issue_card(carl)) == carl
    assert latest_entry("person.returned", carl.id) is not None


# --- guardians


DETAILS = GuardianDetails("  Dora   Wei ", "dora@home.example", "+44 20 7946 0000", "zh-hans")


def test_a_guardian_is_added_once_a_form_with_address_telephone_and_language(cast: Any) -> None:
    carl, key = cast.person("Carl"), uuid4()
    by = cast.user("office")
    for _ in range(2):
        people_changes.add_guardian(carl, DETAILS, relationship="Mother", key=key, by=by)
    dora = Guardian.objects.get(email="dora@home.example")
    assert (dora.name, dora.phone, dora.language) == ("Dora Wei", "+44 20 7946 0000", "zh-hans")
    assert GuardianLink.objects.get(guardian=dora).relationship == "Mother"
    blank = GuardianDetails("  ")
    new = lambda: people_changes.add_guardian(carl, blank, relationship="", key=uuid4(), by=by)  # noqa: E731
    assert refusal(new) == "name_missing"


@pytest.mark.parametrize("typed", ["gwen@home.example", " GWEN@Home.example "])
def test_a_guardian_is_found_again_by_address(cast: Any, typed: str) -> None:
    edit_guardian(cast.guardian("Gwen").id, GuardianDetails("Gwen", "Gwen@home.example"), by=None)
    assert guardians_reached_at(cast.school, typed) == [cast.guardian("Gwen")]
    assert guardians_reached_at(cast.school, "") == []


def test_a_guardian_is_found_by_their_own_name_or_a_childs(cast: Any) -> None:
    for text in ("gwen", "nia", "Wes withdrew"):
        assert search_guardians(cast.school, text) == [cast.guardian("Gwen")], text
    assert search_guardians(cast.school, "") == []
    assert search_guardians(cast.school, "zebedee") == []


def test_a_new_address_ends_earlier_links_and_a_new_telephone_does_not(cast: Any) -> None:
    gwen = cast.guardian("Gwen")
    edit_guardian(gwen.id, GuardianDetails("Gwen", gwen.email, "1234"), by=None)
    assert cast.guardian("Gwen").link_version == gwen.link_version
    edit_guardian(gwen.id, GuardianDetails("Gwen", "new@home.example", "1234"), by=None)
    assert cast.guardian("Gwen").link_version == gwen.link_version + 1
    assert refusal(lambda: edit_guardian(gwen.id, GuardianDetails(" "), by=None)) == "name_missing"


def test_a_relationship_is_written_down_once(cast: Any) -> None:
    gwen, nia = cast.guardian("Gwen"), cast.person("Nia")
    for _ in range(2):
        set_relationship(gwen, nia, " Aunt ", by=None)
    assert GuardianLink.objects.get(guardian=gwen, person=nia).relationship == "Aunt"
    entry = latest_entry("guardian.relationship_set", nia.id)
    assert entry is not None
    assert b"Aunt" not in bytes(entry.hashed)


def test_a_removed_guardian_has_no_say_and_their_word_stays_on_record(cast: Any) -> None:
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    assert permission(ada, "canteen").granted
    people_changes.remove_guardian(gus, ada, by=cast.user("office"))
    assert not permission(ada, "canteen").granted
    assert Decision.objects.filter(guardian=gus, person=ada, answer="yes").exists()
    assert refusal(lambda: require_guardian_of(ada, gus.id)) == "unknown_guardian"
    assert require_guardian(cast.school, gus.id) == gus
    assert refusal(lambda: require_guardian(cast.school, uuid4())) == "unknown_guardian"


def test_a_guardian_who_is_here_already_gets_a_second_child_and_has_a_say_at_once(cast: Any) -> None:
    ada, gwen = cast.person("Ada"), cast.guardian("Gwen")
    people_changes.link_guardian(gwen, ada, relationship="Step-mother", by=cast.user("office"))
    assert "guardian_not_notified" in permission(ada, "canteen").reasons


def test_the_office_is_told_before_it_ends_a_no(cast: Any) -> None:
    assert has_refused(cast.guardian("Gwen"), cast.person("Wes"))
    assert not has_refused(cast.guardian("Gwen"), cast.person("Nia"))
    assert not has_refused(cast.guardian("Gus"), cast.person("Ada"))


def test_guardians_write_in_the_schools_language_at_first(cast: Any) -> None:
    school = cast.school
    school.language = "zh-hans"
    school.save(update_fields=["language"])
    assert add_guardian(cast.person("Carl"), "Mei").language == "zh-hans"


# --- classes


def named(cast: Any) -> list[str]:
    return [one.name for one in classes_of(cast.school)]


def test_classes_are_added_renamed_and_put_in_order(cast: Any) -> None:
    first, second = (classes.add_class(cast.school, name, by=None) for name in ("9C", " 8B "))
    assert named(cast) == ["7A", "8B", "9C"]
    classes.order_classes(cast.school, [first.pk, second.pk], by=None)
    assert named(cast) == ["9C", "8B", "7A"]
    classes.add_class(cast.school, "1D", by=None)
    assert named(cast) == ["9C", "8B", "1D", "7A"]
    classes.rename_class(cast.school, first.pk, "9 C", by=None)
    assert named(cast)[0] == "9 C"


def test_classes_stand_as_people_count_until_the_office_has_an_order_of_its_own(cast: Any) -> None:
    school = cast.school
    YearGroup.objects.filter(school=school).update(name="9A")
    for name in ("10A", "7A", "Reception"):
        classes.add_class(school, name, by=None)
    add_persons(school, [NewPerson("Ann", year="11B"), NewPerson("Bea", year="8C")])
    assert named(cast) == ["Reception", "7A", "8C", "9A", "10A", "11B"]
    seventh = YearGroup.objects.get(school=school, name="7A")
    classes.rename_class(school, seventh.pk, "12A", by=None)
    assert named(cast) == ["Reception", "8C", "9A", "10A", "11B", "12A"]
    classes.order_classes(school, [seventh.pk], by=None)
    classes.add_class(school, "1A", by=None)
    assert named(cast) == ["12A", "Reception", "8C", "9A", "10A", "11B", "1A"]


def test_two_classes_have_two_names(cast: Any) -> None:
    added = classes.add_class(cast.school, "8B", by=None)
    assert refusal(lambda: classes.add_class(cast.school, "7A", by=None)) == "class_name_taken"
    assert refusal(lambda: classes.rename_class(cast.school, added.pk, "7A", by=None)) == "class_name_taken"
    assert refusal(lambda: classes.add_class(cast.school, "  ", by=None)) == "name_missing"


def test_a_class_is_merged_with_everybody_in_it(cast: Any) -> None:
    kept = classes.add_class(cast.school, "7B", by=None)
    gone = YearGroup.objects.get(name="7A")
    assert class_sizes(cast.school) == {gone.pk: 5}
    assert classes.merge_classes(cast.school, gone.pk, kept.pk, by=None) == 5
    assert named(cast) == ["7B"]
    assert cast.person("Ada").year_group == kept
    itself = lambda: classes.merge_classes(cast.school, kept.pk, kept.pk, by=None)  # noqa: E731
    assert refusal(itself) == "class_merged_into_itself"
    assert refusal(lambda: require_class(cast.school, gone.pk)) == "unknown_class"


def test_only_an_empty_class_is_deleted_and_whoever_left_is_in_it_still(cast: Any) -> None:
    una = add_person(cast.school, NewPerson("Una", year="8B"))
    record_leavers([una.id])
    for one in YearGroup.objects.all():
        with pytest.raises(Refused, match="class_not_empty"):
            classes.delete_class(cast.school, one.pk, by=None)
    empty = classes.add_class(cast.school, "9C", by=None)
    classes.delete_class(cast.school, empty.pk, by=None)
    assert named(cast) == ["7A", "8B"]
