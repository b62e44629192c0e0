"""Books of a large school, made by the database itself: a million transfers in a minute or two."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from willing.core.triggers import set_aside
from willing.ledger.accounts import lock_sale_accounts, open_school_account, open_wallet
from willing.ledger.models import Account, Transfer
from willing.people.models import School
from willing.people.persons import NewPerson, add_person
from willing.people.school import create_school
from willing.terminals.actions import NewTerminal, add_terminal
from willing.till.models import ReceiptCounter, Sale
from willing.till.products import ProductDetails, add_to_menu

PERSONS = 500
PAID_IN, PRICE = 100_000, 250
# Of a hundred transfers so many are pay-ins and refunds; the others are sales.
TOPUPS, REFUNDS = 10, 2
WALLET_OF = "(SELECT w.id FROM wallets w WHERE w.place = n.i %% (SELECT COUNT(*) FROM wallets))"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})"


def build_books(
    transfers: int, until: datetime | None = None, school: School | None = None, persons: int = PERSONS
) -> dict[str, int]:
    """Write so many transfers, and their sales, baskets, refunds and receipts, of persons made for them.

    until: spread over the 365 days before this moment, two hours of each; None: all in one moment. school:
    None in an empty installation. Balances follow from the transfers. Return how many rows there are.
    """
    school = school or create_school("Books")
    terminal = add_terminal(school, NewTerminal("Books", ways=("card",)))
    with transaction.atomic():
        people = [add_person(school, NewPerson(f"Pupil {place}", "Books")) for place in range(persons)]
        wallets = [(place, _value(open_wallet(one).id), _value(one.id)) for place, one in enumerate(people)]
        accounts = lock_sale_accounts(people[0], ["meal"])
    cash = open_school_account(school, Account.Kind.BANK)
    meal = add_to_menu(school, ProductDetails("Meal", PRICE, "meal", is_main_meal=True))
    with connection.cursor() as cursor:
        kind = "uuid" if connection.vendor == "postgresql" else "text"
        cursor.execute(f"CREATE TEMP TABLE wallets (place integer PRIMARY KEY, id {kind}, person {kind})")
        cursor.executemany("INSERT INTO wallets VALUES (%s, %s, %s)", wallets)
    aside, back = set_aside(
        "ledger_account", "ledger_transfer", "till_basket", "till_basketline", "till_sale"
    )
    with connection.schema_editor() as editor:
        aside.code(cast("Any", apps), editor)
    sold = _write_rows(transfers, school, terminal.id, accounts.sales["meal"].id, cash.id, meal.id, until)
    with connection.schema_editor() as editor:
        back.code(cast("Any", apps), editor)
    return {"transfers": Transfer.objects.count(), "sales": sold}


def _value(one: UUID) -> Any:
    return one if connection.features.has_native_uuid_field else one.hex


def _id(kind: int, number: str = "n.i") -> str:
    """Return the SQL of the id with this number among rows of a kind."""
    if connection.vendor == "postgresql":
        return f"lpad(to_hex({kind}::bigint * 1000000000 + {number}), 32, '0')::uuid"
    return f"printf('%%032x', {kind} * 1000000000 + {number})"


def _write_rows(
    transfers: int,
    school: School,
    terminal: UUID,
    sales: UUID,
    cash: UUID,
    product: UUID,
    until: datetime | None,
) -> int:
    topups, refunds = transfers * TOPUPS // 100, transfers * REFUNDS // 100
    sold = transfers - topups - refunds
    wallet, person = WALLET_OF, WALLET_OF.replace("w.id", "w.person", 1)
    values = {"school": _value(school.id), "terminal": _value(terminal), "sales": _value(sales)}
    values |= {"cash": _value(cash), "product": _value(product), "at": "2026-09-01 12:00:00+00:00"}
    moved = (
        "ledger_transfer (id, debit_id, credit_id, amount_minor, kind, reason, reference, corrects_id, at)"
    )
    baskets = (
        "till_basket (id, terminal_id, state, person_id, way, claim, is_face_used_up, opened_at, touched_at)"
    )
    receipts = (
        "till_sale (id, school_id, terminal_id, basket_id, person_id, way, total_minor, wallet_minor,"
        " entitled_minor, free_meal_minor, carried_minor, cash_minor, is_repeat_checked, is_voided,"
        " receipt_number, settled_at, waited_seconds, refunded, refunded_wallet_minor,"
        " refunded_entitled_minor, refunded_carried_minor, refunded_cash_minor)"
    )
    lines = (
        "till_basketline (id, basket_id, product_id, name, name_zh_hans, quantity, price_minor, listed_minor,"
        " tax_code, refunded)"
    )
    given_back = (
        "till_refund (id, sale_id, total_minor, wallet_minor, entitled_minor, carried_minor, cash_minor,"
        " reason, refunded_at_terminal_id, is_automatic, at)"
    )
    given_lines = "till_refundline (id, refund_id, line_id, quantity)"
    sums = f"{PRICE}, {PRICE}, 0, 0, 0, 0"
    sale = f"{_id(3)}, %(school)s, %(terminal)s, {_id(2)}, {person}, 'card', {sums}, FALSE, FALSE"
    paid_in = f"{_id(1)}, %(cash)s, {wallet}, {PAID_IN}, 'posted', 'topup', {_id(1)}, NULL, %(at)s"
    paid = f"{_id(4)}, {wallet}, %(sales)s, {PRICE}, 'posted', 'sale', {_id(3)}, NULL, %(at)s"
    back = f"{_id(6)}, %(sales)s, {wallet}, {PRICE}, 'posted', 'refund', {_id(3)}, {_id(4)}, %(at)s"
    basket = f"{_id(2)}, %(terminal)s, 'paid', {person}, 'card', '', FALSE, %(at)s, %(at)s"
    is_back = f"n.i < {refunds}"
    state = f"CASE WHEN {is_back} THEN 'whole' ELSE '' END"
    sum_back = f"CASE WHEN {is_back} THEN {PRICE} ELSE 0 END"
    line = f"n.i + 1, {_id(2)}, %(product)s, 'Meal', '', 1, {PRICE}, {PRICE}, ''"
    rows = (
        (moved, topups, paid_in),
        (baskets, sold, basket),
        (lines, sold, f"{line}, CASE WHEN {is_back} THEN 1 ELSE 0 END"),
        (receipts, sold, f"{sale}, n.i + 1, %(at)s, n.i %% 90, {state}, {sum_back}, 0, 0, 0"),
        (moved, sold, paid),
        (
            given_back,
            refunds,
            f"{_id(5)}, {_id(3)}, {PRICE}, {PRICE}, 0, 0, 0, '', %(terminal)s, FALSE, %(at)s",
        ),
        (given_lines, refunds, f"n.i + 1, {_id(5)}, n.i + 1, 1"),
        (moved, refunds, back),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for table, count, columns in rows:
            numbers = NUMBERS.format(count=count)
            spread = columns.replace("%(at)s", _moment(count, until)) if until else columns
            cursor.execute(f"INSERT INTO {table} {numbers} SELECT {_cast(spread)} FROM n", values)
        for side in ("debit", "credit"):
            cursor.execute(
                f"UPDATE ledger_account SET {side}s_posted = COALESCE((SELECT SUM(amount_minor)"
                f" FROM ledger_transfer WHERE {side}_id = ledger_account.id), 0)"
            )
    ReceiptCounter.objects.create(school=school, last=sold)
    assert Sale.objects.count() == sold
    return sold


def _moment(count: int, until: datetime) -> str:
    """Return the SQL of a moment in the two hours before `until`, on one of its 365 days: the last row's."""
    first = (until - timedelta(hours=2)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    days, seconds = f"(({count} - 1 - n.i) * 364 / {count})", "(n.i * 7 %% 7200)"
    if connection.vendor == "postgresql":
        return (
            f"('{first}+00'::timestamptz - make_interval(days => {days}::int)"
            f" + make_interval(secs => {seconds}))"
        )
    return f"datetime('{first}', '-' || {days} || ' days', '+' || {seconds} || ' seconds')"


def _cast(columns: str) -> str:
    if connection.vendor != "postgresql":
        return columns
    columns = columns.replace("%(at)s", "%(at)s::timestamptz")
    for name in ("school", "terminal", "sales", "cash", "product"):
        columns = columns.replace(f"%({name})s", f"%({name})s::uuid")
    return columns.replace("NULL", "NULL::uuid")
