"""Encrypted, signed copies of one SQLite database, taken while the school is running.

What is copied never lies on the disk under a name: SQLite copies into a file that has none any more, and from
there it is encrypted piece by piece. So a copy that is killed leaves nothing to read, and its memory does
not grow with the database (83 MB in all for 667 MB).
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyrage
from django.conf import settings
from django.db import connections

from willing.audit.clock_state import believed
from willing.audit.journal_file import Position
from willing.audit.verify.merkle import CompactRange
from willing.core.clock import now
from willing.core.files import written_whole
from willing.core.integrity import DatabaseDamaged, check_connection
from willing.ops.manifest import CopyManifest, sign_manifest

STAMP = "%Y%m%dT%H%M%SZ"
NAMES = {"default": "willing", "keys": "keys"}
SCRATCH = "backup-"
# Bytes 18 and 19 of an SQLite file: 1 says that it needs no write-ahead log beside it (its file format).
_VERSIONS_AT, _WITHOUT_LOG = 18, b"\x01\x01"


class BackupRefused(Exception):
    """A copy that must not be made or used, or cannot be."""


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


def copy_database(alias: str, folder: Path, recipient: str, *, journal: Position | None = None) -> Copy:
    """Write an encrypted, consistent, signed copy of one database into `folder`.

    alias: "default" or "keys". recipient: an age public key. journal: up to where the journal of refusals was
    written when the copy began. Raises BackupRefused; OSError where a disk is full or gone.
    """
    if connections[alias].vendor != "sqlite":
        raise BackupRefused("only SQLite is copied here; use pg_dump for PostgreSQL")
    try:
        sealed_for = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise BackupRefused("this is no age public key (it begins with age1)") from None
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    at = now()
    target = folder / f"{NAMES[alias]}-{at.strftime(STAMP)}.sqlite3.age"
    with _alone(), _plain_copy(alias) as (plain, log), written_whole(target) as sealed:
        counted = _Counted(sealed)
        pyrage.encrypt_io(plain, counted, [sealed_for])
        # Before the copy takes its name: a copy that is there has its signature there.
        sign_manifest(
            target, CopyManifest(alias, target.name, counted.size, counted.sha256, at, log, journal)
        )
    return Copy(target, target.stat().st_size)


def clean_up(folders: Iterable[Path] = ()) -> int:
    """Remove what a killed copy left in the home and in `folders`. Return how much. Spare a running one."""
    removed = 0
    with contextlib.suppress(BackupRefused), _alone():
        left = list(settings.HOME.glob(f"{SCRATCH}*/"))
        left += [path for folder in folders for path in folder.glob("*.sqlite3*.part")]
        for path in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed += 1
    return removed


def delete_old_copies(folder: Path, oldest: datetime) -> int:
    """Delete the copies of the keys in `folder` that were taken before then. Return how many."""
    ended = 0
    for path in folder.glob("keys-*.sqlite3.age"):
        stamp = path.name.removeprefix("keys-").removesuffix(".sqlite3.age")
        try:
            taken = datetime.strptime(f"{stamp}+0000", f"{STAMP}%z")
        except ValueError:
            continue  # not a name that is given here
        if believed(taken) < oldest:
            path.unlink()
            manifest = path.with_name(f"{path.name}.signed")
            manifest.unlink(missing_ok=True)
            ended += 1
    return ended


def open_copy(path: Path, identity: Path | str, target: Path) -> None:
    """Decrypt a copy to `target`, mode 0600. Raises BackupRefused for a wrong key or a damaged copy.

    identity: the file of the private key, or the key itself.
    """
    try:
        text = identity if isinstance(identity, str) else identity.read_text()
        opened_by = pyrage.x25519.Identity.from_str(_without_remarks(text))
        with path.open("rb") as sealed, written_whole(target) as plain:
            pyrage.decrypt_io(sealed, plain, [opened_by])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError, UnicodeDecodeError) as error:
        if getattr(error, "errno", None) is not None:
            raise  # the disk, not the copy
        raise BackupRefused("this key does not open this copy, or the copy is damaged") from None


def _without_remarks(text: str) -> str:
    """Return the key in a file as age-keygen writes it too, with the public key in a remark."""
    return "".join(line.strip() for line in text.splitlines() if not line.startswith("#"))


class _Counted:
    """A file that is written, its bytes counted and hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._hash, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep two copies from running at once, so that whatever lies about is a dead one's."""
    descriptor = os.open(settings.HOME / "backup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BackupRefused("a copy is being taken already") from None
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _plain_copy(alias: str) -> Iterator[tuple[BinaryIO, tuple[int, bytes] | None]]:
    """Yield a copy as it is at one moment, in a file without a name, and the log's size and root in it."""
    with contextlib.closing(_source(alias)) as source, _nameless() as (descriptor, target):
        source.execute("BEGIN")  # one moment for all: what is checked, what the log says, what is copied
        _require_sound(alias, source)
        log = _log_end(source) if alias == "default" else None
        source.backup(target)
        target.close()
        os.pwrite(descriptor, _WITHOUT_LOG, _VERSIONS_AT)
        with os.fdopen(os.dup(descriptor), "rb") as plain:
            plain.seek(0)
            yield plain, log


def _require_sound(alias: str, source: sqlite3.Connection) -> None:
    """Read every page. A damaged copy would be the newest one, and be restored."""
    faults = check_connection(source)
    if faults:
        raise BackupRefused(
            f"{DatabaseDamaged(alias, faults[0])}. No copy of it was taken, none of the older ones deleted"
        )


def _source(alias: str) -> sqlite3.Connection:
    name = Path(connections[alias].settings_dict["NAME"]).resolve()
    if not name.exists():
        raise BackupRefused(f"{name.name} is not there, so it cannot be copied")
    return sqlite3.connect(f"{name.as_uri()}?mode=rw", uri=True, timeout=20, isolation_level=None)


@contextlib.contextmanager
def _nameless() -> Iterator[tuple[int, sqlite3.Connection]]:
    """Yield an empty database in a file that no longer has a name: it is gone with this process."""
    scratch = Path(tempfile.mkdtemp(dir=settings.HOME, prefix=SCRATCH))
    try:
        path = scratch / "plain"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("PRAGMA journal_mode=OFF")  # no second file beside it
        database.execute("PRAGMA synchronous=OFF")  # it need not outlive anything
        path.unlink()
    finally:
        shutil.rmtree(scratch)
    try:
        yield descriptor, database
    finally:
        database.close()
        os.close(descriptor)


def _log_end(source: sqlite3.Connection) -> tuple[int, bytes] | None:
    row = source.execute("SELECT sequence, peaks FROM audit_head WHERE id = 1").fetchone()
    try:
        return (row[0], CompactRange.from_bytes(row[0], row[1]).root()) if row else None
    except ValueError:
        return None  # a damaged end of the log is the verifier's to tell; it stops no copy
