"""Commands about the installation as a whole: set it up, update it, serve it, and Django's own."""

import socket
import warnings

import click

from willing.config import opening
from willing.core.errors import InstallationFault

# Django's own commands that read the code and no installation.
READS_CODE_ONLY = {"makemigrations", "makemessages", "compilemessages", "check", "diffsettings", "help"}


@click.command()
def migrate() -> None:
    """Update both databases to this version."""
    opening.prepare_django()
    from willing.keys.installation import require_main_database
    from willing.keys.set_up import adopt

    try:
        require_main_database()
        opening.update_databases()
        if adopt():
            click.echo("this installation has an id now, in both databases")
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    opening.require_installation(with_keys=True)
    click.echo("both databases are up to date")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--door", type=int, help="A port of plain HTTP that leads on to HTTPS (willing https).")
def serve(host: str, port: int, door: int | None) -> None:
    """Serve the pages and the API; in an empty folder, set-up first."""
    for one in (port, *([door] if door is not None else [])):
        require_free(host, one)
    opening.begin_where_nothing_is()
    opening.update_databases()
    run_server(host, port, door=door)


def require_free(host: str, port: int) -> None:
    """Refuse before any work where the port is in use."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"can't serve on {f'[{host}]' if ':' in host else host}:{port}: {error.strerror}; try --port"
            ) from None


def run_server(host: str, port: int, *, door: int | None = None) -> None:
    """Serve until the process is stopped. Django is ready."""
    from willing.config.serve import serve

    serve(host, port, door=door)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a Django management command on this installation (for operators and developers)."""
    if arguments and arguments[0] in READS_CODE_ONLY:
        opening.prepare_django()
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    else:
        opening.open_installation()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["willing manage", *arguments])
