"""`willing biometrics`: look after the stored templates. No command shows, takes or moves one."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from willing.people.models import School


@click.group()
def biometrics() -> None:
    """Manage the stored templates."""


@biometrics.command()
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be done, and change nothing.")
def reissue(only_plan: bool) -> None:
    """Give all templates a new secret; nobody has to enrol again.

    It renews templates that are still sealed. Those that were opened, because the keys were copied
    too, can be linked with later ones all the same. After an interruption it continues where it
    stopped. Nobody has to wait longer than one gallery takes.
    """
    from willing.biometrics import reissue as deeds
    from willing.people.queries import find_school

    school = find_school()
    if school is None:
        raise click.ClickException("there is no school yet; run willing init first")
    plan = deeds.plan_reissue(school)
    if plan.is_resumed:
        click.echo("continuing a run that was interrupted")
    for one in plan.galleries:
        click.echo(f"{one.purpose}: {one.templates} templates{', done already' if one.is_done else ''}")
    outdated = sum(one.outdated for one in plan.galleries)
    if outdated:
        click.echo(
            f"{outdated} are of an earlier model: these people should enrol again (see Faces in the office)"
        )
    if not only_plan:
        _reissue(school, sum(one.templates for one in plan.galleries if not one.is_done))


@biometrics.command("delete-unreadable")
@click.option(
    "--count", required=True, type=click.IntRange(min=1), help="How many, as the nightly job reported."
)
def delete_unreadable(count: int) -> None:
    """Delete the templates whose keys are gone, where the nightly job stopped because they are so many.

    Only where the keys are gone for good: after restoring a main database from before their erasure, or where
    no copy of the keys is left. Their owners can enrol again.
    """
    from willing.biometrics import retention

    try:
        deleted = retention.delete_unreadable(expected=count)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{deleted} templates deleted; nobody could read them any more")


def _reissue(school: "School", total: int) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from willing.biometrics import reissue as deeds
    from willing.keys.errors import KeyGone

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("templates", total=total)
        try:
            done = deeds.reissue(school, on_done=lambda: bar.advance(task))
        except KeyGone:
            raise click.ClickException(
                "the old secret is gone: this database is older than its keys; run willing retention run"
            ) from None
    click.echo(f"{done.templates} templates have a new secret; {done.secrets_destroyed} old ones destroyed")
    if done.unreadable:
        click.echo(f"{done.unreadable} could not be read; run willing retention run")
