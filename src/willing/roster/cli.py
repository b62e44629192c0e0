"""The commands `willing roster …`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from willing.roster.cli_output import plan_as_json, show_plan
from willing.roster.row_errors import REASONS

if TYPE_CHECKING:
    from willing.roster.plan import Options, Plan
    from willing.roster.walk import Tick


@click.group()
def roster() -> None:
    """Import people and guardians from the school's own register."""


def _reading(command: Any) -> Any:
    """Add what both commands need to read a roster."""
    for option in (
        click.option(
            "--encoding", default="", help="utf-8, gb18030, utf-16 or cp1252, where it is not detected."
        ),
        click.option(
            "--keep-absent", is_flag=True, help="People who are not in the file stay (a file of newcomers)."
        ),
        click.option(
            "--map",
            "columns",
            multiple=True,
            metavar="FIELD=COLUMN",
            help="Which column of a CSV or XLSX holds which field, as in given_name=Vorname. Repeatable.",
        ),
        click.option(
            "--dates",
            type=click.Choice(["dmy", "mdy", "serial"]),
            help="How dates are written where it is not certain: 31/05/2014, 05/31/2014, or a"
            " spreadsheet's number of days.",
        ),
        click.option(
            "--header-line", default=0, metavar="N", help="The line with the columns' names; else the first."
        ),
        click.option(
            "--release-leavers",
            is_flag=True,
            help="Let who is no longer listed leave although rows are refused, after reading who they are.",
        ),
        click.option("--org", default="", help="The sourcedId of this school where the bundle has several."),
        click.argument("bundle", type=click.Path(exists=True, path_type=Path)),
    ):
        command = option(command)
    return command


def _options(how: dict[str, Any]) -> "Options":
    from willing.roster.flat_file import FIELDS
    from willing.roster.plan import Options
    from willing.roster.tables import ENCODINGS

    mapped = {}
    for pair in how["columns"]:
        name, found, column = pair.partition("=")
        if not found or name not in FIELDS:
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN with a field among {', '.join(FIELDS)}")
        mapped[name] = column
    if how["encoding"] not in ("", *ENCODINGS):
        raise click.BadParameter(f"--encoding is one of {', '.join(ENCODINGS)}")
    return Options(
        org=how["org"],
        columns=mapped,
        encoding=how["encoding"],
        absent_stay=how["keep_absent"],
        date_form=how["dates"] or "",
        header_line=how["header_line"],
        release=how["release_leavers"],
    )


@roster.command("plan")
@_reading
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def plan(as_json: bool, bundle: Path, **how: Any) -> None:
    """Show what importing BUNDLE would change, and write nothing; exit 1 where a row is refused.

    BUNDLE: a OneRoster 1.1 or 1.2 zip file or folder, or a CSV or XLSX file with one person a row.
    """
    with _planned(bundle, how, quiet=as_json) as (planned, _):
        click.echo(json.dumps(plan_as_json(planned), ensure_ascii=False)) if as_json else show_plan(planned)
        if planned.is_faulty or planned.staging.refused_count:
            sys.exit(1)


@roster.command("import")
@_reading
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--allow-leavers", default=0, metavar="N", help="Let up to N people leave, beyond 20 %.")
@click.option(
    "--allow-unlinked", default=0, metavar="N", help="Let up to N guardians be unlinked, beyond 20 %."
)
def import_(yes: bool, allow_leavers: int, allow_unlinked: int, bundle: Path, **how: Any) -> None:
    """Import BUNDLE: show what changes, ask, and write all rows that are not refused, or nothing."""
    with _planned(bundle, how) as (planned, tick):
        from willing.core.errors import Refused
        from willing.roster.apply import apply_plan
        from willing.roster.plan import Allowed

        show_plan(planned)
        if planned.is_faulty:
            sys.exit(1)
        if not yes:
            click.confirm("Import this?", abort=True)
        try:
            done = apply_plan(planned, allowed=Allowed(allow_leavers, allow_unlinked), tick=tick)
        except Refused as refusal:
            facts = ", ".join(f"{name} {value}" for name, value in refusal.data.items())
            raise click.ClickException(
                f"{refusal.message} ({refusal.code}{': ' if facts else ''}{facts})"
            ) from None
    click.echo(
        f"imported; {done.faces_suspended} faces suspended, {done.faces_erased} erased;"
        f" log entry {done.log_sequence}"
    )
    click.echo("willing roster undo takes it back, within 24 hours")


@roster.command("undo")
@click.option("--yes", is_flag=True, help="Do not ask.")
def undo(yes: bool) -> None:
    """Undo the last import, within a day of it: show what is put back and what stays, ask, and do it."""
    _set_up()
    from willing.core.errors import Refused
    from willing.people.queries import require_school
    from willing.roster.errors import no_import_to_undo
    from willing.roster.undo import plan_undo, undo_import, undoable_import

    school = require_school()
    try:
        made = undoable_import(school)
        if made is None:
            raise no_import_to_undo()
        found = plan_undo(school, made.number)
        for name, count in sorted(found.counts.items()):
            click.echo(f"{name.replace('_', ' '):18} {count:>7}")
        for one in found.stays:
            click.echo(f"  stays  {one.name}  {one.code}  {' '.join(one.fields)}".rstrip())
        if not yes:
            click.confirm(f"Undo the import of {made.at:%Y-%m-%d %H:%M} UTC?", abort=True)
        done = undo_import(school, made.number, by=None)
    except Refused as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from None
    click.echo(f"undone; {done.stays_count} stay as they are")


@roster.command("adopt")
@click.argument("till_number", type=int)
@click.argument("external_id")
def adopt(till_number: int, external_id: str) -> None:
    """Let the person with TILL_NUMBER, who was added by hand, be EXTERNAL_ID of the register from now on."""
    _set_up()
    from willing.core.errors import Refused
    from willing.people.models import Person
    from willing.people.persons import link_person_to_roster
    from willing.people.queries import require_school
    from willing.roster.cells import clean_id

    person = Person.objects.filter(school=require_school(), till_number=till_number).first()
    if person is None:
        raise click.ClickException("nobody here has that till number")
    try:
        link_person_to_roster(person, clean_id(external_id))
    except Refused as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from None
    except ValueError as error:
        raise click.ClickException(str(REASONS[str(error)])) from None
    click.echo(f"{till_number} is {external_id} of the register")


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
    import django

    django.setup()


@contextmanager
def _planned(bundle: Path, how: dict[str, Any], *, quiet: bool = False) -> Iterator[tuple["Plan", "Tick"]]:
    """Plan with a progress bar that also serves the import."""
    _set_up()
    from rich.console import Console
    from rich.progress import Progress

    from willing.people.queries import find_school
    from willing.roster.plan import make_plan

    school = find_school()
    if school is None:
        raise click.ClickException("there is no school yet; run willing init first")
    options = _options(how)
    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        reading = bar.add_task("reading", total=None)
        steps: dict[str, Any] = {}

        def tick(step: str, done: int, total: int) -> None:
            if not bar.live.is_started:  # stopped while the person is asked
                bar.start()
            if step not in steps:
                steps[step] = bar.add_task(step)
            bar.update(reading, visible=False)
            bar.update(steps[step], completed=done, total=total)

        planned = make_plan(school, bundle, options, tick=tick)
        bar.stop()
        with planned:
            yield planned, tick
