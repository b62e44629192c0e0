"""The drawers' pages: a day from opening to Z, the books shown only after the count."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.test import Client
from django.urls import reverse
from tests.support.cash import open_till_drawer, pay_cash
from tests.support.clocks import stopped_at
from tests.support.log import facts_of
from tests.support.money import office_drawer

from willing.core.clock import now
from willing.drawers.actions import put_into_drawer
from willing.drawers.cli import day
from willing.drawers.models import Drawer, DrawerSession
from willing.drawers.queries import holds_minor
from willing.terminals.sign_ons import sign_on
from willing.till.drawer_counts import count_at_till

NAMES = {"open": "open-drawer", "move": "move-cash", "count": "count-drawer", "close": "close-drawer"}


def press(client: Client, drawer: Drawer, what: str, **values: Any) -> Any:
    return client.post(reverse(f"console:{NAMES[what]}", args=[drawer.id]), {"key": uuid4(), **values})


def page(client: Client, drawer: Drawer) -> str:
    return str(client.get(reverse("console:drawer", args=[drawer.id])).content.decode())


def test_a_day_is_opened_counted_and_closed_and_the_books_show_after_the_count(
    cast: Any, office: Client
) -> None:
    office.post(reverse("console:drawers"), {"key": uuid4(), "name": "Shop"})
    drawer = Drawer.objects.get(name="Shop")
    assert press(office, drawer, "open", amount="50.00").status_code == 302
    pay_in = reverse("console:pay-in", args=[cast.person("Ada").id])
    answer = office.post(pay_in, {"key": uuid4(), "amount": "10.00", "method": "cash"}, follow=True)
    assert "£10.00 was paid in. Receipt 1." in answer.content.decode()
    assert "60.00" not in page(office, drawer)
    press(office, drawer, "move", way="out", amount="5")
    assert press(office, drawer, "close", amount="0").status_code == 422
    press(office, drawer, "count", amount="54.80")
    assert all(sum_ in page(office, drawer) for sum_ in ("54.80", "55.00", "0.20"))
    assert "Please say why" in press(office, drawer, "close", amount="50").content.decode()
    done = press(office, drawer, "close", amount="50", why="change")
    report = office.get(done["Location"]).content.decode()
    assert "Z report 1" in report
    assert "Wrong change was given" in report
    assert holds_minor(drawer) == 5000
    assert "Z report 1" in office.get(reverse("console:drawers")).content.decode()
    csv = office.get(reverse("console:drawers-csv")).content.decode()
    assert csv.splitlines()[1].startswith("Shop,1,")


def test_the_receipt_of_a_pay_in_and_a_z_are_pdfs_too(cast: Any, office: Client) -> None:
    pay_in = reverse("console:pay-in", args=[cast.person("Ada").id])
    office.post(pay_in, {"key": uuid4(), "amount": "10.00", "method": "cheque"})
    session = DrawerSession.objects.get()
    paid = session.pay_ins.get()
    assert "Cheque" in office.get(reverse("console:pay-in-receipt", args=[paid.pk])).content.decode()
    for name, key in (("pay-in-receipt-pdf", paid.pk), ("drawer-report-pdf", session.pk)):
        assert office.get(reverse(f"console:{name}", args=[key])).content.startswith(b"%PDF")


def test_what_turns_out_later_goes_into_the_open_day(cast: Any, office: Client) -> None:
    drawer = office_drawer(cast.school)
    press(office, drawer, "count", amount="0")
    closed = press(office, drawer, "close", amount="0")["Location"]
    assert "turned out later" not in office.get(closed).content.decode()
    press(office, drawer, "open", amount="0")
    assert "turned out later" in office.get(closed).content.decode()
    office.post(closed, {"key": uuid4(), "way": "found", "amount": "2"})
    assert holds_minor(drawer) == 200


def test_a_drawer_that_was_left_open_is_on_the_page_of_the_next_day(cast: Any, browser: Any) -> None:
    office_drawer(cast.school)
    where = reverse("console:today")
    assert "is not counted" not in browser("office").get(where).content.decode()
    with stopped_at(now() + timedelta(days=1)):
        assert "is not counted" in browser("canteen").get(where).content.decode()
        assert "is not counted" not in browser("cashier").get(where).content.decode()


@pytest.mark.parametrize(
    ("counts", "code", "said"),
    [
        ([], 1, "Office: not counted"),
        (["--count", "Office=3.00"], 0, "Office: Z 1, difference 0.00 GBP"),
        (["--count", "Office=2.50"], 1, "difference_needs_a_reason"),
        (["--count", "Office=2.50", "--why", "unknown"], 0, "difference -0.50"),
        (["--count", "Nowhere=1"], 1, "no drawer of this name is open"),
        (["--count", "Office=much"], 1, "write --count"),
        (["--count", "Office=-3"], 1, "write --count"),
        (["--count", "Office=99999999999999999999"], 1, "write --count"),
    ],
)
def test_the_command_closes_what_was_counted_and_names_what_was_not(
    cast: Any, counts: list[str], code: int, said: str
) -> None:
    put_into_drawer(office_drawer(cast.school), 300, key=uuid4(), by=None)
    done = CliRunner().invoke(day, ["close", *counts])
    assert (done.exit_code, said in done.output) == (code, True), done.output
    assert DrawerSession.objects.filter(closed_at=None).exists() == bool(code)


def test_the_command_closes_a_drawer_that_holds_nothing(cast: Any) -> None:
    office_drawer(cast.school)
    assert "Office: Z 1" in CliRunner().invoke(day, ["close"]).output


def test_cheques_go_to_the_bank_and_never_more_than_there_are(cast: Any, office: Client) -> None:
    address = reverse("console:drawers")
    sent = {"key": uuid4(), "kind": "cheques", "amount": "1"}
    assert "not that many cheques" in office.post(address, sent).content.decode()
    assert office.post(address, {**sent, "kind": "safe"}).status_code == 302


def test_a_drawer_is_put_under_a_till_when_it_is_made_or_later_while_it_is_closed(
    cast: Any, office: Client
) -> None:
    page_of_all = reverse("console:drawers")
    office.post(page_of_all, {"key": uuid4(), "name": "Counter", "terminal": str(cast.till.id)})
    drawer = Drawer.objects.get(name="Counter")
    assert drawer.terminal == cast.till
    assert "Till 1" in office.get(page_of_all).content.decode()
    again = office.post(page_of_all, {"key": uuid4(), "name": "Second", "terminal": str(cast.till.id)})
    assert again.status_code == 422  # a till has one drawer: it is not offered twice
    address = reverse("console:drawer-till", args=[drawer.id])
    office.post(address, {"key": uuid4(), "terminal": str(cast.other_till.id)})
    drawer.refresh_from_db()
    assert drawer.terminal == cast.other_till
    press(office, drawer, "open", amount="0")
    refused = office.post(address, {"key": uuid4(), "terminal": ""})
    assert "This drawer is open already." in refused.content.decode()
    drawer.refresh_from_db()
    assert drawer.terminal == cast.other_till
    assert facts_of("drawer.till_set")[-1]["terminal"] == str(cast.other_till.id)


def test_a_sale_in_cash_is_refunded_from_an_open_drawer_that_the_office_chooses(
    cast: Any, office: Client
) -> None:
    first, second = open_till_drawer(cast.till), open_till_drawer(cast.other_till, 1000)
    sale = pay_cash(cast, cast.meal, cast.extra)
    address = reverse("console:refund", args=[sale.id])
    shown = office.get(address).content.decode()
    assert shown.index(first.name) < shown.index(second.name)  # the one that took it is offered first
    sent = {"key": uuid4(), "reason": "", f"line-{sale.basket.lines.first().pk}": "1"}
    assert office.post(address, sent).status_code == 422  # no drawer was chosen
    done = office.post(address, {**sent, "drawer": str(second.id)}, follow=True).content.decode()
    assert "please hand over £2.50 from the drawer" in done
    assert (holds_minor(first), holds_minor(second)) == (340, 750)
    today = office.get(reverse("console:today")).content.decode()
    assert "Cash" in today


def test_where_no_drawer_is_open_the_refund_of_cash_leads_to_the_drawers(cast: Any, office: Client) -> None:
    drawer = open_till_drawer(cast.till)
    sale = pay_cash(cast)
    press(office, drawer, "count", amount="2.50")
    press(office, drawer, "close", amount="2.50")
    shown = office.get(reverse("console:refund", args=[sale.id])).content.decode()
    assert "Please open a drawer first." in shown
    assert reverse("console:drawers") in shown


def test_the_count_of_a_cashier_shows_the_office_who_counted_and_the_difference(
    cast: Any, office: Client
) -> None:
    drawer = open_till_drawer(cast.till, 1000)
    sign_on(cast.till, cast.user("cashier"))
    count_at_till(cast.till, 990)
    shown = page(office, drawer)
    assert "Counted by Cashier" in shown
    assert all(sum_ in shown for sum_ in ("9.90", "10.00", "0.10"))
