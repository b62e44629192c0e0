"""Finding people: by what is typed, in the database, in the order of the reader's language."""

import pytest
from django.utils import translation

from willing.accounts.retention import anonymise_persons
from willing.core.clock import now
from willing.core.comparison import fold_for_search
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.queries import search_people
from willing.people.guardians import (
    NewGuardian,
    add_guardian,
    add_guardians,
    change_guardians,
    unlink_guardians,
)
from willing.people.models import Guardian, GuardianLink, Person, YearGroup
from willing.people.persons import NewPerson, PersonChange, add_person, change_persons, mark_left
from willing.people.queries import alike, search_persons


def names(school, text):
    return [one.full_name for one in search_persons(school, text)]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("özil", "Mesut Özil"),
        ("OZIL", "Mesut Özil"),
        ("MUÑOZ", "Ana Muñoz"),
        ("zoe", "Zoë O’Brien"),
        ("o'brien", "Zoë O’Brien"),
        ("rien zo", "Zoë O’Brien"),
        ("ｚｏｅ", "Zoë O’Brien"),
        ("王", "小明 王"),
        ("王小明", "小明 王"),
        ("小明王", "小明 王"),
        ("zoe 8b", "Zoë O’Brien"),
        ("O’Brien\u200b", "Zoë O’Brien"),
    ],
)
def test_people_are_found_however_their_name_is_typed(cast, typed, name):
    for given, family, year in (
        ("Mesut", "Özil", "7A"),
        ("Ana", "Muñoz", "7A"),
        ("Zoë", "O’Brien", "8B"),
        ("小明", "王", "8B"),
    ):
        add_person(cast.school, NewPerson(given, family, year=year))
    assert names(cast.school, typed) == [name]


def test_people_are_found_by_class_guardian_number_and_card(cast):
    zoe = add_person(cast.school, NewPerson("Zoë", "O’Brien", year="Réception"))
    add_guardian(zoe, "Mrs Nuñez")
    code = issue_card(zoe)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in str(zoe.till_number))
    for typed in ("reception", "nunez", "MRS zo", str(zoe.till_number), wide, code, code.lower()):
        assert search_people(cast.school, typed, limit=9) == [zoe], typed
    assert names(cast.school, str(zoe.till_number)[:3]) == [], "a till number is whole, or no number"


def test_nothing_of_nobody_is_found_and_a_space_is_no_search(cast):
    carl = cast.person("Carl")
    revoke_cards(carl)
    assert search_people(cast.school, cast.cards["Carl"], limit=9) == []
    assert names(cast.school, "%") == names(cast.school, "_") == names(cast.school, "' - .") == []
    assert len(names(cast.school, " ")) == Person.objects.count()


def test_a_guardian_who_has_no_say_any_more_finds_nobody(cast):
    add_guardian(cast.person("Carl"), "Xaver Vormund")
    assert names(cast.school, "vormund") == ["Carl Cardholder"]
    unlink_guardians(
        list(GuardianLink.objects.filter(guardian__name="Xaver Vormund").values_list("id", flat=True))
    )
    assert names(cast.school, "vormund") == []


def test_who_changed_or_left_is_found_by_what_they_are_now(cast):
    ada = cast.person("Ada")
    change_persons(cast.school, [PersonChange(ada.id, NewPerson("Åsa", "Øberg", year="9Ç"))])
    [gus] = add_guardians(cast.school, [NewGuardian("Gül")])
    change_guardians(cast.school, {gus.id: NewGuardian("Jürgen")})
    assert names(cast.school, "asa oberg 9c") == ["Åsa Øberg"]
    assert names(cast.school, "ada") == []
    assert Guardian.objects.get(pk=gus.id).search_text == "jurgen"
    mark_left([ada.id])
    assert names(cast.school, "asa") == []
    anonymise_persons(now(), 10)
    assert Person.objects.get(pk=ada.id).search_text == ""


def test_every_way_of_writing_a_row_writes_what_it_is_found_by(cast):
    ada = cast.person("Ada")
    ada.family_name = "Ünal"
    ada.save(update_fields=["family_name"])
    year = YearGroup.objects.create(school=cast.school, name="Première")
    YearGroup.objects.filter(pk=year.pk).update(name="Seconde")
    year.refresh_from_db()
    assert (cast.person("Ada").search_text, year.search_text) == (fold_for_search("Ada", "Ünal"), "seconde")
    with pytest.raises(AssertionError, match="needs all of"):
        Person.objects.filter(pk=ada.pk).update(given_name="Eve")


def test_lists_are_sorted_as_the_readers_language_sorts(cast):
    mark_left(list(Person.objects.values_list("id", flat=True)))
    for name in ("Zoe", "Özil", "Ozan", "zack", "陈", "王", "李"):
        add_person(cast.school, NewPerson(name))
    with translation.override("en"):
        assert names(cast.school, "")[:4] == ["Ozan", "Özil", "zack", "Zoe"]
    with translation.override("zh-hans"):
        assert [one for one in names(cast.school, "") if one in "陈王李"] == ["陈", "李", "王"]


def test_two_of_one_name_and_class_are_told_apart(cast):
    one = add_person(cast.school, NewPerson("Li", "Wei", year="7A"))
    two = add_person(cast.school, NewPerson("LI", "Wei", year="7A"))
    third = add_person(cast.school, NewPerson("Li", "Wei", year="7B"))
    assert alike([one, two, third]) == {one.id, two.id}


def test_a_search_reads_only_whom_it_shows(cast, django_assert_num_queries):
    school = cast.school
    with django_assert_num_queries(1):
        assert len(search_persons(school, "a", limit=2)) == 2
