"""Encrypted copies of the databases, taken while the school is running.

The main database and the keys are copied to two folders and never to one: a template that was erased stays
in old copies of the main database, unreadable, because its key is in no copy that is older than a few days.
Copies are files of the age format (age-encryption.org), sealed for a public key, so that the computer which
takes them cannot open them and any age program can.
"""

import os
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
import pyrage
from django.conf import settings
from django.db import connections

from willing.core.clock import now

KEEP_KEYS_DAYS = 7
STAMP = "%Y%m%dT%H%M%SZ"


class BackupRefused(Exception):
    """A copy that must not be made, or cannot be."""


@dataclass(frozen=True)
class Copy:
    """One encrypted copy."""

    path: Path
    size_bytes: int


def new_identity(path: Path) -> str:
    """Write a fresh private key to `path` (mode 0600) and return its public key. Raises FileExistsError."""
    identity = pyrage.x25519.Identity.generate()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{identity}\n")
    return str(identity.to_public())


def copy_database(alias: str, folder: Path, recipient: str) -> Copy:
    """Write an encrypted, consistent copy of one database into `folder`.

    alias: "default" or "keys". recipient: an age public key. Raises BackupRefused.
    """
    connection = connections[alias]
    if connection.vendor != "sqlite":
        raise BackupRefused("only SQLite is copied here; use pg_dump for PostgreSQL")
    try:
        sealed_for = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise BackupRefused("this is no age public key (it begins with age1)") from None
    name = {"default": "willing", "keys": "keys"}[alias]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{name}-{now().strftime(STAMP)}.sqlite3.age"
    # The plain copy stays inside the installation's own folder and is removed whatever happens.
    with tempfile.TemporaryDirectory(dir=settings.HOME, prefix="backup-") as scratch:
        plain, sealed = Path(scratch) / "plain", Path(scratch) / "sealed"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(plain)])
        pyrage.encrypt_file(str(plain), str(sealed), [sealed_for])
        draft = target.with_suffix(".part")
        draft.write_bytes(sealed.read_bytes())
        draft.replace(target)  # a copy that broke off never carries a copy's name
    return Copy(target, target.stat().st_size)


def end_old_key_copies(folder: Path, *, keep_days: int = KEEP_KEYS_DAYS) -> int:
    """Delete copies of the keys that are older than `keep_days`. Return how many."""
    oldest, ended = now() - timedelta(days=keep_days), 0
    for path in folder.glob("keys-*.sqlite3.age"):
        stamp = path.name.removeprefix("keys-").removesuffix(".sqlite3.age")
        if datetime.strptime(f"{stamp}+0000", f"{STAMP}%z") < oldest:
            path.unlink()
            ended += 1
    return ended


def open_copy(path: Path, identity_file: Path, target: Path) -> None:
    """Decrypt a copy to `target`. Raises BackupRefused for a wrong key or a damaged copy."""
    try:
        identity = pyrage.x25519.Identity.from_str(identity_file.read_text().strip())
        pyrage.decrypt_file(str(path), str(target), [identity])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        target.unlink(missing_ok=True)
        if getattr(error, "errno", None) is not None:
            raise  # the disk, not the copy
        raise BackupRefused("this key does not open this copy, or the copy is damaged") from None


@click.group()
def backup() -> None:
    """Take encrypted copies while the school is running."""


@backup.command("new-key")
@click.argument("file", type=click.Path(path_type=Path))
def new_key(file: Path) -> None:
    """Write a private key to FILE (keep it in a safe, not on this computer) and print its public key."""
    try:
        click.echo(new_identity(file))
    except FileExistsError:
        raise click.ClickException(f"{file} exists already; a key is never overwritten") from None


@backup.command("take")
@click.option("--recipient", required=True, help="The public key that copies are sealed for (age1…).")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="Main database.")
@click.option("--keys-to", type=click.Path(file_okay=False, path_type=Path), required=True, help="Keys.")
@click.option("--keep-keys-days", default=KEEP_KEYS_DAYS, show_default=True, type=click.IntRange(1, 30))
def take(recipient: str, to: Path, keys_to: Path, keep_keys_days: int) -> None:
    """Copy the main database and, to another folder, the keys; end key copies that are too old."""
    if to.resolve() == keys_to.resolve():
        raise click.ClickException("the keys never lie beside the main database: name two folders")
    try:
        copies = [copy_database("default", to, recipient), copy_database("keys", keys_to, recipient)]
    except BackupRefused as error:
        raise click.ClickException(str(error)) from None
    ended = end_old_key_copies(keys_to, keep_days=keep_keys_days)
    for copy in copies:
        click.echo(f"{copy.path}  {copy.size_bytes} bytes")
    click.echo(f"{ended} old copies of the keys ended")


@backup.command("open")
@click.argument("copy", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def open_(copy: Path, target: Path, key: Path) -> None:
    """Decrypt COPY to TARGET. After putting it in place, run `willing sweep` before opening the tills."""
    if target.exists():
        raise click.ClickException(f"{target} exists already; nothing is overwritten")
    try:
        open_copy(copy, key, target)
    except BackupRefused as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{target} is open; run `willing sweep` once it is in place")
