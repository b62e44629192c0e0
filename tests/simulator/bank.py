"""What the bank writes, and what is paid out: bookings by reference, taken back, returned; pay-outs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from tests.simulator.books import PaidIn, PaidOut

from willing.payments.account_rules import read_account
from willing.payments.bank_details import set_bank_details
from willing.payments.bookings import Booking, StatementFile
from willing.payments.matching import book_line, book_waiting, set_aside
from willing.payments.models import BankDetails, PayOut, PayOutFile, StatementLine
from willing.payments.pay_outs import (
    AskedBy,
    approve,
    ask_pay_out,
    make_file,
    mark_paid,
    mark_returned,
    refuse,
)
from willing.payments.reference_rules import DIGITS, write_reference
from willing.payments.references import numbers_of
from willing.payments.statements import StoredStatement, name_bookings, store_statement
from willing.people.queries import today

if TYPE_CHECKING:
    from tests.simulator.world import World

OWN = {"holder": "Test School", "number": "DE02120300000000202051", "bic": "BYLADEM1001"}
PAYEE = {"holder": "Petra Agrees", "number": "DE89370400440532013000"}
LARGE = 5000
ON_THEIR_WAY = ("approved", "filed", "paid")


@dataclass
class Line:
    """A booking as the bank wrote it. name: whose reference is in it, or ""."""

    number: str
    name: str
    amount: int
    takes_back: bool = False
    returns: PaidOut | None = None
    state: str = "waiting"


class Bank:
    """The bank's statements and the school's pay-outs."""

    def __init__(self, world: World) -> None:
        self.world = world
        set_bank_details(world.school, read_account(OWN), BankDetails.References.DIGITS, by=world.staff)
        numbers = numbers_of(world.school, [one.pk for one in world.people.values()])
        self.references = {
            name: write_reference(numbers[one.pk], DIGITS) for name, one in world.people.items()
        }
        # The bookings by the ids of their rows.
        self.rows: dict[UUID, Line] = {}
        self.written = 0

    def import_statement(self) -> None:
        """Import a statement; now and then the same one again."""
        world = self.world
        new = [self._draw() for _ in range(world.random.randint(1, 3))]
        read = StatementFile("camt.053", [self._booking(one) for one in new])
        for _ in range(2 if world.happens(30) else 1):
            world.require("statement", world.ask("statement", partial(self._store, read)))
        self._keep(new, read)

    def _draw(self) -> Line:
        """Draw what somebody paid, what the bank took back of it, or a pay-out that came back."""
        world, books = self.world, self.world.books
        self.written += 1
        number, name = f"BANK{self.written:08}", world.random.choice(list(world.people))
        sent = [one for one in books.paid_out if one.way == "transfer" and one.state in ("filed", "paid")]
        if sent and world.happens(25):
            gone = world.random.choice(sent)
            return Line(number, "", gone.amount, returns=gone)
        by_bank = [one for one in books.paid_in if one.into == "bank"]
        if by_bank and world.happens(20):
            paid = world.random.choice(by_bank)
            return Line(number, paid.name, paid.amount, takes_back=True)
        amount = world.random.choice((700, 1500, 2500, LARGE + 1))
        return Line(number, name if world.happens(80) else "", amount)

    def _booking(self, line: Line) -> Booking:
        return Booking(
            today(self.world.school),
            line.amount,
            bank_number=line.number,
            takes_back=line.takes_back,
            is_return=line.returns is not None,
            payer="Petra Agrees",
            text=self.references.get(line.name, "for lunch"),
            end_to_end=line.returns.pay_out.hex if line.returns else "",
        )

    def _store(self, read: StatementFile) -> StoredStatement:
        stored = store_statement(self.world.school, read, by=self.world.staff)
        book_waiting(self.world.school, large_minor=LARGE, by=self.world.staff)
        return stored

    def _keep(self, new: list[Line], read: StatementFile) -> None:
        """Follow what was booked by itself, and require that nothing waits that need not."""
        by_identity = dict(StatementLine.objects.exclude(pk__in=self.rows).values_list("identity", "pk"))
        self.world.require_same("stored bookings", len(by_identity), len(new))
        for line, known in zip(new, name_bookings(read.bookings), strict=True):
            self.rows[by_identity[known.identity]] = line
        self._follow()
        for line in self._waiting().values():
            self.world.require_same(f"waiting: {line}", self._must_be_booked(line), False)

    def _waiting(self) -> dict[UUID, Line]:
        return {row: line for row, line in self.rows.items() if line.state == "waiting"}

    def _follow(self) -> None:
        """Keep what was booked since."""
        waiting = self._waiting()
        booked = StatementLine.objects.filter(pk__in=waiting, state="booked")
        for row in booked.select_related("transfer", "person").order_by(
            "takes_back", "statement__number", "number"
        ):
            self._keep_booked(row, waiting[row.pk])

    def _keep_booked(self, row: StatementLine, line: Line) -> None:
        books, moved = self.world.books, row.transfer
        assert moved is not None
        assert row.person is not None
        line.state, name = "booked", row.person.given_name
        self.world.counts.bookings += 1
        self.world.require_same("booked", moved.amount_minor, line.amount)
        if line.takes_back:
            paid = next(one for one in books.paid_in if one.transfer == moved.corrects_id)
            told = (paid.name, paid.amount, paid.into, paid.taken)
            self.world.require_same("taken back", told, (name, line.amount, "bank", 0))
            paid.taken = line.amount
            books.move(f"wallet {name}", "bank", line.amount)
        elif line.returns is not None and moved.corrects_id is not None:
            self.world.require_same("sent back", name, line.returns.name)
            self._keep_returned(line.returns)
        else:
            books.pay_in(PaidIn(moved.pk, name, line.amount, "bank"))

    def _must_be_booked(self, line: Line) -> bool:
        if line.returns is not None:  # sent back twice: the office asks the bank
            return line.returns.state != "returned"
        if line.takes_back:
            return not self._refused_to_take_back(line.name, line.amount)
        return bool(line.name) and line.amount <= LARGE

    def _refused_to_take_back(self, name: str, amount: int) -> str:
        """Return why the bank cannot take so much back from somebody, or ""."""
        books = self.world.books
        same = [one for one in books.paid_in if (one.name, one.amount, one.into) == (name, amount, "bank")]
        if all(one.taken for one in same):
            return "nothing_to_take_back"
        return "not_covered" if books.wallet(name) + self.world.school.grace_minor < amount else ""

    def settle_line(self) -> None:
        """Let the office say whose a booking is that waits, or that it is not for lunch."""
        world, waiting = self.world, self._waiting()
        if not waiting:
            return
        row = world.random.choice(sorted(waiting, key=lambda one: waiting[one].number))
        line = waiting[row]
        if world.happens(30):
            world.ask("aside", partial(set_aside, [row], world.school, by=world.staff))
            line.state = "aside"
            return
        name, confirmed = line.name or world.random.choice(list(world.people)), world.happens(80)
        refusal = ""
        if line.takes_back:
            refusal = self._refused_to_take_back(name, line.amount)
        elif line.amount > LARGE and not confirmed:
            refusal = "line_sum_large"
        ask = partial(book_line, row, world.people[name], by=world.staff, large_minor=LARGE)
        again = "" if refusal else "line_settled"
        done = world.ask("book", partial(ask, confirmed=confirmed), again=again)
        if world.require("book", done, refusal):
            self._follow()
            world.require_same("booked", line.state, "booked")

    def ask_pay_out(self) -> None:
        """Let somebody ask for money back."""
        world = self.world
        person = world.people[world.random.choice(list(world.people))]
        amount = world.random.choice((0, -100, 300, 300, 1000, 1000, 4000))
        way = world.random.choice(("cash", "transfer"))
        account = read_account(PAYEE) if way == "transfer" else None
        ask = partial(ask_pay_out, person, amount, asked_by=AskedBy(user=world.staff), account=account)
        done = world.ask("ask pay-out", partial(ask, key=world.key()))
        if world.require("ask pay-out", done, "" if amount > 0 else "amount_not_positive"):
            world.books.paid_out.append(PaidOut(done.pk, person.given_name, amount, way))

    def decide_pay_out(self) -> None:
        """Approve a pay-out or refuse it, now and then one that is decided already."""
        world = self.world
        asked = [one for one in world.books.paid_out if one.state == "asked" or world.happens(10)]
        if not asked:
            return
        wanted = world.random.choice(asked)
        if world.happens(75):
            self._approve(wanted)
            return
        refusal = "" if wanted.state == "asked" else "pay_out_not_open"
        ask = partial(refuse, wanted.pay_out, "not now", by=world.staff)
        done = world.ask("refuse", ask, again="" if refusal else "pay_out_not_open")
        if world.require("refuse", done, refusal):
            wanted.state = "refused"

    def _approve(self, wanted: PaidOut) -> None:
        world, books = self.world, self.world.books
        refusal = ""
        if wanted.state in ("refused", "returned"):
            refusal = "pay_out_not_open"
        elif wanted.state == "asked" and books.wallet(wanted.name) < wanted.amount:
            refusal = "not_covered"
        done = world.ask("approve", partial(approve, wanted.pay_out, by=world.staff))
        if world.require("approve", done, refusal) and wanted.state == "asked":
            books.move(f"wallet {wanted.name}", wanted.outside, wanted.amount)
            wanted.state = "paid" if wanted.way == "cash" else "approved"
            world.counts.pay_outs += 1

    def file_pay_outs(self) -> None:
        """Put what is approved into a file, or record that the bank carried one out."""
        world = self.world
        filed = sorted({one.file for one in world.books.paid_out if one.state == "filed" and one.file})
        if filed and world.happens(60):
            self._mark_paid(filed[0])
            return
        by_bank = [one for one in world.books.paid_out if one.way == "transfer"]
        wanted = [one for one in by_bank if one.state == "approved" or world.happens(2)]
        states = {one.state for one in wanted}
        refusal = "no_pay_outs" if not states else "" if states == {"approved"} else "pay_out_not_open"
        ids = [one.pay_out for one in wanted]
        ask = partial(make_file, world.school, ids, PayOutFile.Format.SEPA, by=world.staff)
        again = "" if refusal else "pay_out_not_open"
        done = world.ask("file", partial(ask, pays_on=today(world.school)), again=again)
        if world.require("file", done, refusal):
            number = PayOutFile.objects.latest("number").number
            for one in wanted:
                one.state, one.file = "filed", number

    def _mark_paid(self, number: int) -> None:
        file = PayOutFile.objects.get(number=number)
        self.world.ask("paid", partial(mark_paid, file, by=self.world.staff))
        for one in self.world.books.paid_out:
            if one.file == number and one.state == "filed":
                one.state = "paid"

    def return_pay_out(self) -> None:
        """Put a pay-out back that did not arrive, now and then one that never left."""
        world = self.world
        gone = [one for one in world.books.paid_out if one.state in ON_THEIR_WAY or world.happens(10)]
        if not gone:
            return
        back = world.random.choice(gone)
        refusal = "" if back.state in (*ON_THEIR_WAY, "returned") else "pay_out_not_open"
        done = world.ask("return", partial(mark_returned, back.pay_out, "sent back", by=world.staff))
        if world.require("return", done, refusal):
            self._keep_returned(back)

    def _keep_returned(self, back: PaidOut) -> None:
        if back.state in ON_THEIR_WAY:
            back.state = "returned"
            self.world.books.move(back.outside, f"wallet {back.name}", back.amount)

    def require_whole(self) -> None:
        """Raise Fault unless bookings and pay-outs are as far as was told."""
        lines = {row: line.state for row, line in self.rows.items()}
        self.world.require_same("bookings", dict(StatementLine.objects.values_list("pk", "state")), lines)
        states = {one.pay_out: one.state for one in self.world.books.paid_out}
        self.world.require_same("pay-outs", dict(PayOut.objects.values_list("pk", "state")), states)
