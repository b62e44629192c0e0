"""`willing books`: the month for the accountant."""

import re
from datetime import date

import click


@click.group()
def books() -> None:
    """Close months, and give them to the accountant."""


def _first_day(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    """Read a month that was written as 2026-11."""
    if not re.fullmatch(r"\d{4}-\d{2}", value, re.ASCII):
        raise click.BadParameter("write the month as 2026-11")
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError:
        raise click.BadParameter("there is no such month") from None


_MONTH = click.option("--month", "first", required=True, callback=_first_day, help="As 2026-11.")


@books.command("export")
@_MONTH
@click.option("--format", "form", type=click.Choice(["beancount", "csv"]), default="csv", show_default=True)
def export(first: date, form: str) -> None:
    """Print a month's books: every day's movements by account and reason. They name nobody."""
    from willing.books.beancount import to_beancount
    from willing.books.exports import to_csv
    from willing.books.month_reports import account_namer, journal
    from willing.books.months import month_of
    from willing.people.queries import require_school

    school = require_school()
    month = month_of(school, first)
    if form == "beancount":
        click.echo(to_beancount(month), nl=False)
    else:
        click.echo(to_csv(journal(month, account_namer(school)), month.currency), nl=False)


@books.command("close")
@_MONTH
def close(first: date) -> None:
    """Close a month: its report stays as it is. Print its SHA-256, which the log holds as well."""
    from willing.books.actions import close_month
    from willing.core.errors import Refused
    from willing.people.queries import require_school

    try:
        closed = close_month(require_school(), first, by=None)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(closed.sha256)
