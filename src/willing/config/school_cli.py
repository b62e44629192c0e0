"""`willing init` and `willing school`: the school, what it settles for itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from willing.accounts.sign_ins import set_pupil_age
from willing.biometrics.laws import change_law
from willing.config import opening
from willing.core.errors import InstallationFault, Refused
from willing.core.transactions import atomic
from willing.ops.new_school import NewSchool, begin_journal, describes, open_school
from willing.people.addresses import read_address
from willing.people.models import School
from willing.people.places import Place
from willing.people.queries import find_school, require_school
from willing.people.school import DEFAULT_COUNTRY, change_school, set_public_address

JOURNAL_NOTE = (
    "name the folder of the journal of refusals with --journal, on another disk than the data; or use "
)
CREATES = (
    click.option("--country", default=DEFAULT_COUNTRY, show_default=True, help="ISO 3166 code."),
    click.option("--currency", help="ISO 4217 code; without it the country's."),
    click.option("--time-zone", help="Such as Europe/London; without it the country's."),
    click.option("--language", help="en or zh-hans; without it what goes with the country."),
    click.option("--law", help="The legal profile; without it the one that goes with the country."),
    click.option(
        "--journal",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Keep the journal of refusals in this folder: on another disk, and not where copies go.",
    ),
    click.option(
        "--without-journal",
        is_flag=True,
        help="Keep none: after a restore every face must be confirmed again.",
    ),
)


def _creates(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(CREATES):
        command = option(command)
    return command


def _create(new: NewSchool, folder: Path | None, *, without_journal: bool) -> School | None:
    """Check everything, then make the school. Return None where one is here already."""
    if folder is None and not without_journal:
        raise click.ClickException(f"{JOURNAL_NOTE}--without-journal (docs/operate)")
    try:
        new.place, new.profile  # noqa: B018  # before any file is made: a refused name leaves nothing behind
        opening.create_installation()
        if find_school() is not None:
            return None
        if folder is not None:
            begin_journal(folder)
        return open_school(new)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None


@click.command()
@click.argument("name")
@_creates
def init(name: str, folder: Path | None, *, without_journal: bool, **where: Any) -> None:
    """Set up this installation's school, NAME, and publish the notices."""
    if _create(NewSchool(name, **where), folder, without_journal=without_journal) is None:
        raise click.ClickException("this installation has a school already")
    click.echo(f"{name} is set up. Next: willing users add")


@click.group()
def school() -> None:
    """Set up the school, and change its settings."""


@school.command()
@click.argument("name")
@_creates
def create(name: str, folder: Path | None, *, without_journal: bool, **where: Any) -> None:
    """Set up the school NAME, once: a second call with the same options changes nothing."""
    new = NewSchool(name, **where)
    if _create(new, folder, without_journal=without_journal) is not None:
        click.echo(f"{name} is set up. Next: willing users add")
        return
    if not describes(new, require_school()):
        raise click.ClickException(
            "this installation has another school already, or the same with other settings; change those "
            "with `willing school set`"
        )
    click.echo(f"{name} is set up already; nothing was changed")


@school.command("set")
@click.option("--name", help="What the school is called.")
@click.option("--country", help="ISO 3166 code.")
@click.option("--currency", help="ISO 4217 code, only before the school is set up.")
@click.option("--time-zone", help="Such as Europe/London.")
@click.option("--language", help="en or zh-hans.")
@click.option("--law", help="The legal profile; faces that it does not permit are erased at once.")
@click.option("--public-address", "address", help='Where families reach the pages; "" for none.')
@click.option(
    "--pupil-sign-in-age",
    "years",
    type=click.IntRange(0, 25),
    help="The age from which pupils see their own page.",
)
def set_(law: str | None, address: str | None, years: int | None, **where: str | None) -> None:
    """Change settings of the school; what is not named stays as it is, and all of it is checked first."""
    given = {name: value for name, value in where.items() if value is not None}
    if not given and law is None and address is None and years is None:
        raise click.UsageError("nothing to set; name a setting, see willing school set --help")
    try:
        _set(require_school(), given, law, address, years)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo("set")


@atomic
def _set(
    found: School, given: dict[str, str], law: str | None, address: str | None, years: int | None
) -> None:
    """Write all of it or nothing."""
    if given:
        held = {part: getattr(found, part) for part in ("country", "currency", "time_zone", "language")}
        name = given.pop("name", found.name)
        change_school(found, name=name, place=Place(**{**held, **given}))
    if address is not None:
        set_public_address(found, read_address(address))
    if law is not None:
        change_law(found, law)
    if years is not None:
        set_pupil_age(found, years)
