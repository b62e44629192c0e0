"""What people type at a till counts in any width, case and script."""

from typing import Any

import pytest
from django.test import Client
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half

from willing.people.persons import NewPerson, add_person
from willing.terminals.pairing import start_pairing
from willing.till.tills import pair_till


@pytest.fixture
def till(cast: Any) -> Client:
    """A till with a meal in the basket."""
    client = at(cast.till, cast)
    press(client, "add", product=cast.meal.id)
    return client


def widened(text: str) -> str:
    """The same characters as an East Asian keyboard writes them: full-width."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def people(till: Client, text: str) -> str:
    return till.get("/till/people/", {"text": text}, headers={"HX-Request": "true"}).content.decode()


def test_number_and_pin_count_in_full_width_with_blanks(till: Client, cast: Any) -> None:
    number, pin = widened(str(cast.person("Ada").till_number)), widened(cast.pins["Ada"])
    assert "Hello, Ada" in pupils_half(press(till, "pin", number=f" {number} ", pin=f"{pin[:2]} {pin[2:]}"))


def test_a_cards_code_counts_in_any_width_case_and_with_any_dash(till: Client, cast: Any) -> None:
    code = cast.cards["Ada"].lower()
    typed = widened(f"{code[:4]}–{code[4:8]}−{code[8:]}")
    assert "Hello, Ada" in pupils_half(press(till, "card", code=typed))


def test_a_pairing_code_counts_in_full_width(cast: Any) -> None:
    code = start_pairing(cast.till)
    assert pair_till(widened(code.lower()), key="k", device="api").terminal == cast.till


@pytest.mark.parametrize("typed", ["özil", "OZIL", "ｏｚｉｌ", "mes özi", "王", "nunez"])
def test_ask_staff_finds_them_however_they_are_typed(till: Client, cast: Any, typed: str) -> None:
    from willing.people.guardians import add_guardian

    mesut = add_person(cast.school, NewPerson("Mesut", "Özil-王", year="7A"))
    add_guardian(mesut, "Frau Núñez")
    press(till, "way", way="staff")
    found = people(till, typed)
    assert str(mesut.id) in found
    assert found.count('class="person"') == 1


def test_one_letter_of_an_alphabet_lists_nobody(till: Client) -> None:
    press(till, "way", way="staff")
    assert 'class="person"' not in people(till, "a")
    assert 'class="person"' not in people(till, "' é")


def test_two_of_one_name_and_class_have_their_numbers_beside_them_and_others_have_none(
    till: Client, cast: Any
) -> None:
    same = [add_person(cast.school, NewPerson("Li", "Wei", year="7A")) for _ in range(2)]
    other = add_person(cast.school, NewPerson("Li", "Weiming", year="7A"))
    press(till, "way", way="staff")
    found = people(till, "li wei")
    assert found.count('class="person"') == 3
    assert all(f"No. {one.till_number}" in found for one in same)
    assert f"No. {other.till_number}" not in found
