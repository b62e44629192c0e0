"""A card's page: its square says code and share, and the share comes from a process that is gone."""

import re
import subprocess
import sys
import zlib
from typing import Any

import pytest
import segno
from django.utils import translation

from willing.core.errors import Refused
from willing.credentials.shares import PrintedCard, card_text
from willing.documents import cards
from willing.documents.card_paper import HEIGHT_MM, SQUARE_MM, WIDTH_MM, CardOrder, card_pdf
from willing.documents.cards import print_card
from willing.people.models import Person

ADDRESS, CODE, SHARE = "https://school.example/c", "7K2M9QXTB4DF", bytes(range(16))
POINTS_A_MM = 72 / 25.4


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
            **changed,
        }
    )


def drawing(pdf: bytes) -> str:
    """Return what a page draws, as PDF writes it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return zlib.decompress(streams[0]).decode("latin-1")


def square_in(pdf: bytes) -> list[list[int]]:
    """Return the modules of the square on a page, row by row, from the black boxes that are drawn."""
    boxes = [
        tuple(float(one) for one in found)
        for found in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (-?[\d.]+) re f", drawing(pdf))
    ]
    left, top = min(box[0] for box in boxes), max(box[1] for box in boxes)
    width = max(box[0] + box[2] for box in boxes) - left
    assert width == pytest.approx(SQUARE_MM * POINTS_A_MM, abs=0.5)
    size = len(segno.make(card_text(ADDRESS, PrintedCard(CODE, SHARE)), error="m", micro=False).matrix)
    module = width / size
    rows = [[0] * size for _ in range(size)]
    for x, y, wide, _ in boxes:
        row, start = round((top - y) / module), round((x - left) / module)
        for column in range(start, start + round(wide / module)):
            rows[row][column] = 1
    return rows


def test_the_square_on_the_page_says_the_address_the_code_and_the_share() -> None:
    pdf = card_pdf(order(), SHARE)
    wanted = segno.make(f"{ADDRESS}#1.{CODE}.00041061050R3GG28A1C60T3GF", error="m", micro=False)
    assert square_in(pdf) == [list(row) for row in wanted.matrix]
    assert pytest.approx(1.585, abs=0.001) == WIDTH_MM / HEIGHT_MM  # a bank card's


def test_two_pages_of_one_order_have_two_shares() -> None:
    one, other = card_pdf(order(), SHARE), card_pdf(order(), SHARE[::-1])
    assert square_in(one) != square_in(other)


@pytest.mark.parametrize("name", ["王小明", "Zoë Nguyễn-Østergaard", "A" * 300, ""])
def test_a_card_of_any_name_is_one_page(name: str) -> None:
    pdf = card_pdf(order(name=name, school=name, year=name, is_latin=name.isascii()), SHARE)
    assert pdf.count(b"/Type /Page\n") == 1


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
    assert one != print_card(cast.person("Carl"), CODE, ADDRESS)
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
    monkeypatch.setattr(cards, "find_font", lambda: None)
    carl = Person.objects.get(pk=cast.person("Carl").pk)
    assert print_card(carl, CODE, ADDRESS).startswith(b"%PDF-")
    with translation.override("zh-hans"), pytest.raises(Refused, match="pdf_font_missing"):
        print_card(carl, CODE, ADDRESS)
