"""Numbers of cards: the bits of a reader, and what is printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.gate.doors.wiegand import parse_number, read_number


@given(facility=st.integers(0, 255), number=st.integers(0, 65_535), parity=st.integers(0, 3))
def test_26_bits_read_as_the_print_on_the_card(facility: int, number: int, parity: int) -> None:
    bits = (parity >> 1) << 25 | facility << 17 | number << 1 | parity & 1
    found = read_number((bits << 6).to_bytes(4, "big"), 26)
    assert found == facility * 100_000 + number
    assert parse_number(f"{facility},{number:05d}") == (found or None)


@given(st.integers(0, 2**32 - 1))
def test_34_bits_are_a_number_between_two_parities(number: int) -> None:
    assert read_number((number << 7 | 1 << 39).to_bytes(5, "big"), 34) == number


def test_other_lengths_are_one_number_and_none_is_longer_than_a_column_holds() -> None:
    assert read_number(bytes.fromhex("04a1b2c3"), 32) == 0x04A1B2C3
    assert read_number(b"\xff" * 10, 80) == 2**63 - 1
    assert read_number(b"\xff", 9) == read_number(b"", 0) == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10058400", 10058400),
        (" 100,58400 ", 10058400),
        ("100 : 58400", 10058400),
        ("0008165538", 8165538),
        ("0", None),
        ("256,1", None),
        ("1,65536", None),
        ("-5", None),
        ("12ab", None),
        ("", None),
        ("9" * 19, None),  # more than any reader sends
        (str(2**63 - 1), 2**63 - 1),
        ("1" + " " * 30 + "1", None),
    ],
)
def test_a_number_is_typed_as_it_is_printed(text: str, number: int | None) -> None:
    assert parse_number(text) == number
