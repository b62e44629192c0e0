"""A list of the school's own cards: what counts, and why each other line does not."""

from typing import Any

import pytest
from django.test import Client
from tests.support.signing import sign_in
from tests.support.statements import statements

from willing.audit.models import Entry
from willing.credentials.card_lists import (
    LINES_MAX,
    Assigned,
    LineFault,
    Whose,
    assign_card_numbers,
    read_lines,
)
from willing.credentials.cards import find_card_owner, revoke_cards
from willing.credentials.models import Card
from willing.credentials.rules import CardNumberFault

ADDRESS = "/staff/people/card-list/"


def assign(cast: Any, text: str) -> Assigned:
    return assign_card_numbers(cast.school, text, Whose.TILL_NUMBER, by=cast.user("office"))


def number_of(cast: Any, name: str) -> int:
    return int(cast.person(name).till_number)


def test_good_lines_count_and_each_other_says_why(cast: Any) -> None:
    ada, bo, carl, nia = (number_of(cast, name) for name in ("Ada", "Bo", "Carl", "Nia"))
    lines = [
        f"{ada}\t04A1B2C3",
        f"{bo};0099990001",
        "",
        f"{carl},1234",
        f"{carl}\t04:b1:b2:c4",
        f"{nia}\t04B1B2C4",
        "9999999\t04C1B2C5",
        "04C1B2C6",
        f"{nia}\tC3B2A104",
        f"{nia}\t123456789012",
        f"{nia}\t7.77039E+09",
        f"{nia}\t{'A' * 26}",
        "Name\tNumber of card",
    ]
    found = assign(cast, "\r\n".join(lines))
    assert found == Assigned(
        2,
        0,
        {
            4: CardNumberFault.TOO_SHORT,
            5: LineFault.DOUBLED,
            6: LineFault.DOUBLED,
            7: LineFault.PERSON_UNKNOWN,
            8: LineFault.NO_TWO_PARTS,
            9: LineFault.OTHER_FORM,
            10: CardNumberFault.LIKE_OURS,
            11: CardNumberFault.NOT_VALID,
            12: LineFault.SHARE,
            13: LineFault.PERSON_UNKNOWN,
        },
    )
    assert find_card_owner(cast.school, "04A1B2C3") == cast.person("Ada")
    assert find_card_owner(cast.school, "99990001") == cast.person("Bo")
    assert find_card_owner(cast.school, "04B1B2C4") is None
    assert Entry.objects.filter(event="card.number_assigned").count() == 2


def test_the_same_list_again_changes_nothing_and_a_revoked_card_stays_so(cast: Any) -> None:
    text = f"{number_of(cast, 'Ada')}\t04A1B2C3\n{number_of(cast, 'Bo')}\t04A1B2C4"
    assert assign(cast, text) == Assigned(2, 0, {})
    revoke_cards(cast.person("Bo"))
    assert assign(cast, text) == Assigned(0, 1, {2: LineFault.TAKEN})
    other = f"{number_of(cast, 'Carl')}\t04A1B2C3"
    assert assign(cast, other) == Assigned(0, 0, {1: LineFault.TAKEN})


def test_persons_are_named_by_the_registers_id_too(cast: Any) -> None:
    ada = cast.person("Ada")
    type(ada).objects.filter(pk=ada.pk).update(external_id="R-17")
    by = cast.user("office")
    found = assign_card_numbers(cast.school, '"R-17","04A1B2C3"', Whose.REGISTER, by=by)
    assert found == Assigned(1, 0, {})
    unknown = assign_card_numbers(cast.school, "R-18\t04A1B2C4\n\t04A1B2C5", Whose.REGISTER, by=by)
    assert unknown.faults == {1: LineFault.PERSON_UNKNOWN, 2: LineFault.NO_TWO_PARTS}


def test_more_lines_ask_no_more_statements(cast: Any) -> None:
    numbers = [number_of(cast, name) for name in ("Ada", "Bo", "Carl", "Nia", "Wes")]
    with statements() as few:
        assign(cast, f"{numbers[0]}\t04A1B2C3")
    asked = len(few)
    with statements() as many:
        assign(cast, "\n".join(f"{one}\t0{place}D1B2C3A" for place, one in enumerate(numbers)))
    assert 3 < len(many) <= asked + 2


def test_a_list_without_measure_is_refused_whole(cast: Any) -> None:
    found = assign(cast, "1\t2\n" * (LINES_MAX + 1))
    assert found == Assigned(0, 0, {LINES_MAX + 1: LineFault.TOO_MANY})
    assert not Card.objects.filter(is_foreign=True).exists()


@pytest.mark.parametrize("text", ["", "\n \n", "a", "a b"])
def test_what_is_no_list_has_no_lines_with_two_parts(text: str) -> None:
    assert all(not one.card for one in read_lines(text))


def test_the_page_shows_each_line_that_is_wrong_and_its_cause(cast: Any) -> None:
    office = sign_in(Client(), cast.user("office"))
    assert office.get(ADDRESS).status_code == 200
    assert office.post(ADDRESS, {"whose": "till-number", "lines": ""}).status_code == 422
    wrong = office.post(ADDRESS, {"whose": "till-number", "lines": "9\t1234"})
    assert wrong.status_code == 409
    assert "too short to be safe" in wrong.content.decode()
    lines = f"{number_of(cast, 'Bo')}\t04A1B2C3"
    done = office.post(ADDRESS, {"whose": "till-number", "lines": lines}, follow=True)
    assert "1 card works now." in done.content.decode()
    assert sign_in(Client(), cast.user("cashier")).get(ADDRESS).status_code == 403
