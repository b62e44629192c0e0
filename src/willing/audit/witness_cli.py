"""The commands `willing audit witness …`: who outside the school signs that the log only ever grows."""

from pathlib import Path

import click

from willing.audit import errors, witnesses
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import read_text

FILE = click.Path(dir_okay=False, path_type=Path)
FAILURES = (
    Unproven,
    errors.WitnessUnknown,
    errors.NothingLogged,
    errors.TreeDamaged,
    errors.SigningKeyUnreadable,
    OSError,
    ValueError,
)


class _Group(click.Group):
    """A group whose commands say in one line why they cannot."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except FAILURES as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Group)
def witness() -> None:
    """Ask people outside the school to sign that the log only ever grows."""


@witness.command()
@click.argument("key")
def add(key: str) -> None:
    """Ask a witness from now on. KEY is the line that `witness.py begin` prints."""
    click.echo(f"asked from now on: {witnesses.add_witness(key).name}")


@witness.command()
@click.argument("name")
def remove(name: str) -> None:
    """Ask a witness no more; what it signed stays."""
    witnesses.remove_witness(name)
    click.echo(f"no longer asked: {name}")


@witness.command("list")
def list_witnesses() -> None:
    """Print who is asked, and what each signed last."""
    for asked, last in witnesses.witnesses():
        said = f"{last.checkpoint.size} entries, {last.at:%Y-%m-%d %H:%M} UTC" if last else "nothing yet"
        click.echo(f"{asked.name}: {said}")


@witness.command()
@click.argument("name")
@click.option("--old", type=click.IntRange(min=0), help="How many entries the witness says it saw last.")
@click.option("--out", type=FILE, help="Write the request to this file.")
def request(name: str, old: int | None, out: Path | None) -> None:
    """Sign the log, and print what witness NAME is asked to sign, too."""
    text = witnesses.request_for(witnesses.find_witness(name), old)
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8", newline="\n")


@witness.command()
@click.argument("name")
@click.argument("answer", type=FILE)
def take(name: str, answer: Path) -> None:
    """Keep what witness NAME answered in the file ANSWER, once it is verified."""
    kept = witnesses.store_answer(witnesses.find_witness(name), read_text(answer))
    click.echo(f"{name} signed at {kept.checkpoint.size} entries on {kept.at:%Y-%m-%d %H:%M:%S} UTC")
