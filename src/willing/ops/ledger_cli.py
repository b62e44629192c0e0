"""`willing ledger`: look after the money."""

import sys

import click

from willing.core.commands import Damaged
from willing.core.integrity import DatabaseDamaged, require_integrity
from willing.ledger.queries import LedgerCheck
from willing.ops.books_check import verify_books
from willing.till.books import SalesCheck


@click.group()
def ledger() -> None:
    """Verify the money."""


@ledger.command("verify")
def verify() -> None:
    """Derive every balance from the transfers, hold what moved beside them; exit 1 where one differs.

    Exit 3 where the database is damaged, so that nothing can be verified.
    """
    try:
        with require_integrity("default"):
            found = verify_books()
    except DatabaseDamaged as error:
        raise Damaged(str(error)) from None
    check, sales = found.ledger, found.sales
    click.echo(f"{check.accounts} accounts, {check.transfers} transfers, {sales.sales} sales")
    _report_ledger(check)
    _report_sales(sales)
    for wrong in found.wrong:
        click.echo(f"{wrong.about}: {wrong.code}")
    if not found.ok:
        sys.exit(1)
    click.echo("every balance is right, and every sale, drawer, booking and pay-out is what moved for it")


def _report_ledger(check: LedgerCheck) -> None:
    for found in check.mismatches:
        stored, derived = found.stored_minor, found.derived_minor
        click.echo(f"account {found.account}: {found.total} is {stored}, transfers say {derived}")
    for wrong in check.wrong:
        click.echo(f"transfer {wrong.transfer}: {wrong.code}")
    if not check.balanced:
        click.echo("debits and credits are not equal")


def _report_sales(check: SalesCheck) -> None:
    for wrong in check.wrong:
        if wrong.about is None:
            click.echo(f"receipts: {wrong.missing} numbers are missing")
        else:
            click.echo(f"sale or basket {wrong.about}: {wrong.code}")
