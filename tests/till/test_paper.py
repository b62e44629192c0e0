"""Receipts on paper: what they say, and what they never say."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import translation
from tests.support.printer import free_printer_port, printer
from tests.support.spending import grant_sum
from tests.support.till import pay
from tests.terminals.test_escpos import read_back

from willing.core.errors import Refused
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Printer
from willing.terminals.printers import NewPrinter, print_bytes, set_printer
from willing.terminals.printing import PrintResult
from willing.till import paper
from willing.till.menu_models import Product
from willing.till.models import BasketLine, Sale
from willing.till.paper import print_receipt, print_test, unprintable_products
from willing.till.refunds import RefundedBy, refund_sale


@pytest.fixture
def printed(cast: Any) -> Any:
    """Return a function that prints a sale of the till and gives the lines of the paper."""

    def printed_(sale: Sale, language: str = "en", **settings: Any) -> list[str]:
        with printer() as found, translation.override(language):
            set_printer(cast.till, NewPrinter("127.0.0.1", found.port, **settings), by=cast.user("office"))
            print_receipt(cast.till, sale.id, is_pressed=True)
            assert found.arrived.wait(10)
        return [" ".join(line.split()) for line in read_back(found.came[0])[1]]

    return printed_


def test_a_receipt_says_what_was_bought_where_when_and_how(cast: Any, printed: Any) -> None:
    sale = pay(cast, "Carl", cast.meal, cast.extra, cast.extra)
    lines = printed(sale)
    assert lines[0] == cast.school.name
    assert lines[2].startswith(f"Receipt {sale.receipt_number} {sale.settled_at:%Y-%m-%d}")
    assert "Till 1" in lines
    assert [line for line in lines if " x " in line] == [
        f"1 x {cast.meal.name} 2.50",
        f"2 x {cast.extra.name} 1.80",
    ]
    assert "Total £4.30" in lines
    assert "Paid by: Card or code" in lines


def test_a_receipt_says_what_was_refunded_since(cast: Any, printed: Any) -> None:
    sale = pay(cast, "Carl", cast.meal, cast.extra)
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")), quantities={cast.extra.id: 1})
    assert "Refunded £0.90" in printed(sale)


def test_paper_has_no_name_and_a_free_meal_reads_like_any_other(cast: Any, printed: Any) -> None:
    texts = []
    grant_sum(cast.person("Ada"), 500, by=cast.user("office"))
    for name in ("Carl", "Ada", "Bo"):  # who pays, whom the school pays for, who has nothing
        sale = pay(cast, name)
        text = "\n".join(printed(sale)).replace(f"Receipt {sale.receipt_number} ", "")
        person = cast.person(name)
        assert person.given_name not in text
        assert person.family_name not in text
        texts.append("\n".join(line for line in text.split("\n") if not line.startswith("20")))
    assert len(set(texts)) == 1


def test_a_printer_for_china_has_the_chinese_names_and_another_one_the_english(
    cast: Any, printed: Any
) -> None:
    Product.objects.filter(pk=cast.meal.pk).update(name_zh_hans="套餐")
    sale = pay(cast, "Carl")
    assert "1 x 套餐 2.50" in printed(sale, "zh-hans", characters="chinese")
    assert f"1 x {cast.meal.name} 2.50" in printed(sale, "zh-hans", characters="west")
    assert "Total 2.50 GBP" in printed(sale, characters="cyrillic")


def test_a_name_that_the_printer_lacks_is_refused_by_its_characters_and_listed_for_the_office(
    cast: Any,
) -> None:
    sale, port = pay(cast, "Carl"), free_printer_port()
    Product.objects.filter(pk=cast.meal.pk).update(name="饭")
    BasketLine.objects.update(name="饭")
    found = set_printer(cast.till, NewPrinter("127.0.0.1", port), by=cast.user("office"))
    assert unprintable_products(found) == ["饭"]
    with pytest.raises(Refused, match="printer_characters_missing") as refused:
        print_receipt(cast.till, sale.id, is_pressed=True)
    assert "饭" in str(refused.value.message)


def test_a_till_prints_its_own_sales_only_and_none_without_a_printer(cast: Any) -> None:
    sale = pay(cast, "Carl")
    with pytest.raises(Refused, match="printer_missing"):
        print_receipt(cast.till, sale.id, is_pressed=True)
    other = add_terminal(cast.school, NewTerminal("Till 9"))
    set_printer(other, NewPrinter("127.0.0.1", free_printer_port()), by=cast.user("office"))
    with pytest.raises(Refused, match="sale_unknown"):
        print_receipt(other, sale.id, is_pressed=True)


def test_a_dead_printer_is_left_alone_for_a_minute_unless_a_person_presses(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    sale = pay(cast, "Carl")
    set_printer(cast.till, NewPrinter("127.0.0.1", free_printer_port()), by=cast.user("office"))

    def count(found: Printer, data: bytes) -> PrintResult:
        tried.append(found)
        return print_bytes(found, data)

    monkeypatch.setattr(paper, "print_bytes", count)
    for is_pressed in (False, False, True):
        with pytest.raises(Refused) as refused:
            print_receipt(cast.till, sale.id, is_pressed=is_pressed)
        assert refused.value.data == {"fault": "refused"}
    assert len(tried) == 2


def test_the_test_print_fills_a_line_of_the_paper(cast: Any) -> None:
    with printer() as found:
        new = NewPrinter("127.0.0.1", found.port, columns=32)
        assert print_test(set_printer(cast.till, new, by=cast.user("office"))).has_answered
        assert found.arrived.wait(10)
    assert "1" * 32 in read_back(found.came[0])[1]
