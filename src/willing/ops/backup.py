"""The commands `willing backup …`: copies while the school is running, the journal, and the way back.

The main database and the keys are copied to two folders and never to one: a template that was erased stays
in old copies of the main database, unreadable, because its key is in no copy that is older than a few days.
Copies are files of the age format (age-encryption.org), sealed for a public key, so that the computer which
takes them cannot open them and any age program can. What each is, is signed with the log's key beside it.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from django.db import DatabaseError

from willing.audit import journal
from willing.audit.errors import JournalDamaged, JournalUnfit, SigningKeyUnreadable, TreeDamaged
from willing.audit.journal_file import FILE, Position, read_journal
from willing.audit.signing import trusted_keys
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import read_checkpoint, read_keys
from willing.core.clock import now
from willing.core.errors import InstallationFault
from willing.core.running import (
    InstallationBusy,
    RestoreUnfinished,
    own_installation,
    release_installation,
    share_installation,
)
from willing.keys.installation import require_private_files
from willing.ops.copies import (
    BackupRefused,
    Copy,
    clean_up,
    copy_database,
    delete_old_copies,
    new_identity,
    open_copy,
)
from willing.ops.health_computer import record_copies
from willing.ops.manifest import CopyUnproven
from willing.ops.replay import Replayed
from willing.ops.restore import RestoreRefused, RestoreRequest, replay_only, restore
from willing.people.queries import find_school

KEEP_KEYS_DAYS = 7
FILE_HERE = click.Path(exists=True, dir_okay=False, path_type=Path)
# "-" is what is piped in: a key that only root reads need not be given to the service's user.
KEY = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


def delete_old_key_copies(folder: Path, *, keep_days: int = KEEP_KEYS_DAYS) -> int:
    """Delete copies of the keys that are older than `keep_days`. Return how many."""
    return delete_old_copies(folder, now() - timedelta(days=keep_days))


@click.group()
@click.pass_context
def backup(context: click.Context) -> None:
    """Make encrypted copies while the school is running, and restore them."""
    if context.invoked_subcommand in ("take", "journal"):
        try:
            share_installation()
        except (InstallationBusy, RestoreUnfinished) as error:
            raise click.ClickException(str(error)) from None


@backup.command("new-key")
@click.argument("file", type=click.Path(path_type=Path))
def new_key(file: Path) -> None:
    """Write a private key to FILE (keep it in a safe, not on this computer) and print its public key."""
    try:
        click.echo(new_identity(file))
    except FileExistsError:
        raise click.ClickException(f"{file} exists already; a key is never overwritten") from None


@backup.command("journal")
@click.argument("folder", type=FOLDER)
def journal_(folder: Path) -> None:
    """Keep the journal of refusals in FOLDER: on another disk, and not where copies go."""
    try:
        journal.begin(folder)
    except JournalUnfit as error:
        raise click.ClickException(f"{folder} cannot hold the journal: {error}") from None
    click.echo(f"refusals are also written to {folder.resolve() / FILE} from now on; take a new copy now")


@backup.command("take")
@click.option("--recipient", required=True, help="The public key that copies are sealed for (age1…).")
@click.option("--to", type=FOLDER, required=True, help="Main database.")
@click.option("--keys-to", type=FOLDER, required=True, help="Keys.")
@click.option("--keep-keys-days", default=KEEP_KEYS_DAYS, show_default=True, type=click.IntRange(1, 30))
def take_copy(recipient: str, to: Path, keys_to: Path, keep_keys_days: int) -> None:
    """Copy the main database and, to another folder, the keys; delete key copies that are too old."""
    _require_apart(to, keys_to)
    clean_up([to, keys_to])
    try:
        position = _journal_position()
        copies = [
            copy_database("default", to, recipient, journal=position),
            copy_database("keys", keys_to, recipient, journal=position),
        ]
    except (BackupRefused, SigningKeyUnreadable, OSError) as error:
        raise click.ClickException(str(error)) from None
    ended = delete_old_key_copies(keys_to, keep_days=keep_keys_days)
    for copy in copies:
        click.echo(f"{copy.path}  {copy.size_bytes} bytes")
    click.echo(f"{ended} old copies of the keys deleted")
    _record(copies)


def _record(copies: list[Copy]) -> None:
    """Record that copies were made, which Health and the next night read; not where they are."""
    school = find_school()
    if school is not None:
        try:
            record_copies(school, [one.size_bytes for one in copies])
        except DatabaseError as error:
            raise click.ClickException(
                f"the copies are made, but Health will not know of them: {type(error).__name__}"
            ) from None


def _require_apart(to: Path, keys_to: Path) -> None:
    if to.resolve() == keys_to.resolve():
        raise click.ClickException("the keys are never kept with the main database: name two folders")
    folder = journal.journal_folder()
    if folder and folder.resolve() in (to.resolve(), keys_to.resolve()):
        raise click.ClickException(f"{folder} holds the journal of refusals: copies go elsewhere")


def _journal_position() -> Position | None:
    """Return the journal's last position; None, reported, where a restore could not rely on it."""
    folder = journal.journal_folder()
    if folder is None:
        return None
    try:
        found = read_journal(folder) if journal.write_pending() else None
    except JournalDamaged:
        found = None
    if found is None or not found.is_whole:
        click.echo("the journal of refusals cannot be written or read: see `willing doctor`", err=True)
        return None
    return found.last


@backup.command("open")
@click.argument("copy", type=FILE_HERE)
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--key", type=KEY, required=True, help="The private key's file, or - to read it from input.")
def open_(copy: Path, target: Path, key: Path) -> None:
    """Decrypt COPY to TARGET, to inspect it. To restore it, use `willing backup restore`."""
    if target.exists():
        raise click.ClickException(f"{target} exists already; nothing is overwritten")
    try:
        open_copy(copy, _identity(key), target)
    except BackupRefused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{target} is decrypted, to inspect it; to restore a copy, use `willing backup restore`")


FAILURES = (
    BackupRefused,
    CopyUnproven,
    InstallationBusy,
    InstallationFault,
    JournalUnfit,
    RestoreRefused,
    SigningKeyUnreadable,
    TreeDamaged,
    Unproven,
    OSError,
)


@backup.command("restore")
@click.option("--main", type=FILE_HERE, help="The copy of the main database.")
@click.option("--keys", type=FILE_HERE, help="The copy of the keys; not needed where they are whole.")
@click.option(
    "--key", "identity", type=KEY, help="The private key that opens the copies; - reads it from input."
)
@click.option("--journal", "folder", type=FOLDER, help="Where the journal of refusals is now.")
@click.option("--without-journal", is_flag=True, help="It is lost; every face has to be confirmed.")
@click.option("--without-keys", is_flag=True, help="No copy of the keys is left; no stored face can be used.")
@click.option(
    "--checkpoint", type=FILE_HERE, multiple=True, help="A checkpoint of the log that was kept elsewhere."
)
@click.option("--signed-by", multiple=True, help="A public key that signed the copies, or a file of them.")
@click.option("--unsigned", is_flag=True, help="Accept a copy without a signature, of an earlier version.")
@click.option("--only-replay", is_flag=True, help="Databases are in place (pg_restore, or interrupted).")
@click.pass_context
def restore_(context: click.Context, /, folder: Path | None, **given: Any) -> None:
    """Restore copies while the server is stopped, and replay every refusal since then."""
    if given["only_replay"] == bool(given["main"] or given["keys"]):
        raise click.UsageError("name --main, --keys or both; or --only-replay alone", context)
    if not given["only_replay"] and not given["identity"]:
        raise click.UsageError("--key names the private key that opens the copies", context)
    try:
        require_private_files()
        own_installation()
        if folder is not None:
            journal.set_folder(folder.resolve())
            os.environ.pop("WILLING_JOURNAL_DIR", None)  # what is said now counts, in this process
        done = _restore(given)
    except FAILURES as error:
        raise click.ClickException(str(error)) from None
    finally:
        release_installation()
    _describe(done)


def _identity(key: Path) -> Path | str:
    return sys.stdin.read() if key == Path("-") else key


def _restore(given: dict[str, Any]) -> Replayed:
    signed_by = [key for text in given["signed_by"] for key in read_keys(text)]
    trusted = [*trusted_keys(), *signed_by]
    checkpoints = [read_checkpoint(path, trusted) for path in given["checkpoint"]]
    if given["only_replay"]:
        return replay_only(without_journal=given["without_journal"], checkpoints=checkpoints)
    wanted = RestoreRequest(
        copies={alias: given[name] for alias, name in (("default", "main"), ("keys", "keys")) if given[name]},
        identity=_identity(given["identity"]),
        keys=signed_by,
        checkpoints=checkpoints,
        is_unsigned=given["unsigned"],
        without_journal=given["without_journal"],
        without_keys=given["without_keys"],
    )
    return restore(wanted, click.echo)


def _describe(done: Replayed) -> None:
    lost = "an unknown number of" if done.lost_entries is None else str(done.lost_entries)
    click.echo(
        f"lost: {lost} log entries after the copy; numbers left out: {done.receipts_skipped} of receipts, "
        f"{done.pay_ins_skipped} of pay-ins, {done.zs_skipped} of closed drawers"
    )
    click.echo(
        f"replayed: {done.refusals} refusals, {done.keys} keys destroyed, {done.cards} cards revoked, "
        f"{done.suspensions} faces suspended, {done.locks} locks, {done.terminals} tills unpaired"
    )
    if done.unconfirmed:
        click.echo(
            f"the journal does not cover this copy: {done.unconfirmed} faces are suspended until the data "
            "protection officer confirms each of them (Staff, Faces after a restore)"
        )
    click.echo(f"the log's public key is now {done.public_key}")
    click.echo("restored; now take a new copy, and start the server")
