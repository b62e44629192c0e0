"""`willing install`: let systemd run this installation, as a user of its own that may do nothing else."""

import ipaddress
import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from willing.core.environment import is_host
from willing.ops.environments import program_folder
from willing.ops.put_back import PutBackRefused, put_back_secrets
from willing.ops.systemd import PLAIN_PATH, UNITS, Backup, InstalledService, write_units, write_wrapper

SETTINGS = Path("/etc/willing/willing.env")
HOME = Path("/var/lib/willing")
USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
# systemd makes it where it runs the computer: sd_booted(3).
RUNS = Path("/run/systemd/system")
WRAPPER = Path("/usr/local/bin/willing")
# What the sandbox hides from a service, and so no place for the program or the data.
HIDDEN = tuple(Path(one) for one in ("/home", "/root", "/run/user", "/tmp", "/var/tmp"))  # noqa: S108
NO_SHELL = "/usr/sbin/nologin"
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--home", type=FOLDER, default=HOME, show_default=True, help="The folder of data and secrets.")
@click.option("--user", default="willing", show_default=True, help="Made where it does not exist.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1024, 65535))
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where it listens; :: with `willing https`."
)
@click.option("--door", type=click.IntRange(1024, 65535), help="Plain HTTP that leads on to HTTPS.")
@click.option("--address", default="", help="The name that a proxy serves, such as lunch.school.example.")
@click.option("--journal", type=FOLDER, help="The folder of the journal of refusals.")
@click.option("--checkpoints", type=FOLDER, help="Where the log's signed heads go each day, such as a stick.")
@click.option("--recipient", default="", help="The public key that nightly copies are sealed for (age1…).")
@click.option("--to", type=FOLDER, help="Nightly copies of the main database.")
@click.option("--keys-to", type=FOLDER, help="Nightly copies of the keys.")
@click.option(
    "--secrets",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="On a new computer, before a restore: the kept folder of secrets. The server is not started.",
)
@click.option("--root", type=FOLDER, help="Only write the files, under this folder; nothing is run.")
@click.pass_context
def install(
    context: click.Context, /, root: Path | None, address: str, secrets: Path | None, **given: Any
) -> None:
    """Let systemd run Willing: at every start of the computer, and the nightly jobs at their time.

    Run it again after a change: units are written anew, settings that are there already stay as they are.
    """
    named = [bool(given[one]) for one in ("recipient", "to", "keys_to")]
    if any(named) and not all(named):
        raise click.UsageError("name --recipient, --to and --keys-to, or none of them", context)
    if root is not None and secrets is not None:
        raise click.UsageError("--root only writes files; put secrets back on the computer itself", context)
    service = _read(given)
    settings = _settings(address)
    if root is None:
        _require_systemd()
        _prepare(service, secrets)
    under = root or Path("/")
    for name, text in write_units(service).items():
        _write(under, UNITS / name, text, 0o644)
    _write(under, WRAPPER, write_wrapper(service), 0o755)
    if not _below(under, service.settings).exists():
        _write(under, service.settings, settings, 0o640)
    if root is None:
        _start(service, with_server=secrets is None)
    if root is None and secrets is None:
        _print_next_steps(service, address)
    elif root is None:
        click.echo("The secrets are back. Now: willing backup restore, then systemctl start willing")


def _read(given: dict[str, Any]) -> InstalledService:
    program = program_folder() / "bin" / "willing"
    if sys.prefix == sys.base_prefix or not program.exists():
        raise click.ClickException(
            "install Willing into an environment of its own first, such as /opt/willing"
        )
    if not USER.fullmatch(given["user"]) or given["user"] == "root":
        raise click.ClickException(f"{given['user']!r} is no name of a user: small letters, digits, - and _")
    if not _is_number(given["host"]):
        raise click.ClickException(f"--host {given['host']}: a number such as 127.0.0.1 or ::")
    backup = None
    if given["recipient"]:
        backup = _backup(given["recipient"], given["to"], given["keys_to"])
    service = InstalledService(
        program,
        given["home"],
        SETTINGS,
        given["user"],
        host=given["host"],
        port=given["port"],
        door=given["door"],
        journal=given["journal"],
        backup=backup,
        checkpoints=given["checkpoints"],
    )
    for path in service.paths:
        if not PLAIN_PATH.fullmatch(str(path)):
            raise click.ClickException(f"{path}: name it from /, with letters, digits, . _ and - only")
        if any(path.is_relative_to(hidden) for hidden in HIDDEN):
            raise click.ClickException(
                f"{path}: a service sees nothing there; choose a folder such as /opt or /srv"
            )
    return service


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _backup(recipient: str, main: Path, keys: Path) -> Backup:
    import pyrage

    try:
        pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise click.ClickException("--recipient: this is no age public key (it begins with age1)") from None
    if main == keys:
        raise click.ClickException("the keys are never kept with the main database: name two folders")
    return Backup(recipient, main, keys)


def _settings(address: str) -> str:
    """Return the first settings, for an address with HTTPS or for this computer alone."""
    lines = ["# NAME=value: docs/reference/settings.md. After a change: systemctl restart willing"]
    if address:
        if not is_host(address):
            raise click.ClickException(
                f"--address {address}: a host's name, without https:// and without a port"
            )
        lines += ["WILLING_HTTPS=1", f"WILLING_HOSTS={address}", f"WILLING_ORIGINS=https://{address}"]
    return "\n".join(lines) + "\n"


def _require_systemd() -> None:
    if os.geteuid() != 0:
        raise click.ClickException("only root installs a service: sudo")
    if not RUNS.is_dir():
        raise click.ClickException(
            "systemd does not run this computer; --root DIR writes the files for one that it does"
        )


def _prepare(service: InstalledService, secrets: Path | None) -> None:
    """Make the user and the folders that it writes; what is there must be its own."""
    try:
        user = pwd.getpwnam(service.user)
    except KeyError:
        _run(
            "useradd",
            "--system",
            "--user-group",
            "--home-dir",
            str(service.home),
            "--shell",
            NO_SHELL,
            service.user,
        )
        user = pwd.getpwnam(service.user)
    for folder in service.written:
        if not folder.exists():
            for parent in reversed([one for one in folder.parents if not one.exists()]):
                parent.mkdir()
                parent.chmod(0o755)  # whatever the umask: the user comes through to its own
            folder.mkdir(mode=0o700)
            os.chown(folder, user.pw_uid, user.pw_gid)
        elif folder.stat().st_uid != user.pw_uid:
            raise click.ClickException(
                f"{folder} is not {service.user}'s: chown -R {service.user}:{service.user} {folder}"
            )
    if secrets is not None:
        try:
            put_back_secrets(secrets, service.home, user_id=user.pw_uid, group_id=user.pw_gid)
        except (OSError, PutBackRefused) as error:
            raise click.ClickException(str(error)) from None


def _below(under: Path, path: Path) -> Path:
    return under / path.relative_to("/")


def _write(under: Path, path: Path, text: str, mode: int) -> None:
    """Write a file whole or not at all, and name it."""
    target = _below(under, path)
    fresh = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text)
        fresh.chmod(mode)
        fresh.replace(target)
    except OSError as error:
        raise click.ClickException(f"{target} cannot be written: {error.strerror}") from None
    click.echo(target)


def _start(service: InstalledService, *, with_server: bool) -> None:
    shutil.chown(service.settings, group=service.user)
    _run("systemctl", "daemon-reload")
    timers = [name for name in write_units(service) if name.endswith(".timer")]
    _run("systemctl", "enable", "--now", *timers)
    _run("systemctl", "enable", "willing.service")
    if with_server:
        _run("systemctl", "restart", "willing.service")


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True)  # noqa: S603  # written here, with plain paths
    except (OSError, subprocess.CalledProcessError) as error:
        raise click.ClickException(f"{' '.join(command)}: {error}") from None


def _print_next_steps(service: InstalledService, address: str) -> None:
    click.echo("Willing runs now, and after every start of this computer.")
    click.echo("The address and the code with which a new school is set up: journalctl -u willing")
    if not ipaddress.ip_address(service.host).is_loopback:
        ports = ",".join(str(one) for one in (service.port, service.door) if one)
        click.echo(f"Let other devices reach it, and nothing else: ufw allow proto tcp to any port {ports}")
    elif address:
        click.echo("Let other devices reach the proxy, and nothing else: ufw allow 443/tcp")
    else:
        click.echo(
            f"Only this computer reaches it, at http://localhost:{service.port}. Other devices need HTTPS:"
        )
        click.echo("docs/operate/https.md: a proxy (--address), or `willing https` (--host, --door)")
    if service.backup is None:
        click.echo("No copies are made yet: `willing backup new-key`, then --recipient, --to and --keys-to")
