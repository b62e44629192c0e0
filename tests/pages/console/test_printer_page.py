"""The page of a till's receipt printer: set up, tested, taken away; a fault is said beside its field."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.support.printer import free_printer_port, printer

from willing.ops.health_printers import printers_print
from willing.terminals.printers import NewPrinter, find_printer, set_printer
from willing.terminals.printing import has_print_queues
from willing.till.menu_models import Product

SAID = {"address": "127.0.0.1", "port": "9100", "columns": "48", "characters": "west"}
SAID["when"] = "pressed"


@pytest.fixture
def page(cast: Any, office: Client) -> Any:
    """Return a function that posts to the page, or to one of its buttons, and gives the answer's text."""

    def page_(button: str = "", **said: Any) -> str:
        address = reverse(f"console:{button or 'printer'}", args=[cast.till.pk])
        return office.post(address, said, follow=True).content.decode()

    return page_


def test_a_till_has_none_at_first_and_its_page_leads_there(cast: Any, office: Client) -> None:
    address = reverse("console:printer", args=[cast.till.pk])
    assert address in office.get(reverse("console:terminal", args=[cast.till.pk])).content.decode()
    assert "No receipt printer yet" in office.get(address).content.decode()


def test_a_printer_that_is_there_is_found_by_the_test_print(cast: Any, page: Any) -> None:
    with printer() as paper:
        assert "The printer is saved." in page(**SAID | {"port": paper.port, "when": "always"})
        assert "was found, is ready" in page("test-printer")
        assert paper.arrived.wait(10)
    found = find_printer(cast.till)
    assert found is not None
    assert found.prints_always
    assert "prints no receipts" in page("remove-printer")
    assert find_printer(cast.till) is None


def test_a_printer_that_is_off_is_named_on_its_page_and_on_health(cast: Any, page: Any) -> None:
    page(**SAID | {"port": free_printer_port()})
    assert not list(printers_print(cast.school))
    text = page("test-printer")
    assert text.count("takes no receipts") == 2  # now, and as the last attempt
    # What is changed there is saved, though this page answers the press for a test.
    assert f'method="post" action="{reverse("console:printer", args=[cast.till.pk])}"' in text
    (condition,) = printers_print(cast.school)
    assert (condition.code, condition.is_ok) == ("printer", False)
    assert "Till 1" in condition.detail


def test_a_silent_printer_leaves_it_to_people_to_look(page: Any) -> None:
    with printer("silent") as paper:
        page(**SAID | {"port": paper.port})
        assert "see whether paper comes out" in page("test-printer")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"address": "8.8.8.8"}, "school&#x27;s own network"),
        ({"address": "printer"}, "Enter the printer&#x27;s IP address"),
        ({"address": ""}, "Enter the printer&#x27;s IP address"),
        ({"port": "25"}, "ports 9100 to 9109"),
        ({"port": "x"}, "Enter a whole number."),
        ({"queue": "till"}, "not both"),
        ({"address": "", "queue": "a b"}, "letters, digits"),
    ],
)
def test_what_is_not_possible_is_said_and_sets_nothing(
    cast: Any, page: Any, said: dict[str, str], words: str
) -> None:
    assert words in page(**SAID | said)
    assert find_printer(cast.till) is None


def test_a_server_without_queues_says_so(
    cast: Any, page: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not has_print_queues()
    assert "has no print queues" in page(**SAID | {"address": "", "queue": "till"})


def test_a_test_without_a_printer_says_that_there_is_none(page: Any) -> None:
    assert "This till has no receipt printer." in page("test-printer")


def test_names_that_cannot_be_printed_are_listed(cast: Any, office: Client) -> None:
    Product.objects.filter(pk=cast.meal.pk).update(name="饭")
    set_printer(cast.till, NewPrinter("127.0.0.1"), by=cast.user("office"))
    text = office.get(reverse("console:printer", args=[cast.till.pk])).content.decode()
    assert "These names can't be printed" in text
    assert "饭" in text
