"""What moved in a wallet in a month, deed by deed, from the opening to the closing balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, F, IntegerField, Min, Q, QuerySet, Sum, When

from willing.ledger.models import Account, Transfer
from willing.ledger.queries import wallet_of
from willing.people.models import Person
from willing.people.queries import day_bounds, today
from willing.till.models import Sale
from willing.till.queries import with_refunds
from willing.till.refund_models import Refund

# Transfers of one deed are written together.
TOGETHER = timedelta(seconds=2)
# A sale moves something for each category that it holds and each side that pays; hardly ever more than this.
TRANSFERS_OF_A_DEED = 3
POSTED = (Transfer.Kind.POSTED, Transfer.Kind.SETTLE)


@dataclass(frozen=True)
class Movement:
    """One deed in a wallet. amount_minor: what it added, or below zero took.

    balance_minor: what was there after it. other: the first name of the sibling it came from or went to.
    words: what the office said of it.
    """

    transfer: Transfer
    amount_minor: int
    balance_minor: int
    sale: Sale | None = None
    refund: Refund | None = None
    other: str = ""
    words: str = ""

    @property
    def at(self) -> datetime:
        """When it was booked."""
        return self.transfer.at


@dataclass(frozen=True)
class WalletStatement:
    """A month of a wallet, in minor units."""

    person: Person
    month: date
    opening_minor: int
    closing_minor: int
    movements: tuple[Movement, ...]


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)


def statement_of(person: Person, month: date) -> WalletStatement:
    """Return what moved in a person's wallet in a month of the school's own time zone."""
    begin, _ = day_bounds(person.school, month)
    end, _ = day_bounds(person.school, next_month(month))
    wallet = wallet_of(person)
    if wallet is None:
        return WalletStatement(person, month, 0, 0, ())
    opening = _balance_before(wallet, begin)
    movements = _movements(wallet, _of_wallet(wallet).filter(at__gte=begin, at__lt=end), opening)
    closing = movements[-1].balance_minor if movements else opening
    return WalletStatement(person, month, opening, closing, movements)


def movements_of(person: Person, newest: int | None = None) -> tuple[Movement, ...]:
    """Return everything that ever moved in a person's wallet, the oldest first; or the `newest` few."""
    wallet = wallet_of(person)
    if wallet is None:
        return ()
    moved = _of_wallet(wallet)
    if newest is None:
        return _movements(wallet, moved, 0)
    times = moved.order_by("-at").values_list("at", flat=True)
    since = next(iter(times[newest * TRANSFERS_OF_A_DEED :][:1]), None)
    if since is None:
        return _movements(wallet, moved, 0)[-newest:]
    shown = _movements(wallet, moved.filter(at__gte=since), _balance_before(wallet, since))
    return shown[1:][-newest:]  # the first of them may have begun before


def _of_wallet(wallet: Account) -> QuerySet[Transfer]:
    return Transfer.objects.filter(Q(debit=wallet) | Q(credit=wallet), kind__in=POSTED)


def _balance_before(wallet: Account, moment: datetime) -> int:
    signed = Case(
        When(credit=wallet, then=F("amount_minor")),
        default=-F("amount_minor"),
        output_field=IntegerField(),
    )
    total: int | None = _of_wallet(wallet).filter(at__lt=moment).aggregate(total=Sum(signed))["total"]
    return total or 0


def _deeds(rows: Sequence[Transfer]) -> list[list[Transfer]]:
    """Put transfers of one deed together: a sale pays for several categories, a refund likewise."""
    deeds: list[list[Transfer]] = []
    for row in rows:
        last = deeds[-1][-1] if deeds else None
        if (
            last is not None
            and (row.reason, row.reference, row.debit.kind) == (last.reason, last.reference, last.debit.kind)
            and row.reason in (Transfer.Reason.SALE, Transfer.Reason.REFUND)
            and row.at - last.at < TOGETHER
        ):
            deeds[-1].append(row)
        else:
            deeds.append([row])
    return deeds


def _movements(wallet: Account, moved: QuerySet[Transfer], opening: int) -> tuple[Movement, ...]:
    deeds = _deeds(_with_accounts(moved))
    about = {deed[0].reference for deed in deeds}
    sold = Sale.objects.filter(pk__in=about).select_related("basket").prefetch_related("basket__lines")
    sales: dict[UUID, Sale] = {one.id: one for one in with_refunds(sold)}
    balance, found = opening, []
    for deed in deeds:
        first = deed[0]
        amount = sum(one.amount_minor if one.credit_id == wallet.id else -one.amount_minor for one in deed)
        balance += amount
        other = (first.debit if first.credit_id == wallet.id else first.credit).person
        move = getattr(first, "move", None)
        found.append(
            Movement(
                transfer=first,
                amount_minor=amount,
                balance_minor=balance,
                sale=sales.get(first.reference),
                refund=_refund(sales.get(first.reference), first, amount),
                other=other.given_name if other else "",
                words=move.words if move else "",
            )
        )
    return tuple(found)


def _with_accounts(moved: QuerySet[Transfer]) -> list[Transfer]:
    """Return transfers in their order, each with both accounts: a few that thousands of them share."""
    rows = list(moved.select_related("corrects", "move").order_by("at", "id"))
    wanted = {one.debit_id for one in rows} | {one.credit_id for one in rows}
    accounts = {one.id: one for one in Account.objects.filter(pk__in=wanted).select_related("person")}
    for row in rows:
        row.debit, row.credit = accounts[row.debit_id], accounts[row.credit_id]
    return rows


def _refund(sale: Sale | None, first: Transfer, amount: int) -> Refund | None:
    """Return the refund that a transfer belongs to, so that its lines can be named."""
    if sale is None or first.reason != Transfer.Reason.REFUND:
        return None
    near = (one for one in sale.refunds.all() if abs(one.at - first.at) < TOGETHER)
    return next((one for one in near if one.wallet_minor == amount), None)


def months_of(person: Person) -> list[date]:
    """Return the months from a wallet's first movement until now, the newest first."""
    wallet = wallet_of(person)
    begun = _of_wallet(wallet).aggregate(first=Min("at"))["first"] if wallet else None
    month = month_of(today(person.school))
    if begun is None:
        return [month]
    months: list[date] = []
    while not months or day_bounds(person.school, month)[0] > begun:
        months.append(month)
        month = month_of(month - timedelta(days=1))
    if begun < day_bounds(person.school, months[-1])[0]:
        months.append(month)
    return months
