"""How old a person is, how a name is read, and which colours can be read, by table."""

from datetime import date

import pytest

from willing.people.rules import (
    TILL_NUMBER_DIGITS_MAX,
    age_on,
    class_sort_key,
    contrast,
    darker,
    is_readable_colour,
    read_name,
)


@pytest.mark.parametrize(
    ("day", "born", "years"),
    [
        (date(2026, 9, 1), date(2010, 9, 1), 16),
        (date(2026, 8, 31), date(2010, 9, 1), 15),
        (date(2026, 9, 2), date(2010, 9, 1), 16),
        (date(2026, 8, 2), date(2010, 9, 1), 15),
        (date(2026, 10, 1), date(2010, 9, 2), 16),
        (date(2026, 2, 28), date(2008, 2, 29), 17),
        (date(2026, 3, 1), date(2008, 2, 29), 18),
        (date(2010, 9, 1), date(2010, 9, 1), 0),
    ],
)
def test_age_is_counted_in_whole_years(day, born, years):
    assert age_on(day, born) == years


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Una", "Una"),
        ("  Una \t Urban\n", "Una Urban"),
        ("Zoe\u0308", "Zo\u00eb"),  # two characters on a Mac's keyboard, one in every register
        ("  ", ""),
        ("\u202eadA\u202c \u200bUr\u00adban\ufeff", "adA Urban"),  # it would be shown as Ada
        ("\u200d\u2060\ufe0f", ""),  # nothing that anybody sees
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # Persian, with a joiner inside
        ("\u8fbb\U000e0100", "\u8fbb\U000e0100"),  # a family's own form of a character
    ],
    ids=ascii,
)
def test_a_name_is_read_as_it_would_be_written(typed, name):
    assert read_name(typed) == name


@pytest.mark.parametrize(
    "names",
    [
        ("Nursery", "Reception", "Year 1", "Year 2", "Year 10"),
        ("7A", "7 B", "7C", "10A"),
        ("1/1", "1/2", "1/10", "2/1", "11/1"),
        ("一年级2班", "二年级1班", "九年级", "十年级", "十一年级"),
        ("三班", "十班", "十九班", "二十班", "二十三班", "九十九班"),
    ],
)
def test_classes_are_sorted_as_people_count(names):
    for one in (names, reversed(names), sorted(names)):
        assert tuple(sorted(one, key=class_sort_key)) == names


def test_a_till_number_is_as_long_as_anybody_types():
    assert TILL_NUMBER_DIGITS_MAX == 9


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#336699", "#336699", 1.0),
        ("#767676", "#ffffff", 4.54),  # WCAG's own example of the lightest grey on white
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_wcag_s(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize(
    ("colour", "is_readable"),
    [
        ("#0b5c4a", True),
        ("#595959", True),
        ("#767676", False),  # enough on white, too little on the paper of the pages
        ("#ffff00", False),
        ("#0B5C4A", False),
        ("#0b5c4", False),
        ("#0b5c4a0", False),
        ("teal", False),
        ("", False),
    ],
)
def test_a_school_s_colour_can_be_read(colour, is_readable):
    assert is_readable_colour(colour) == is_readable


@pytest.mark.parametrize(
    ("colour", "expected"), [("#ffffff", "#b2b2b2"), ("#000000", "#000000"), ("#0a64ff", "#0746b2")]
)
def test_a_darker_colour_has_seven_tenths_of_each_part(colour, expected):
    assert darker(colour) == expected
