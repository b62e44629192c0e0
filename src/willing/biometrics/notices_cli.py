"""`willing notices`: look after the texts that families read. A changed one also changes who is searched."""

import click

from willing.biometrics.consent_changes import publish_notices
from willing.consent.publishing import unpublished_notices


@click.group()
def notices() -> None:
    """Publish the notices that families read."""


@notices.command("publish")
@click.option("--dry-run", is_flag=True, help="Show what would be published, and change nothing.")
def publish(dry_run: bool) -> None:
    """Publish the notices that changed with this version, the legal profile or a retention period.

    A material change suspends every yes to the earlier text until consent is given again.
    """
    new = unpublished_notices()
    for wording in new:
        asks = "asks again" if wording.is_material and wording.version > 1 else "asks nobody again"
        click.echo(f"{wording.purpose} {wording.reader} {wording.language} version {wording.version}: {asks}")
    if not dry_run and new:
        publish_notices()
    click.echo(f"{len(new)} notices {'would be ' if dry_run else ''}published")
