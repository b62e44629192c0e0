"""How a reader's keys are read under the layout that it is set to, and what a test scan may mean."""

import json

import pytest

from willing.core.codes import CODE_ALPHABET
from willing.terminals.keyboards import (
    KEYS_MAX,
    KeyboardLayout,
    KeyboardReader,
    Scan,
    decode,
    is_other_layout,
    keys_of_codes,
    read_keys,
    read_scan,
    readings,
)

CODE = "7YZ0-A1MQ-W9X3"
# The keys that a reader sends for CODE when it is set to a layout.
US_KEYS = read_keys(
    "Digit7 +KeyY +KeyZ Digit0 Minus +KeyA Digit1 +KeyM +KeyQ Minus +KeyW Digit9 +KeyX Digit3"
)
GERMAN_KEYS = read_keys(
    "Digit7 +KeyZ +KeyY Digit0 Slash +KeyA Digit1 +KeyM +KeyQ Slash +KeyW Digit9 +KeyX Digit3"
)
FRENCH_KEYS = read_keys(
    "+Digit7 +KeyY +KeyW +Digit0 Digit6 +KeyQ +Digit1 +Semicolon +KeyA Digit6 +KeyZ +Digit9 +KeyX +Digit3"
)
SCANS = {
    "US reader, US computer": (Scan(CODE, US_KEYS), KeyboardLayout.TYPED),
    "US reader, German computer": (Scan("7ZY0ßA1MQßW9X3", US_KEYS), KeyboardLayout.US),
    "US reader, French computer": (Scan("è1Z...", US_KEYS), KeyboardLayout.US),
    "US reader, Chinese input": (Scan("", US_KEYS), KeyboardLayout.US),
    "German reader, US computer": (Scan("7ZY0/A1MQ/W9X3", GERMAN_KEYS), KeyboardLayout.GERMAN),
    "French reader, US computer": (Scan("&YW)6Q!:A6Z(X#", FRENCH_KEYS), KeyboardLayout.FRENCH),
}


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_is_right_under_the_layout_that_the_reader_is_set_to(name):
    scan, layout = SCANS[name]
    assert read_scan(scan, KeyboardReader(layout=layout)).upper() == CODE
    assert (layout, "", decode(scan, layout)) in list(readings(scan))


@pytest.mark.parametrize("name", [name for name in SCANS if name != "US reader, US computer"])
def test_a_reader_that_was_not_tested_is_found_out(name):
    assert is_other_layout(SCANS[name][0], KeyboardReader())


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), "4006381333948", "96385074", "hello", ""])
def test_what_a_reader_types_as_it_should_is_no_fault_of_its_layout(typed):
    assert not is_other_layout(Scan(typed), KeyboardReader())


def test_a_bar_code_in_another_layout_is_found_out_too():
    scan = Scan("ààçè&'à(&&&(", tuple(f"Digit{digit}" for digit in "009714056115"))
    assert is_other_layout(scan, KeyboardReader())
    assert read_scan(scan, KeyboardReader(layout=KeyboardLayout.US)) == "009714056115"


def test_caps_lock_and_letters_with_shift_are_the_same_letters():
    plain = tuple(key.removeprefix("+") for key in US_KEYS)
    assert decode(Scan("", plain), KeyboardLayout.US).upper() == CODE


def test_a_prefix_is_told_from_the_code_and_taken_off_again():
    scan = Scan("]Q3" + CODE)
    assert next(readings(scan)) == (KeyboardLayout.TYPED, "]Q3", CODE)
    reader = KeyboardReader(prefix="]Q3")
    assert read_scan(scan, reader) == CODE
    assert read_scan(Scan("]q3" + "4006381333948"), reader) == "4006381333948"
    assert read_scan(Scan(CODE), reader) == CODE


def test_a_code_typed_by_hand_keeps_its_beginning_whatever_the_prefix_is():
    assert read_scan(Scan(CODE), KeyboardReader(prefix="7")) == CODE


def test_what_is_no_code_is_no_reading():
    assert not list(readings(Scan("NOTACARD", ("KeyA",) * 8)))
    assert not list(readings(Scan("")))
    assert decode(Scan("", ("F13", "Other")), KeyboardLayout.US) == ""


def test_more_keys_than_a_scan_has_are_not_read():
    assert read_keys("KeyA Digit1") == ("KeyA", "Digit1")
    assert read_keys("KeyA " * (KEYS_MAX + 1)) == ()


def test_a_page_reads_a_cards_characters_by_the_keys_of_its_readers_layout():
    assert keys_of_codes(KeyboardLayout.TYPED) == ""
    french = json.loads(keys_of_codes(KeyboardLayout.FRENCH))
    assert (french["KeyQ"], french["+KeyQ"], french["+Digit1"], french["Semicolon"]) == ("A", "A", "1", "M")
    assert "Digit1" not in french  # an ampersand
    assert set(french.values()) == set(CODE_ALPHABET)
