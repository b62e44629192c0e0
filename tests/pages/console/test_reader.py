"""The page that tests a till's reader: a live card tells how it types, all else is refused."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half

from willing.core.codes import show_code
from willing.credentials.cards import revoke_cards
from willing.terminals.errors import reader_layout_wrong
from willing.terminals.keyboards import KeyboardLayout, KeyboardReader, Suffix
from willing.terminals.models import Terminal
from willing.terminals.readers import reader_of, set_reader

WRONG = "This reader types another keyboard layout: test it under Tills."
GERMAN = {"Y": "Z", "Z": "Y", "-": "ß"}


def us_keys(text: str) -> str:
    """Return the keys that a reader set to the US layout sends."""
    names = {"-": "Minus"}
    return " ".join(names.get(one) or (f"Digit{one}" if one.isdigit() else f"+Key{one}") for one in text)


def on_a_german_computer(text: str) -> str:
    return "".join(GERMAN.get(one, one) for one in text)


@pytest.fixture
def scanned(cast: Any, office: Client) -> Any:
    """Return a function that posts a test scan and gives the answer."""
    address = reverse("console:reader", args=[cast.till.pk])
    return lambda **sent: office.post(address, {"suffix": "enter", **sent}, follow=True)


def stored(cast: Any) -> KeyboardReader:
    return reader_of(Terminal.objects.get(pk=cast.till.pk))


@pytest.mark.parametrize("suffix", ["enter", "tab", "none"])
def test_one_scan_stores_suffix_prefix_and_layout(cast: Any, scanned: Any, logged: Any, suffix: str) -> None:
    code = show_code(cast.cards["Carl"])
    sent = {"typed": "Q" + on_a_german_computer(code), "keys": "KeyQ " + us_keys(code), "suffix": suffix}
    text = scanned(**sent).content.decode()
    assert "The reader of Till 1 works." in text
    assert code not in text
    assert stored(cast) == KeyboardReader(KeyboardLayout.US, Suffix(suffix), "q")
    assert len(logged("terminal.reader_set")) == 1
    scanned(**sent)
    assert len(logged("terminal.reader_set")) == 1


def test_a_reader_that_agrees_with_its_computer_is_left_as_it_is(cast: Any, scanned: Any) -> None:
    code = cast.cards["Carl"]
    assert "works" in scanned(typed=code, keys=us_keys(code)).content.decode()
    assert stored(cast) == KeyboardReader()


@pytest.mark.parametrize(
    ("typed", "keys", "cause"),
    [
        ("ABCDEFGH1234", "", "no card of this school has this code"),
        ("#!?", "Other Other Other", "no card&#x27;s code under any keyboard layout"),
        ("", "", "Nothing was scanned."),
    ],
)
def test_what_is_no_card_of_the_school_is_refused_by_its_cause(
    cast: Any, scanned: Any, typed: str, keys: str, cause: str
) -> None:
    answer = scanned(typed=typed, keys=keys)
    assert answer.status_code == 409
    assert cause in answer.content.decode()
    assert stored(cast) == KeyboardReader()


def test_a_revoked_card_tests_no_reader_and_neither_does_an_unknown_ending(cast: Any, scanned: Any) -> None:
    code = cast.cards["Carl"]
    assert scanned(typed=code, keys="", suffix="bell").status_code == 409
    revoke_cards(cast.person("Carl"))
    assert scanned(typed=code, keys="").status_code == 409


def test_the_till_refuses_a_scan_in_another_layout_by_its_cause_and_reads_it_once_tested(cast: Any) -> None:
    till = at(cast.till, cast)
    code = show_code(cast.cards["Carl"])
    sent = {"code": on_a_german_computer(code), "keys": us_keys(code)}
    press(till, "add", product=cast.meal.id)
    assert WRONG in pupils_half(press(till, "scan", **sent))
    assert reader_layout_wrong().code == "reader_layout_wrong"
    assert "Hello" not in pupils_half(press(till, "scan", code="", keys=us_keys(code)))
    set_reader(cast.till, KeyboardReader(layout=KeyboardLayout.US), by=1)
    assert "Hello, Carl" in pupils_half(press(till, "scan", **sent))


def test_the_till_takes_a_prefix_off_products_and_cards(cast: Any) -> None:
    set_reader(cast.till, KeyboardReader(prefix="]Q3"), by=1)
    till = at(cast.till, cast)
    press(till, "add", product=cast.meal.id)
    assert "Hello, Carl" in pupils_half(press(till, "scan", code="]Q3" + cast.cards["Carl"]))
