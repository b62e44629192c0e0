"""`willing tills`: set tills up and pair them from a script."""

import click

from willing.core.codes import show_code
from willing.core.errors import Refused
from willing.people.queries import require_school
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.pairing import start_pairing
from willing.terminals.rules import PAIRING_MINUTES


@click.group()
def tills() -> None:
    """Look after the tills."""


@tills.command()
@click.argument("name")
@click.option("--purpose", default="canteen", show_default=True, help="canteen or shop.")
def add(name: str, purpose: str) -> None:
    """Set up the till NAME, once: a second call with the same words changes nothing."""
    found = _find(name)
    if found is None:
        try:
            add_terminal(require_school(), NewTerminal(name, purpose))
        except Refused as refused:
            raise click.ClickException(str(refused.message)) from None
        click.echo(f"{name} is set up. Next: willing tills pair")
    elif found.purpose != purpose:
        raise click.ClickException(f"{name} is there already, for the {found.purpose}")
    else:
        click.echo(f"{name} is set up already; nothing was changed")


@tills.command()
@click.argument("name")
def pair(name: str) -> None:
    """Print a one-time code with which a device becomes the till NAME; an earlier code is void."""
    found = _find(name)
    if found is None:
        raise click.ClickException(f"there is no till {name}; set it up with willing tills add")
    click.echo(show_code(start_pairing(found)))
    click.echo(f"Type it at /till/pair/ on the device, within {PAIRING_MINUTES} minutes.", err=True)


def _find(name: str) -> Terminal | None:
    return Terminal.objects.filter(school=require_school(), name=name, retired_at=None).first()
