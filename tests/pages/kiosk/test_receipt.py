"""Receipts at the till: offered where there is a printer, and no press waits for it."""

from typing import Any

from django.test import Client
from django.urls import reverse
from tests.pages.kiosk.test_access import at
from tests.pages.kiosk.test_screen import press, pupils_half, till_screen
from tests.support.printer import free_printer_port, printer

from willing.terminals.printers import NewPrinter, set_printer
from willing.till.baskets import show_basket
from willing.till.models import Sale


def sold(cast: Any, client: Client) -> str:
    """Sell a meal and return the screen that says so."""
    press(client, "add", product=cast.meal.id)
    press(client, "card", code=cast.cards["Carl"])
    basket = show_basket(cast.till)
    assert basket is not None
    return press(client, "confirm", basket=basket.id)


def set_up(cast: Any, port: int, *, prints_always: bool = False) -> None:
    new = NewPrinter("127.0.0.1", port, prints_always=prints_always)
    set_printer(cast.till, new, by=cast.user("office"))


def test_no_receipt_is_offered_where_there_is_no_printer(cast: Any) -> None:
    assert reverse("kiosk:receipt") not in sold(cast, at(cast.till, cast))


def test_a_press_prints_the_receipt_and_leaves_the_screen(cast: Any) -> None:
    client = at(cast.till, cast)
    with printer() as paper:
        set_up(cast, paper.port)
        screen = sold(cast, client)
        assert screen.count(reverse("kiosk:receipt")) == 2  # with and without a script
        assert 'name="each"' not in screen
        note = press(client, "receipt", sale=Sale.objects.get().id)
        assert paper.arrived.wait(10)
    assert "The receipt is being printed." in note
    assert 'id="screen"' not in note
    assert cast.meal.name.encode() in paper.came[0]


def test_a_till_that_prints_each_sale_asks_by_itself(cast: Any) -> None:
    client = at(cast.till, cast)
    with printer() as paper:
        set_up(cast, paper.port, prints_always=True)
        screen = sold(cast, client)
        assert 'data-hx-trigger="load"' in screen
        press(client, "receipt", sale=Sale.objects.get().id, each="yes")
        assert paper.arrived.wait(10)


def test_a_dead_printer_is_said_in_words_and_the_sale_stands(cast: Any) -> None:
    client = at(cast.till, cast)
    set_up(cast, free_printer_port())
    assert "Paid. Thank you!" in sold(cast, client)
    note = press(client, "receipt", sale=Sale.objects.get().id)
    assert "takes no receipts" in note
    answer = client.post(reverse("kiosk:receipt"), {"sale": Sale.objects.get().id}, follow=True)
    text = answer.content.decode()
    assert "takes no receipts" in text
    assert "Paid. Thank you!" in text


def test_what_is_no_sale_of_this_till_is_refused_in_words(cast: Any) -> None:
    client = at(cast.till, cast)
    set_up(cast, free_printer_port())
    assert "find that receipt" in press(client, "receipt", sale="12345678-1234-4678-8234-567812345678")


def test_the_last_receipt_is_printed_after_its_screen_has_gone_until_the_next_customer(cast: Any) -> None:
    client, again = at(cast.till, cast), "Print the last receipt"
    with printer() as paper:
        set_up(cast, paper.port)
        assert again not in till_screen(client)  # nothing was sold here yet
        assert again not in sold(cast, client)  # the receipt is offered beside the sum
        screen = press(client, "next")
        assert again in screen
        assert again not in pupils_half(screen)
        press(client, "receipt", sale=Sale.objects.get().id)
        assert paper.arrived.wait(10)
        assert again not in press(client, "add", product=cast.meal.id)
    assert b"Receipt 1" in paper.came[0]


def test_without_a_printer_no_last_receipt_is_offered(cast: Any) -> None:
    client = at(cast.till, cast)
    sold(cast, client)
    assert "Print the last receipt" not in press(client, "next")
