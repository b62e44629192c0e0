"""`willing day`: close the drawers of a day from a script."""

import click

from willing.core.errors import Refused
from willing.core.money import AmountNotValid, read_minor, write_minor
from willing.drawers.models import DrawerSession
from willing.drawers.queries import holds_minor, open_sessions
from willing.drawers.sessions import Close, close_session, count_drawer
from willing.people.models import School
from willing.people.queries import require_school

# More than any drawer holds, and less than a column does.
COUNTED_MAX = 10**11


@click.group()
def day() -> None:
    """Look after the school's day."""


@day.command()
@click.option("--count", "counts", multiple=True, metavar="DRAWER=SUM", help="What was counted in a drawer.")
@click.option("--why", default="", help="Of a difference: change, forgotten, float, coin, stolen, unknown.")
def close(counts: tuple[str, ...], why: str) -> None:
    """Close every open drawer that was counted, and those that hold nothing; exit 1 where one stays open."""
    school = require_school()
    counted = _read(school, counts)
    opened = open_sessions(school)
    if unknown := counted.keys() - {one.drawer.name for one in opened}:
        raise click.ClickException(f"no drawer of this name is open: {', '.join(sorted(unknown))}")
    left = [one for one in opened if not _close(school, one, counted, why)]
    if left:
        raise click.ClickException(f"not closed: {', '.join(one.drawer.name for one in left)}")


def _read(school: School, counts: tuple[str, ...]) -> dict[str, int]:
    found = {}
    for text in counts:
        name, _, amount = text.rpartition("=")
        try:
            found[name] = read_minor(amount, school.currency)
        except AmountNotValid:
            found[name] = COUNTED_MAX + 1
        if found[name] > COUNTED_MAX:
            raise click.ClickException(f"{text}: write --count 'Office=120.50'")
    return found


def _close(school: School, session: DrawerSession, counted: dict[str, int], why: str) -> bool:
    """Close one drawer; say whether it is closed. One that holds something closes only with a count."""
    drawer = session.drawer
    holds = holds_minor(drawer)
    amount = counted.get(drawer.name, 0 if holds == 0 else None)
    if amount is None:
        click.echo(f"{drawer.name}: not counted, open since {session.day}")
        return False
    try:
        count_drawer(drawer, amount, by=None)
        done = close_session(drawer, Close(why=why if amount != holds else ""), by=None)
    except Refused as refused:
        click.echo(f"{drawer.name}: {refused.code}: {refused.message}")
        return False
    difference = write_minor(done.difference_minor or 0, school.currency)
    click.echo(f"{drawer.name}: Z {done.z_number}, difference {difference} {school.currency}")
    return True
