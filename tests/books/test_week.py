"""A whole week, from Monday's change to the end of the month, to the penny, on both databases.

Beside it stands a plain model of sums written down by hand; after each day every account is held beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from beancount import loader
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.payments.conftest import Bank
from tests.payments.samples import camt
from tests.simulator.books import Books, Day, Sold, read_balances
from tests.support.cash import pay_cash
from tests.support.signing import sign_in
from tests.support.spending import grant_sum
from tests.support.till import pay

from willing.books.actions import close_month
from willing.books.counting import count_days
from willing.books.months import Month, month_of
from willing.core import clock
from willing.core.errors import Refused
from willing.drawers.actions import add_drawer, take_to_bank
from willing.drawers.models import Drawer, DrawerSession, Method
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.queries import report_of
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.entitlements.actions import NewEntitlement, grant
from willing.ledger.models import Account
from willing.ops.books_check import verify_books
from willing.payments.pay_outs import AskedBy, approve, ask_pay_out
from willing.people.models import Person
from willing.people.queries import today
from willing.till.refunds import RefundedBy, refund_sale
from willing.wallets.moves import move_to_sibling, reverse_pay_in

MEAL, JUICE = 250, 90
NAMES = ("Office", "Shop")


def first_monday() -> date:
    """Return the first Monday of the month after next: what the cast was given lies before it."""
    month = (datetime.now(tz=UTC).date().replace(day=1) + timedelta(days=62)).replace(day=1)
    return month + timedelta(days=-month.weekday() % 7)


class Week:
    """A school, and the plain model beside it."""

    def __init__(self, cast: Any) -> None:
        self.cast, self.bank = cast, Bank(cast)
        self.school, self.staff = self.bank.school, self.bank.office
        self.drawers: dict[str, Drawer] = {
            "Office": add_drawer(self.school, "Office", by=self.staff),
            "Shop": add_drawer(self.school, "Shop", terminal=cast.till, by=self.staff),
        }
        self.books = Books(read_balances(), dict.fromkeys(NAMES))
        self.monday = first_monday()
        self.sales = 0

    @contextmanager
    def day(self, number: int) -> Iterator[None]:
        """Live through a day at noon; at its end every account is what the model has, to the penny."""
        at = datetime.combine(self.monday + timedelta(days=number), datetime.min.time(), UTC)
        moment = [at + timedelta(hours=12)]

        def tick() -> datetime:
            moment[0] += timedelta(milliseconds=10)
            return moment[0]

        with clock.running(tick):
            yield
            self.require_right()

    def require_right(self) -> None:
        right = {name: balance for name, balance in self.books.balances.items() if balance}
        assert read_balances() == right
        assert verify_books().ok, verify_books().wrong

    def office(self) -> Client:
        """Return a browser at the office, signed in today."""
        return sign_in(Client(), self.staff)

    def person(self, name: str) -> Person:
        found: Person = self.cast.person(name)
        return found

    def open(self, name: str, change: int) -> None:
        session = open_session(self.drawers[name], change, key=uuid4(), by=self.staff)
        self.books.drawers[name].day = Day(session.id, self.books.held(name))
        if change:
            self.books.move(f"drawer {name}", "safe", change, "float")

    def close(self, name: str, kept: int, missing: int = 0) -> DrawerSession:
        """Count blind and close. missing: so much is not there, and wrong change was given."""
        counted = self.books.held(name) - missing
        count_drawer(self.drawers[name], counted, by=self.staff)
        done = close_session(self.drawers[name], Close(kept, "change" if missing else ""), by=self.staff)
        if missing:
            self.books.move("differences", f"drawer {name}", missing, "difference")
        if counted > kept:
            self.books.move("safe", f"drawer {name}", counted - kept, "float")
        day = self.books.drawers[name].day
        assert day is not None
        assert report_of(done).holds_minor == done.kept_minor == kept
        assert report_of(done).cheques_minor == sum(day.cheques)
        self.books.drawers[name].closed.append(day)
        self.books.drawers[name].day = None
        assert done.z_number == len(self.books.drawers[name].closed)
        return done

    def pay_in(self, name: str, amount: int, method: Method = Method.CASH) -> Any:
        done = take_at_office(self.person(name), Paying(amount, method), key=uuid4(), by=self.staff)
        into = "drawer Office" if method == Method.CASH else "cheques"
        self.books.move(into, f"wallet {name}", amount, "pay_in")
        day = self.books.drawers["Office"].day
        if method == Method.CHEQUE and day is not None:
            day.cheques.append(amount)
        self.books.receipts.append((done.number, name, amount, str(method)))
        return done

    def sell(self, name: str, *products: Any, paid: tuple[int, int, int], way: str = "card") -> Sold:
        """Sell to somebody; paid: what wallet, entitlement and the school's meals are to give, by hand."""
        sale = pay(self.cast, name, *products, way=way)
        assert (sale.wallet_minor, sale.entitled_minor, sale.carried_minor) == paid
        self.sales += 1
        assert sale.receipt_number == self.sales
        told = (sale.id, sale.basket_id, name, sale.settled_at, "", sale.receipt_number)
        sold = Sold(*told, {one.name: 1 for one in products}, paid)
        self.books.sell(sold)
        return sold

    def sell_for_cash(self, *products: Any, total: int, tendered: int) -> None:
        sale = pay_cash(self.cast, *products, tendered_minor=tendered)
        assert sale.total_minor == total
        self.sales += 1
        assert sale.receipt_number == self.sales
        self.books.move("drawer Shop", "sales", total, "sale")


@pytest.fixture
def week(cast: Any) -> Week:
    return Week(cast)


def monday(week: Week) -> None:
    """Change, money in by cash and cheque; an allowance, a free meal and the grace are spent."""
    cast, books = week.cast, week.books
    grant_sum(week.person("Bo"), 100, by=week.staff)
    grant(
        week.person("Wes"),
        NewEntitlement("meal", "school", today(week.school), family_minor=0),
        by=week.staff,
    )
    week.open("Office", 10_000)
    week.open("Shop", 5_000)
    week.pay_in("Ada", 2_000)
    week.pay_in("Carl", 1_500, Method.CHEQUE)
    week.sell("Ada", cast.meal, cast.extra, paid=(MEAL + JUICE, 0, 0))
    week.sell("Carl", cast.meal, paid=(MEAL, 0, 0), way="pin")
    week.sell("Wes", cast.meal, cast.extra, paid=(JUICE, MEAL, 0))
    week.sell("Bo", cast.meal, paid=(MEAL - 100, 100, 0))  # from the grace: nothing was ever paid in
    week.sell_for_cash(cast.meal, cast.extra, total=MEAL + JUICE, tendered=500)
    assert books.wallet("Bo") == -150
    assert week.close("Office", 10_000).expected_minor == 12_000
    assert week.close("Shop", 5_000).expected_minor == 5_340


def tuesday(week: Week) -> None:
    """The bank's statement by the page, twice; a line is given back; the shop's drawer lacks 20 cents."""
    cast, books = week.cast, week.books
    week.open("Office", 0)
    week.open("Shop", 0)
    office = week.office()
    import_on_page(office, week.bank.pays("Nia", "25.00"))
    import_on_page(office, week.bank.pays("Nia", "25.00"))
    books.move("bank", "wallet Nia", 2_500)
    sold = week.sell("Ada", cast.meal, cast.extra, paid=(MEAL + JUICE, 0, 0))
    juice = {cast.extra.id: 1}
    refund_sale(sold.sale, key=uuid4(), by=RefundedBy(user=week.staff), quantities=juice)
    books.give_back(sold, (JUICE, 0, 0))
    week.sell("Wes", cast.extra, paid=(JUICE, 0, 0), way="pin")
    week.sell_for_cash(cast.extra, total=JUICE, tendered=100)
    week.close("Office", 10_000)
    assert week.close("Shop", 5_000, missing=20).difference_minor == -20


def import_on_page(office: Client, *entries: Any) -> None:
    """Import a statement as the office does: choose the file, look at it, press."""
    file = SimpleUploadedFile("statement.xml", camt(*entries))
    where = office.post("/staff/money/bank/import/", {"file": file}).headers["Location"]
    assert office.get(where).status_code == 200
    assert office.post(where.replace("preview/", "run/")).status_code == 302


def wednesday(week: Week) -> None:
    """Ten times too much was entered, and taken back; Nia's money is for Wes too."""
    cast, books = week.cast, week.books
    week.open("Office", 0)
    week.open("Shop", 0)
    paid = week.pay_in("Carl", 5_000)
    reverse_pay_in(week.school, paid.transfer_id, 4_500, words="5 was meant", key=uuid4(), by=week.staff)
    books.move("wallet Carl", "drawer Office", 4_500, "refund")
    move_to_sibling(week.person("Nia"), week.person("Wes"), 500, key=uuid4(), by=cast.guardian("Gwen"))
    books.move("wallet Nia", "wallet Wes", 500)
    with pytest.raises(Refused, match="not_siblings"):
        move_to_sibling(week.person("Nia"), week.person("Ada"), 1, key=uuid4(), by=cast.guardian("Gwen"))
    week.sell("Nia", cast.meal, paid=(MEAL, 0, 0))
    # What the school pays for Bo was not spent yesterday, so it is there today.
    week.sell("Bo", cast.meal, paid=(MEAL - 200, 200, 0), way="pin")
    assert week.close("Office", 10_000).expected_minor == 10_500
    week.close("Shop", 5_000)


def thursday(week: Week) -> None:
    """Ada's family wants ten euros back, in cash; a cheque comes."""
    week.open("Office", 0)
    week.open("Shop", 0)
    by = AskedBy(guardian=week.cast.guardian("Gus"))
    asked = ask_pay_out(week.person("Ada"), 1_000, asked_by=by, key=uuid4(), account=None)
    assert approve(asked.id, by=week.staff).state == "paid"
    week.books.move("wallet Ada", "safe", 1_000)
    week.pay_in("Nia", 700, Method.CHEQUE)
    week.sell("Ada", week.cast.meal, paid=(MEAL, 0, 0), way="pin")
    week.close("Office", 10_000)
    week.close("Shop", 5_000)


def friday(week: Week) -> None:
    """All drawers are emptied, and the week's cash and cheques go to the bank."""
    books = week.books
    week.open("Office", 0)
    week.open("Shop", 0)
    week.sell_for_cash(week.cast.meal, total=MEAL, tendered=MEAL)
    week.close("Office", 0)
    week.close("Shop", 0)
    # What came in cash, less Ada's ten euros and the twenty cents: all the change came back.
    cash = 2_000 + 500 + (MEAL + JUICE) + JUICE + MEAL - 20 - 1_000
    assert books.balances["safe"] == cash
    with pytest.raises(Refused, match="cheques_hold_less"):
        take_to_bank(week.school, Account.Kind.CHEQUES, 2_201, key=uuid4(), by=week.staff)
    for kind, amount in ((Account.Kind.SAFE, cash), (Account.Kind.CHEQUES, 2_200)):
        take_to_bank(week.school, kind, amount, key=uuid4(), by=week.staff)
        books.move("bank", str(kind), amount)


def by_kind(sums: dict[str, int]) -> dict[str, int]:
    """Return sums by kind of account."""
    found: dict[str, int] = {}
    for name, amount in sums.items():
        kind = name.split(" ")[0]
        found[kind] = found.get(kind, 0) + amount
    return {kind: amount for kind, amount in found.items() if amount}


def end_month(week: Week, before: dict[str, int]) -> None:
    """The month is closed and is what the model says; beancount finds no fault in the office's file."""
    first = week.monday.replace(day=1)
    count_days(week.school)
    close_month(week.school, first, by=week.staff)
    month: Month = month_of(week.school, first)
    assert month.is_balanced
    assert by_kind({f"{kind} {part}": minor for (kind, part), minor in month.opening.items()}) == by_kind(
        before
    )
    closing = by_kind({f"{kind} {part}": minor for (kind, part), minor in month.closing.items()})
    assert closing == by_kind(dict(week.books.balances))
    assert closing["sales"] == -(10 * MEAL + 5 * JUICE)
    address = f"/staff/money/month/file.beancount?month={first:%Y-%m}"
    answer = week.office().get(address)
    assert answer.status_code == 200, address
    _entries, faults, _options = loader.load_string(answer.content.decode())
    assert not faults


def test_a_whole_week_closes_to_the_penny(week: Week) -> None:
    before = dict(week.books.balances)
    days = (monday, tuesday, wednesday, thursday, friday)
    for number, live in enumerate(days):
        with week.day(number):
            live(week)
    assert [number for number, *_ in week.books.receipts] == [1, 2, 3, 4]
    days_to_next = 40 - week.monday.day
    with week.day(days_to_next):
        end_month(week, before)
