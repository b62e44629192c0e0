"""`willing school`: what a school has settled for itself."""

import click


@click.group()
def school() -> None:
    """Look after the settings of the school."""


@school.command("set")
@click.option(
    "--pupil-sign-in-age",
    "years",
    type=click.IntRange(0, 25),
    help="The age from which pupils see their own page.",
)
def set_(years: int | None) -> None:
    """Change settings of the school; what is not named stays as it is."""
    if years is None:
        raise click.UsageError("nothing to set; name a setting, see willing school set --help")
    from willing.accounts.sign_ins import set_pupil_age
    from willing.people.queries import require_school

    set_pupil_age(require_school(), years)
    click.echo(f"pupils may sign in from {years} years on")
