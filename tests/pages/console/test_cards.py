"""Printing a card at the office: once, kept by nobody, and never the same card again."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from willing.credentials.cards import code_of, find_live_card
from willing.credentials.models import Card
from willing.documents.errors import card_not_printed
from willing.pages.console import cards as page


@pytest.fixture
def printed(cast: Any, office: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that presses "Print a new card" on Carl's page; the printing is tested apart."""

    def draw(_person: Any, code: str, address: str, *, has_copy: bool) -> bytes:
        return f"%PDF-{code}{address}{' twice' if has_copy else ''}".encode()

    monkeypatch.setattr(page, "print_card", draw)
    address = reverse("console:card", args=[cast.person("Carl").pk])
    return lambda **sent: office.post(address, {key: str(value) for key, value in sent.items()})


def test_a_printed_card_is_shown_once_kept_by_no_browser_and_pays(
    cast: Any, printed: Any, logged: Any
) -> None:
    carl, key = cast.person("Carl"), uuid4()
    answer = printed(key=key)
    code = code_of(carl, key)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer.content == f"%PDF-{code}http://testserver/c".encode()
    assert printed(key=uuid4(), copy="1").content.endswith(b"/c twice")
    found = find_live_card(cast.school, code)
    assert found is not None
    assert found.person == carl
    assert len(logged("card.issued")) == Card.objects.count()


def test_the_same_press_again_prints_nothing_and_offers_another_card_instead(
    cast: Any, printed: Any, office: Client
) -> None:
    carl, key = cast.person("Carl"), uuid4()
    printed(key=key)
    before = Card.objects.count()
    answer = printed(key=key)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "This card was printed already" in text
    assert Card.objects.count() == before
    new, instead_of = re.findall(r'name="(?:key|instead_of)" value="([^"]+)"', text)
    assert instead_of == str(key)
    assert printed(key=new, instead_of=instead_of).status_code == 200
    assert find_live_card(cast.school, code_of(carl, key)) is None
    assert find_live_card(cast.school, code_of(carl, new)) is not None
    assert find_live_card(cast.school, cast.cards["Carl"]) is not None  # other cards stay


def test_a_page_that_cannot_be_made_leaves_no_card(
    cast: Any, printed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **_more: Any) -> bytes:
        raise card_not_printed()

    monkeypatch.setattr(page, "print_card", fail)
    before = Card.objects.count()
    answer = printed(key=uuid4())
    assert answer.status_code == 409
    assert "The card could not be made" in answer.content.decode()
    assert Card.objects.count() == before


def test_two_presses_at_once_print_one_card(cast: Any, printed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key = uuid4()
    # The other press is done while this one's page is made.
    monkeypatch.setattr(page, "is_issued", lambda *_: False)
    assert printed(key=key).status_code == 200
    assert printed(key=key).status_code == 409


def test_whoever_has_left_gets_no_card(cast: Any, printed: Any) -> None:
    from willing.credentials.leavers import record_leavers

    record_leavers([cast.person("Carl").id], by=cast.user("office"))
    assert printed(key=uuid4()).status_code == 409


@pytest.mark.parametrize("path", ["people", "enrol"])
def test_a_share_that_a_search_sends_after_all_is_refused_by_name(
    cast: Any, office: Client, path: str
) -> None:
    text = f"https://school.example/c#1.{cast.cards['Carl']}.00041061050R3GG28A1C60T3GF"
    answer = office.get(reverse(f"console:{path}"), {"q": text})
    assert answer.status_code == 409
    assert "More was read from the card than may be sent" in answer.content.decode()
