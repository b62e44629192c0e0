"""People as a list: filters that meet, with counts, within a few statements however large the school is."""

from typing import Any

import pytest
from django.test import Client
from tests.support.statements import require_at_most, statements
from tests.support.till import pay

from willing.accounts.models import Role
from willing.allergens.models import PersonAllergen
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.models import Pin
from willing.credentials.people_list import Trait, WantedPeople, find_people
from willing.credentials.pins import set_pin
from willing.pages.console.people_list import offered_to
from willing.people.models import Person

LIST = "/staff/people/"
STATEMENTS = 26


def names(cast: Any, *traits: Trait, **wanted: Any) -> list[str]:
    found = find_people(cast.school, WantedPeople(traits=frozenset(traits), **wanted), offered=list(Trait))
    persons = Person.objects.in_bulk(found.ids)
    return [persons[pk].given_name for pk in found.ids]


def give_allergy(cast: Any) -> None:
    PersonAllergen.objects.create(
        person=cast.person("Ada"), allergen="milk", basis="care_plan", user=cast.user("office")
    )


def test_who_owes_and_who_has_an_allergy_is_listed_and_nobody_else(cast: Any) -> None:
    assert names(cast, Trait.ALLERGY) == names(cast, Trait.ARREARS) == []
    give_allergy(cast)
    pay(cast, "Bo", cast.meal)
    assert names(cast, Trait.ALLERGY) == ["Ada"]
    assert names(cast, Trait.ARREARS) == ["Bo"]


def test_a_card_a_pin_or_a_guardian_ends_being_listed_without_one(cast: Any) -> None:
    carl = cast.person("Carl")
    assert "Carl" in names(cast, Trait.NO_GUARDIAN)
    assert "Ada" not in names(cast, Trait.NO_GUARDIAN)
    assert names(cast, Trait.NO_CARD) == names(cast, Trait.NO_PIN) == []
    revoke_cards(carl)
    assert names(cast, Trait.NO_CARD) == ["Carl"]
    issue_card(carl)
    Pin.objects.filter(person=carl).delete()
    assert (names(cast, Trait.NO_CARD), names(cast, Trait.NO_PIN)) == ([], ["Carl"])
    set_pin(carl, "7294")
    assert names(cast, Trait.NO_PIN) == []


def test_a_member_of_staff_is_not_missed_a_guardian(cast: Any) -> None:
    Person.objects.filter(pk=cast.person("Carl").pk).update(kind="staff")
    assert "Carl" not in names(cast, Trait.NO_GUARDIAN)


def test_filters_meet_with_each_other_the_class_and_the_text(cast: Any) -> None:
    give_allergy(cast)
    ada = cast.person("Ada")
    revoke_cards(ada)
    assert names(cast, Trait.ALLERGY, Trait.NO_CARD, class_id=ada.year_group_id, text="ada") == ["Ada"]
    assert names(cast, Trait.ALLERGY, Trait.NO_GUARDIAN) == []
    assert names(cast, Trait.ALLERGY, class_id=10**6) == []
    assert names(cast, text="...") == []


def test_a_filter_says_how_many_it_would_leave_beside_the_others(cast: Any) -> None:
    give_allergy(cast)
    revoke_cards(cast.person("Ada"))
    found = find_people(cast.school, WantedPeople(traits=frozenset({Trait.ALLERGY})), offered=list(Trait))
    assert {trait for trait, count in found.counts.items() if count} == {
        Trait.NO_CARD,
        Trait.READY,
        Trait.ALLERGY,
    }
    assert found.classes == {cast.person("Ada").year_group_id: 1}


def test_the_page_shows_filters_as_links_that_add_up_and_go_off_again(cast: Any, office: Client) -> None:
    revoke_cards(cast.person("Ada"))
    text = office.get(LIST, {"with": "no-card", "class": cast.person("Ada").year_group_id}).content.decode()
    assert "Ada Agrees" in text
    assert "with=no-card&amp;with=no-pin" in text
    assert 'aria-current="true"' in text
    assert "Clear all filters" in text
    nobody = office.get(LIST, {"with": ["no-card", "arrears"]}).content.decode()
    assert "Nobody fits all of these filters." in nobody


def test_a_list_of_debts_or_allergies_is_logged_for_each_who_is_shown(
    cast: Any, office: Client, logged: Any
) -> None:
    give_allergy(cast)
    office.get(LIST, {"with": "no-card"})
    assert logged("record.viewed") == []
    office.get(LIST, {"with": "allergy"})
    assert [one.subject for one in logged("record.viewed")] == [cast.person("Ada").id]


def test_debts_and_allergies_are_offered_only_to_roles_that_may_read_them(cast: Any) -> None:
    assert {Trait.ARREARS, Trait.ALLERGY} <= set(offered_to(cast.school, frozenset({Role.Kind.OFFICE})))
    cashier = offered_to(cast.school, frozenset({Role.Kind.CASHIER}))
    assert {Trait.ARREARS, Trait.ALLERGY}.isdisjoint(cashier)


def test_who_may_be_enrolled_and_whom_the_others_wait_for_is_a_filter_where_faces_are_on(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(cast, Trait.READY) == ["Ada"]
    assert "Carl" in names(cast, Trait.WAITS_FOR_GUARDIAN)
    assert names(cast, Trait.READY, Trait.WAITS_FOR_PUPIL) == []
    monkeypatch.setattr("willing.pages.console.people_list.why_unavailable", lambda _school: "off")
    assert Trait.READY not in offered_to(cast.school, frozenset({Role.Kind.OFFICE}))


def test_a_filter_that_a_reader_may_not_use_is_refused_and_not_left_out(
    cast: Any, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("willing.pages.console.people_list.ROLES", {Trait.ALLERGY: ("dpo",)})
    assert office.get(LIST, {"with": "allergy"}).status_code == 403
    assert "Food allergies" not in office.get(LIST).content.decode()


def test_a_long_list_has_pages_and_costs_no_more_statements(cast: Any, office: Client) -> None:
    office.get(LIST)
    Person.objects.bulk_create(
        [
            Person(school=cast.school, given_name=f"Pupil {number:04}", till_number=5000 + number)
            for number in range(120)
        ]
    )
    with statements() as counted:
        answer = office.get(LIST, {"with": "no-card", "page": "2"})
    assert "Page 2 of 3" in answer.content.decode()
    require_at_most(STATEMENTS, counted)


def test_filters_of_an_address_that_are_none_filter_nothing(office: Client) -> None:
    assert office.get(LIST, {"with": "x", "class": "one", "page": "-1"}).status_code == 200
