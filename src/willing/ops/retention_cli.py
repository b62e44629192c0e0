"""`willing retention`: the job that deletes what is past its retention period."""

import json

import click

from willing.core.commands import Damaged


@click.group()
def retention() -> None:
    """Delete what is past its retention period."""


@retention.command("run")
def run() -> None:
    """Delete everything past its retention period or without a legal basis: nightly, and after a restore.

    Every page of both databases is read first. Each part runs, even if another fails; exit 1 names the
    parts that failed, exit 3 means that a database is damaged.
    """
    from willing.core.errors import Refused
    from willing.ops.integrity import check_databases, describe_damage
    from willing.people.queries import find_school
    from willing.privacy.retention_job import run_retention

    school = find_school()
    if school is None:
        click.echo("there is no school here yet, and so nothing to delete")
        return
    damage = describe_damage(check_databases(school))
    if damage:
        click.echo(damage, err=True)  # now too: what follows may break on it
    try:
        done = run_retention()
    except Refused as refused:
        raise click.ClickException(f"{refused.code}: {refused.message}") from None
    click.echo(json.dumps(done.as_facts()))
    for said in done.said:
        click.echo(said, err=True)
    if damage:
        raise Damaged(damage)
    if done.failed:
        raise click.ClickException(f"not everything was done; failed: {', '.join(sorted(done.failed))}")
