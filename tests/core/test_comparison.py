"""Four ways of comparing typed text: codes and numbers, names and searches, usernames, passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.core.comparison import (
    fold_code,
    fold_for_search,
    fold_name,
    fold_username,
    fold_words,
    is_enough_to_search,
    prepare_password,
)


@pytest.mark.parametrize(
    "typed", ["1001", "１００１", " 10 01 ", "10-01", "10–01", "10−01", "10\u200b01", "１０　０１", "١٠٠١"]
)
def test_a_number_is_read_in_any_width_with_blanks_and_dashes(typed):
    assert fold_code(typed) == "1001"


def test_a_code_is_one_in_any_case_and_a_letter_stays_a_letter():
    assert fold_code("7k3m–９ｑｘａ") == "7K3M9QXA"
    assert fold_code("ABC") != fold_code("ÄBC")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("özil", "Özil"),
        ("ozil", "Özil"),
        ("MUÑOZ", "Muñoz"),
        ("munoz", "Mun\u0303oz"),
        ("zoe", "Zoë"),
        ("o'brien", "O’Brien"),
        ("O`BRIEN", "OʼBrien"),
        ("obrien", "O'Brien"),
        ("lukasz", "Łukasz"),
        ("soren", "Søren"),
        ("istanbul", "İSTANBUL"),
        ("isik", "Işık"),
        ("strasse", "Straße"),
        ("ада", "А\u200bда"),
        ("ｚｏｅ", "Zoe"),
        ("محمد", "مُحَمَّد"),
        ("王小明", "王\u00ad小明"),
    ],
)
def test_a_name_is_found_however_a_keyboard_writes_it(typed, name):
    assert fold_words(typed) == fold_words(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoe", "Zoey"), ("王小明", "王小红"), ("がく", "かく"), ("हिन्दी", "हन्द"), ("김", "기")],
)
def test_names_that_differ_stay_apart(one, other):
    assert fold_name(one) != fold_name(other)


def test_a_row_is_found_by_its_words_and_by_its_parts_joined_in_either_order():
    for word in ("anne", "marie", "annemarie", "obrien", "anneMarieObrien".lower()):
        assert word in fold_for_search("Anne-Marie", "O’Brien").split()
    assert "王小明" in fold_for_search("小明", "王")
    assert fold_for_search("", "") == ""


@pytest.mark.parametrize(
    ("text", "is_enough"),
    [("", 0), ("a", 0), ("'", 0), ("é", 0), (".-", 0), ("1", 0)]
    + [(text, 1) for text in ("ab", "10", "王", "김", "か", " ö z", "й1")],
)
def test_two_letters_or_one_character_that_is_a_word_are_enough(text, is_enough):
    assert is_enough_to_search(text) is bool(is_enough)


@given(st.text(max_size=20))
def test_folding_what_is_folded_changes_nothing(text):
    assert fold_code(fold_code(text)) == fold_code(text)
    assert fold_words(" ".join(fold_words(text))) == fold_words(text)
    assert fold_username(fold_username(text)) == fold_username(text)


@given(st.text(max_size=20))
def test_case_never_keeps_a_name_from_being_found(text):
    assert fold_words(text.upper().lower()) == fold_words(text.lower().upper().lower())


def test_usernames_are_one_in_any_case_and_width_and_keep_their_accents():
    assert fold_username("Office") == fold_username("ＯＦＦＩＣＥ") == "office"
    assert fold_username("Zoë") != fold_username("Zoe")


def test_a_password_is_one_from_every_keyboard_and_nothing_of_it_is_folded():
    assert prepare_password("a\u030a\u3000b") == prepare_password("å b")
    assert prepare_password("Four Words") != prepare_password("four words")
    assert prepare_password("ｗ") != prepare_password("w")


@pytest.mark.parametrize("password", ["", "a\tb", "zero\u200bwidth", "\u0007"])
def test_a_password_that_nobody_can_see_is_refused(password):
    with pytest.raises(ValueError, match="DISALLOWED"):
        prepare_password(password)
