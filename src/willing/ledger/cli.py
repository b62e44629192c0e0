"""`willing ledger`: look after the money."""

import sys

import click

from willing.core.commands import Damaged
from willing.core.integrity import DatabaseDamaged, require_integrity
from willing.ledger.queries import verify_ledger


@click.group()
def ledger() -> None:
    """Verify the money."""


@ledger.command("verify")
def verify() -> None:
    """Derive every balance from the transfers and compare; exit 1 where one differs.

    Exit 3 where the database is damaged, so that nothing can be verified.
    """
    try:
        with require_integrity("default"):
            check = verify_ledger()
    except DatabaseDamaged as error:
        raise Damaged(str(error)) from None
    click.echo(f"{check.accounts} accounts, {check.transfers} transfers")
    for found in check.mismatches:
        stored, derived = found.stored_minor, found.derived_minor
        click.echo(f"account {found.account}: {found.total} is {stored}, transfers say {derived}")
    if not check.balanced:
        click.echo("debits and credits are not equal")
    if not check.ok:
        sys.exit(1)
    click.echo("every balance is right")
