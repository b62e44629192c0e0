"""Payment references: both forms, and found in what families type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.payments.reference_rules import (
    CREDITOR,
    DIGITS,
    NUMBER_MAX,
    NUMBER_MIN,
    QR,
    read_references,
    write_reference,
)

numbers = st.integers(NUMBER_MIN, NUMBER_MAX)
kinds = st.sampled_from([CREDITOR, DIGITS])


def test_references_are_as_the_standards_have_them():
    assert write_reference(12345678, DIGITS) == "12345 67889"
    assert write_reference(53900754, CREDITOR).startswith("RF")
    from stdnum import iso11649

    assert iso11649.is_valid(write_reference(53900754, CREDITOR))
    assert len(write_reference(NUMBER_MAX, DIGITS)) <= 18


@given(numbers, kinds)
def test_a_reference_is_found_as_it_was_printed(number, kind):
    assert number in list(read_references(write_reference(number, kind)))


@given(
    numbers, kinds, st.sampled_from(["{}", "Essen {} Mia 7A", "mia2026 {}", "{}.", "EREF+{}SVWZ+", "x{}y"])
)
def test_a_reference_is_found_among_other_words(number, kind, around):
    compact = write_reference(number, kind).replace(" ", "")
    dashed = "-".join(compact[at : at + 4] for at in range(0, len(compact), 4))
    for written in (compact, compact.lower(), dashed, " ".join(compact), compact[:6] + " \n" + compact[6:]):
        assert number in list(read_references(around.format(written)))


@given(numbers, kinds, st.integers(0, 9), st.integers(1, 9))
def test_a_wrong_digit_is_never_another_reference(number, kind, place, off):
    text = write_reference(number, kind).replace(" ", "").removeprefix("RF")
    wrong = text[:place] + str((int(text[place]) + off) % 10) + text[place + 1 :]
    assert not list(read_references(("RF" if kind == CREDITOR else "") + wrong)) or kind == CREDITOR
    if kind == CREDITOR:
        # What is behind RF is no creditor reference; the digits alone are looked at in their own form.
        assert set(read_references(f"RF{wrong}")) <= set(read_references(wrong))


def test_full_width_and_unknown_text_are_read_or_left_alone():
    printed = write_reference(12345678, CREDITOR)
    wide = "".join(chr(ord(one) + 0xFEE0) if one != " " else one for one in printed)
    assert list(read_references(wide)) == [12345678]
    assert list(read_references(f"{printed} or {write_reference(12345678, DIGITS)}")) == [12345678]
    assert list(read_references("thank you, best wishes")) == []
    assert list(read_references("0000000000 00000000000")) == []


@pytest.mark.parametrize("text", ["RF", "RF00", "1234567", "", "R F 1 2"])
def test_what_is_too_short_is_no_reference(text):
    assert list(read_references(text)) == []


@given(numbers)
def test_a_swiss_qr_reference_is_found_as_it_was_printed_and_not_with_one_digit_changed(number):
    printed = write_reference(number, QR)
    assert len(printed.replace(" ", "")) == 27
    assert list(read_references(f"QRR {printed}")) == [number]
    changed = printed[:-1] + str((int(printed[-1]) + 1) % 10)
    assert number not in list(read_references(changed))
