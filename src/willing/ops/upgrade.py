"""`willing upgrade`: to the next version and, until anything was recorded, back again.

The next version is put into an environment of its own beside the one that runs, and then takes its name in
one step. The databases are kept as they were. Killed at any moment, the old version works or the new one
does: the server updates tables itself when it starts, and the earlier version puts the databases back itself
when an upgrade is being taken back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from willing import __version__
from willing.ops import environments
from willing.ops.environments import EnvironmentFault
from willing.ops.upgrade_rules import Release, new_faults, refuse_release, refuse_rollback
from willing.ops.upgrade_site import Site, StepFailed, find_site, python_version
from willing.ops.wheels import WheelUnreadable, read_wheel

FILE_HERE = click.Path(exists=True, dir_okay=False, path_type=Path, resolve_path=True)
FOLDER_HERE = click.Path(exists=True, file_okay=False, path_type=Path, resolve_path=True)


@dataclass
class UpgradeRun:
    """One upgrade under way. before: the environment that runs now; after: the one that is being made."""

    site: Site
    wheel: Path
    release: Release
    wheels: Path | None = None
    lock: Path | None = None
    has_snapshot: bool = True
    before: Path = field(init=False)
    after: Path = field(init=False)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        program = self.site.program
        self.before = program.readlink() if program.is_symlink() else program


@click.command()
@click.argument("wheel", required=False, type=FILE_HERE)
@click.option("--wheels", type=FOLDER_HERE, help="A folder of packages; the network is not asked.")
@click.option(
    "--lock", type=FILE_HERE, help="Packages with their hashes (requirements.lock): nothing else comes in."
)
@click.option(
    "--without-snapshot",
    is_flag=True,
    help="PostgreSQL: both databases are dumped already; with --rollback, the dumps are restored already.",
)
@click.option("--rollback", is_flag=True, help="Take the last upgrade back, if nothing was recorded since.")
@click.pass_context
def upgrade(context: click.Context, /, wheel: Path | None, rollback: bool, **given: Any) -> None:
    """Upgrade to the version in WHEEL, with copies first; what fails is taken back."""
    if (wheel is None) != rollback:
        raise click.UsageError("name the wheel of the next version, or --rollback", context)
    try:
        environments.require_own_environment()
        site = find_site()
        if wheel is None and given["without_snapshot"]:
            go_back(site)
        elif wheel is None:
            take_back(site)
        else:
            carry_out(_prepare(site, wheel, **given))
    except (EnvironmentFault, StepFailed, WheelUnreadable) as fault:
        raise click.ClickException(str(fault)) from None


def _prepare(
    site: Site, wheel: Path, *, wheels: Path | None, lock: Path | None, without_snapshot: bool
) -> UpgradeRun:
    release = read_wheel(wheel)
    if why := refuse_release(release, installed=__version__, python=python_version()):
        raise StepFailed(f"{wheel.name}: {why}")
    is_sqlite = not is_on_server(site)
    if not is_sqlite and not without_snapshot:
        raise StepFailed(
            "the databases are PostgreSQL's, which are not copied here: dump both (pg_dump), then "
            "--without-snapshot"
        )
    return UpgradeRun(site, wheel, release, wheels, lock, has_snapshot=is_sqlite)


def is_on_server(site: Site) -> bool:
    """Say whether a database is PostgreSQL's, of which no copy is made here."""
    return any(site.environment.get(f"WILLING_{one}DATABASE_URL") for one in ("", "KEYS_"))


def carry_out(job: UpgradeRun) -> None:
    """Do every step, and say which. Raises StepFailed, EnvironmentFault; the old version runs then."""
    click.echo(f"Willing {__version__} becomes {job.release.version} ({job.site.program})")
    stopped = switched = False
    for number, (text, step) in enumerate(STEPS, start=1):
        stopped, switched = stopped or step is stop, switched or step is switch
        begun = time.monotonic()
        click.echo(f"{number}/{len(STEPS)} {text} …", nl=False)
        try:
            step(job)
        except (StepFailed, EnvironmentFault) as fault:
            click.echo(" failed")
            _recover(job, stopped=stopped, switched=switched, why=str(fault))
        click.echo(f" {time.monotonic() - begun:.1f} s")
    click.echo(f"Willing {job.release.version} is installed.")
    if job.has_snapshot:
        click.echo("Until something is recorded it can be taken back: willing upgrade --rollback")
    if job.site.service is None:
        click.echo("Start the server: willing serve")


def copy(job: UpgradeRun) -> None:
    """Make encrypted copies, where that is set up."""
    job.faults = job.site.faults(job.before)
    if job.site.has_own_copies:
        job.site.copy()
    else:
        click.echo(" none are set up (willing backup take);", nl=False)


def build(job: UpgradeRun) -> None:
    """Make the new environment beside the old one, which runs on."""
    environments.tidy(job.site.program)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    job.after = environments.build(job.site.program, job.release.version, stamp)
    environments.install(job.after, job.wheel, wheels=job.wheels, lock=job.lock)
    said = job.site.run(job.after, "willing.cli", "--version").split()[-1]
    if said != environments.version_in(job.after):
        raise StepFailed(f"the new environment says that it is {said}")


def stop(job: UpgradeRun) -> None:
    """Stop the server."""
    job.site.stop(job.before)


def snapshot(job: UpgradeRun) -> None:
    """Keep the databases as they are."""
    if job.has_snapshot:
        stamp = job.after.name.rpartition("-")[2]
        job.site.step(job.before, "snapshot", __version__, job.release.version, stamp)


def switch(job: UpgradeRun) -> None:
    """Let the program's name lead to the new environment."""
    environments.switch(job.site.program, job.after)


def migrate(job: UpgradeRun) -> None:
    """Bring both databases to the new version."""
    job.site.run(job.after, "willing.cli", "migrate")


def check(job: UpgradeRun) -> None:
    """Verify the money and the log, and look for faults that were not there before."""
    is_set_up = bool(job.site.try_(job.after, "willing.cli", "ledger", "verify").returncode == 0)
    log = job.site.try_(job.after, "willing.cli", "audit", "verify")
    if not is_set_up or log.returncode != 0:
        raise StepFailed("the money or the log does not verify: willing ledger verify, willing audit verify")
    if found := new_faults(job.faults, job.site.faults(job.after)):
        raise StepFailed(f"the new version finds wrong what was not before: {'; '.join(found)}")
    if job.has_snapshot:
        job.site.step(job.after, "settle")
    else:
        job.site.step(job.after, "note", "program.upgraded", __version__, job.release.version)


def start(job: UpgradeRun) -> None:
    """Start the server, and wait until it answers."""
    job.site.start()


Step = Callable[[UpgradeRun], None]
STEPS: tuple[tuple[str, Step], ...] = (
    ("putting the new version beside the old one", build),
    ("making encrypted copies", copy),
    ("stopping the server", stop),
    ("keeping the databases as they are", snapshot),
    ("switching to the new version", switch),
    ("updating the databases", migrate),
    ("verifying the money, the log and the computer", check),
    ("starting the server", start),
)


def _recover(job: UpgradeRun, *, stopped: bool, switched: bool, why: str) -> None:
    """Let the old version run again, and say why."""
    if switched and not job.has_snapshot:
        raise StepFailed(
            f"{why}. The new version stays, for PostgreSQL is not put back here. To go back: restore both "
            "dumps, then willing upgrade --rollback --without-snapshot"
        )
    if switched:
        job.site.stop(job.after)
        found = job.site.status(job.after)
        stays = (
            refuse_rollback(found["events"], has_snapshot=found["kept"], with_keys=found["with_keys"])
            if found
            else ""
        )
        if found is not None and stays:
            raise StepFailed(f"{why}. Not taken back: {stays}")
        click.echo("taking it back …")
        _put_back(job.site, job.after, job.before if job.before != job.site.program else None)
    elif stopped:
        job.site.start()
    raise StepFailed(f"{why}. Version {__version__} is in place as before")


def take_back(site: Site) -> None:
    """Take the last upgrade back.

    Raises StepFailed where something was recorded since, or nothing is kept.
    """
    if is_on_server(site):
        raise StepFailed(
            "the databases are PostgreSQL's, which are not put back here: stop the server, restore both "
            "dumps of before the upgrade, then --rollback --without-snapshot"
        )
    found = site.status(site.program)
    if found is None:
        raise StepFailed("there is no upgrade to take back here")
    if found["phase"] == "rolling_back" and found["before"] == __version__:  # killed after the switch
        site.step(site.program, "put-back")
        site.start()
        return
    before = environments.previous(site.program)
    _require_rollback(found)
    if before is None or environments.version_in(before) != found["before"]:
        raise StepFailed(f"the environment of version {found['before']} is no longer there")
    click.echo(f"stopping the server, putting version {found['before']} back …")
    site.stop(site.program)
    _require_rollback(site.status(site.program) or found)  # a sale until a moment ago
    _put_back(site, site.program, before)
    click.echo(f"Willing {found['before']} runs again, with the databases as they were before the upgrade.")


def _require_rollback(found: dict[str, Any]) -> None:
    why = refuse_rollback(found["events"], has_snapshot=found["kept"], with_keys=found["with_keys"])
    if why is not None:
        raise StepFailed(why)


def _put_back(site: Site, running: Path, before: Path | None) -> None:
    """Switch, put the databases back, start.

    The earlier version does the second itself where this is killed.
    """
    site.step(running, "begin-back")
    before = before or environments.previous(site.program)
    assert before is not None
    environments.switch(site.program, before)
    site.step(before, "put-back")
    site.start()


def go_back(site: Site) -> None:
    """Let the version before the last upgrade run again, on dumps that were restored, and replay refusals.

    Raises StepFailed where it finds other databases than its own, or nothing to replay from.
    """
    if not is_on_server(site):
        raise StepFailed(
            "--without-snapshot is for PostgreSQL: here --rollback puts the databases back itself"
        )
    before = environments.previous(site.program)
    if before is None:
        raise StepFailed("there is no earlier version here to go back to")
    version = environments.version_in(before)
    click.echo(f"stopping the server, going back to version {version} …")
    site.stop(site.program)
    for command in (("migrate",), ("ledger", "verify"), ("audit", "verify")):
        if why := _why_not(site, before, *command):
            site.start()
            raise StepFailed(
                f"version {version} does not find databases of its own: restore both dumps of before the "
                f"upgrade ({why}). Version {__version__} is in place as before"
            )
    environments.switch(site.program, before)
    if why := _why_not(site, before, "backup", "restore", "--only-replay"):
        raise StepFailed(
            f"Willing {version} is in place, and its server is not started: first run willing backup restore "
            f"--only-replay ({why})"
        )
    site.step(before, "note", "program.restored", __version__, version)
    site.start()
    click.echo(f"Willing {version} is in place, on the databases that were restored.")


def _why_not(site: Site, environment: Path, *command: str) -> str:
    done = site.try_(environment, "willing.cli", *command)
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or [f"exit {done.returncode}"]
    return said[0] if done.returncode else ""
