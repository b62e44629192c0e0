"""`willing clock`: whether the computer's clock can be believed, and the operator's word that it can."""

import click
from django.utils import translation

from willing.audit.clock_state import clock_state
from willing.core.clock import now
from willing.core.errors import Refused
from willing.ops.clock import accept_clock
from willing.people.queries import require_school


@click.group(invoke_without_command=True)
@click.pass_context
def clock(context: click.Context) -> None:
    """Check whether the clock is behind the newest entry of the log; exit 1 where it is."""
    if context.invoked_subcommand is not None:
        return
    state = clock_state()
    if not state.is_behind or state.newest_at is None:
        click.echo("the clock is not behind the log")
        return
    click.echo(
        f"the clock shows {now():%Y-%m-%d %H:%M} UTC, but the log has an entry of "
        f"{state.newest_at:%Y-%m-%d %H:%M} UTC: no face is used and nothing is deleted until the clock has "
        "passed that, or you confirm with `willing clock accept` that it is right now"
    )
    context.exit(1)


@clock.command()
@click.option("--reason", required=True, help="What had happened to the clock; it is recorded in the log.")
def accept(reason: str) -> None:
    """Record that the clock is right now; the newest entries were written with a wrong one."""
    try:
        with translation.override("en"):
            accept_clock(require_school(), reason=reason, by=None)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(f"recorded: the clock is right, at {now():%Y-%m-%d %H:%M} UTC")
