"""A card's page: its square says code and share, and the share comes from a process that is gone."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import segno
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.bars import read_bars
from tests.support.papers import check_paper, pages_of, sheets_of, words_of
from tests.support.squares import read_squares, square_in

from willing.core.codes import CODE_ALPHABET, CODE_LENGTH
from willing.core.errors import Refused
from willing.documents import typeset
from willing.documents.card_paper import HEIGHT_MM, WIDTH_MM, CardOrder, card_pdf
from willing.documents.card_sheets import bars_of
from willing.documents.cards import print_card
from willing.people.models import Person, School

ADDRESS, CODE, SHARE = "https://school.example/c", "7K2M9QXTB4DF", bytes(range(16))


def order(**changed: Any) -> CardOrder:
    return CardOrder(
        **{
            "code": CODE,
            "address": ADDRESS,
            "name": "Carl",
            "school": "Hill School",
            "year": "Year 9",
            "shown_code": "7K2M-9QXT-B4DF",
            "title": "Card",
            "advice": ("Keep it like a key.",),
            "alt": "QR code of this card",
            **changed,
        }
    )


def test_the_square_on_the_page_says_the_address_the_code_and_the_share() -> None:
    pdf = card_pdf(order(), SHARE)
    wanted = segno.make(f"{ADDRESS}#1.{CODE}.00041061050R3GG28A1C60T3GF", error="m", micro=False)
    assert square_in(pdf) == [list(row) for row in wanted.matrix]
    assert pytest.approx(1.585, abs=0.001) == WIDTH_MM / HEIGHT_MM  # a bank card's


def test_two_pages_of_one_order_have_two_shares() -> None:
    one, other = card_pdf(order(), SHARE), card_pdf(order(), SHARE[::-1])
    assert square_in(one) != square_in(other)


def test_a_copy_on_the_same_page_says_what_the_card_says_and_a_screen_reader_names_it() -> None:
    pdf = card_pdf(order(copy=("A copy", "Keep it at home.")), SHARE)
    said = read_squares(pdf)
    assert len(said) == 2
    assert set(said) == {f"{ADDRESS}#1.{CODE}.00041061050R3GG28A1C60T3GF"}
    assert len(pages_of(pdf)) == 1
    paper = check_paper(pdf, "en")
    assert [one.alt for one in paper.parts if one.kind == "Figure"] == ["QR code of this card"] * 2
    assert "Keep it at home." in words_of(pdf)
    assert len(pages_of(card_pdf(order(name="A" * 300, copy=("A copy", "Keep it " * 40)), SHARE))) == 1


@pytest.mark.parametrize("name", ["王小明", "Zoë Nguyễn-Østergaard", "A" * 300, ""])
def test_a_card_of_any_name_is_one_page(name: str) -> None:
    pdf = card_pdf(order(name=name, school=name, year=name), SHARE)
    assert len(pages_of(pdf)) == 1
    assert name[:5] in words_of(pdf)


def test_a_card_and_its_copy_are_one_page_of_the_schools_paper(cast: Any) -> None:
    for country, sheet in (("GB", (595, 842)), ("US", (612, 792))):
        School.objects.update(country=country)
        carl = Person.objects.get(pk=cast.person("Carl").pk)
        for language in ("en", "zh-hans"):
            with translation.override(language):
                pdf = print_card(carl, CODE, ADDRESS, has_copy=True)
            assert (sheets_of(pdf), len(pages_of(pdf))) == ({sheet}, 1)


def test_a_screen_reader_is_told_the_title_the_language_and_the_square_of_a_cards_page() -> None:
    paper = check_paper(card_pdf(order(), SHARE), "en")
    assert (paper.title, paper.author) == ("Card", "Hill School")
    assert [one.alt for one in paper.parts if one.kind == "Figure"] == ["QR code of this card"]


def test_a_printed_card_is_made_in_a_process_without_our_secrets(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []
    real = subprocess.run

    def run(command: list[str], **how: Any) -> Any:
        started.append({"command": command, **how})
        return real(command, **how)

    monkeypatch.setattr(subprocess, "run", run)
    one = print_card(cast.person("Carl"), CODE, ADDRESS)
    assert one.startswith(b"%PDF-")
    other = print_card(cast.person("Carl"), CODE, ADDRESS, has_copy=True)
    assert one != other
    assert "A copy to keep at home" in words_of(other)
    assert "A copy to keep at home" not in words_of(one)
    assert [how["env"] for how in started] == [{}, {}]
    assert CODE not in " ".join(started[0]["command"])  # arguments are for every user of the computer to read
    assert b"Carl" in started[0]["input"]


@pytest.mark.parametrize("program", ["false", "missing-program"])
def test_a_process_that_fails_is_a_refusal_and_none_of_its_words_are_kept(
    cast: Any, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(sys, "executable", f"/bin/{program}")
    with pytest.raises(Refused, match="card_not_printed") as refused:
        print_card(cast.person("Carl"), CODE, ADDRESS)
    assert refused.value.__suppress_context__


def test_without_a_chinese_font_a_card_is_refused_in_chinese_and_printed_in_english(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "find_font", lambda: None)
    carl = Person.objects.get(pk=cast.person("Carl").pk)
    assert print_card(carl, CODE, ADDRESS).startswith(b"%PDF-")
    with translation.override("zh-hans"), pytest.raises(Refused, match="pdf_font_missing"):
        print_card(carl, CODE, ADDRESS)


@given(
    st.one_of(
        st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH),
        st.text("089AZ", min_size=CODE_LENGTH, max_size=CODE_LENGTH),  # many changes between the sets
    )
)
@example("9958GZVQ4YQ1")
@example("999999999999")
@example("GZ99999GZ999")
def test_the_bars_of_any_card_are_read_as_its_whole_code(code: str) -> None:
    modules = np.array([one == "0" for one in f"0{bars_of(code)}0"], dtype=np.uint8) * 255
    assert read_bars(np.repeat(modules[None], 3, axis=1)) == {code}
