"""Put copies of the databases back in the place of lost or damaged ones, whole or not at all.

Copies are opened beside, checked as an installation of their own, and take their places by renaming only
then. What was there goes aside in one folder, with SQLite's own files beside it: a write-ahead log that
outlived its database would be replayed over the copy. Until the replay (`replay`) is done, a file in the home
keeps servers and commands from starting (`unfinished`).
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections

from willing.audit import journal
from willing.audit.errors import JournalDamaged
from willing.audit.journal_file import Journal, read_journal, read_marks
from willing.audit.origins import LastKnown
from willing.audit.signing import trusted_keys
from willing.audit.verify.signed_note import Checkpoint, Key
from willing.audit.verify_database import verify_log
from willing.core.clock import now
from willing.core.errors import InstallationFault
from willing.core.files import sync_folder
from willing.core.ids import new_id
from willing.core.running import unfinished_path
from willing.keys.actions import require_keys_open
from willing.keys.errors import MasterKeyWrong
from willing.keys.installation import require_installation
from willing.keys.marks import MarkState, inspect
from willing.keys.set_up import adopt, update_tables
from willing.ops.books_check import verify_books
from willing.ops.copies import NAMES, STAMP, open_copy
from willing.ops.manifest import CopyManifest, require_proven
from willing.ops.replay import KnownBeforeRestore, Replayed, highest_of, replay
from willing.ops.unfinished import last_words, note_unfinished, read_unfinished, resumed
from willing.people.queries import find_school

SIDES = ("", "-wal", "-shm")
STAGING, SET_ASIDE = "restore-", "set-aside-"


class RestoreRefused(Exception):
    """A restore that must not be done, or cannot be. Nothing was changed where it says so."""


@dataclass(frozen=True)
class RestoreRequest:
    """What is to be restored. copies: by alias, "default" or "keys".

    identity: the file of the private key, or the key itself.

    keys: public keys to trust beside the own ones. checkpoints: signed heads of the log kept apart.
    is_unsigned: whether copies without a signature are taken. without_journal, without_keys: whether the
    journal is lost, or every copy of the keys, and the operator has said so.
    """

    copies: Mapping[str, Path]
    identity: Path | str = field(repr=False)
    keys: Sequence[Key] = ()
    checkpoints: Sequence[Checkpoint] = ()
    is_unsigned: bool = False
    without_journal: bool = False
    without_keys: bool = False


def restore(wanted: RestoreRequest, report: Callable[[str], None]) -> Replayed:
    """Put copies in place and replay what they do not know. The installation must be held alone (`running`).

    Raises RestoreRefused, CopyUnproven, BackupRefused, SigningKeyUnreadable, OSError.
    """
    _require_sqlite(wanted)
    found = _find_journal(wanted)
    manifests = _prove(wanted)
    clean_up()
    staged = _stage(wanted)
    try:
        _check(staged, wanted, report)
        known = _known(wanted, found, manifests.get("default"))
        note_unfinished(known, is_in_place=False)
        aside = _swap(staged)
        note_unfinished(known, is_in_place=True)
    finally:
        clean_up()
    report(f"what was there is in {aside}: delete it once all is well")
    return _finish(known)


def replay_only(*, without_journal: bool = False, checkpoints: Sequence[Checkpoint] = ()) -> Replayed:
    """Replay into databases that were put back by other means (pg_restore), or finish a broken-off restore.

    Raises RestoreRefused, SigningKeyUnreadable.
    """
    wanted = RestoreRequest({}, Path(), checkpoints=checkpoints, without_journal=without_journal)
    found = _find_journal(wanted)
    begun = read_unfinished()
    if begun and not begun["is_in_place"]:
        raise RestoreRefused("that restore had not put anything in place yet: run it again, with the copies")
    known = resumed(begun, found) if begun else _known(wanted, found, None)
    note_unfinished(known, is_in_place=True)
    _update_tables(("default", "keys"))
    return _finish(known)


def clean_up() -> None:
    """Remove opened copies that a killed restore left. Only where no restore is running (`running`)."""
    for folder in settings.HOME.glob(f"{STAGING}*/"):
        shutil.rmtree(folder)


def _require_sqlite(wanted: RestoreRequest) -> None:
    if any(connections[alias].vendor != "sqlite" for alias in wanted.copies):
        raise RestoreRefused("PostgreSQL is restored with pg_restore; then run this with --only-replay")
    keys = connections["keys"]
    is_there = keys.vendor != "sqlite" or Path(keys.settings_dict["NAME"]).exists()
    if not is_there and "keys" not in wanted.copies and not wanted.without_keys:
        raise RestoreRefused(
            "the database of the keys is missing: restore it too, with --keys; where no copy of it is left, "
            "use --without-keys; then no stored face can be used again. Nothing was changed"
        )


def _find_journal(wanted: RestoreRequest) -> Journal | None:
    """Return the journal. A disk that is only not mounted must not cost every family its confirmation."""
    if wanted.without_journal:
        return None
    folder = journal.journal_folder()
    if folder is None:
        raise RestoreRefused(
            "no journal of refusals was named here: name it with --journal, or use --without-journal; then "
            "every face stays suspended until the data protection officer confirms it. Nothing was changed"
        )
    try:
        return read_journal(folder)
    except JournalDamaged as error:
        raise RestoreRefused(
            f"the journal of refusals cannot be read: {error}. Mount its disk, name its folder with "
            "--journal, or use --without-journal; then every face stays suspended until the data protection "
            "officer confirms it. Nothing was changed"
        ) from None


def _prove(wanted: RestoreRequest) -> dict[str, CopyManifest]:
    if wanted.is_unsigned:
        return {}
    keys = [*trusted_keys(), *wanted.keys]
    return {alias: require_proven(copy, keys, alias=alias) for alias, copy in wanted.copies.items()}


def _stage(wanted: RestoreRequest) -> dict[str, Path]:
    folder = Path(tempfile.mkdtemp(dir=settings.HOME, prefix=f"{STAGING}{now().strftime(STAMP)}-"))
    staged = {alias: folder / f"{NAMES[alias]}.sqlite3" for alias in wanted.copies}
    try:
        for alias, path in staged.items():
            open_copy(wanted.copies[alias], wanted.identity, path)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return staged


def _check(staged: Mapping[str, Path], wanted: RestoreRequest, report: Callable[[str], None]) -> None:
    """Open the staged databases as this installation would be, and require all of it to be sound."""
    for path in staged.values():
        _require_intact(path)
    with _pointed_at(staged):
        try:
            _update_tables(staged)
            _require_fit(with_keys=not wanted.without_keys)
            books, log = verify_books(), verify_log()
        except DatabaseError as error:
            raise RestoreRefused(f"the copy cannot be read: {error}. Nothing was changed") from None
    if not books.ok:
        raise RestoreRefused("the copy's ledger does not verify. Nothing was changed")
    if not log.ok:
        codes = ", ".join(f"entry {fault.sequence}: {fault.code}" for fault in log.faults[:5])
        raise RestoreRefused(f"the copy's log does not verify ({codes}). Nothing was changed")
    report(f"the copy is whole: {books.ledger.accounts} accounts, {log.entries} log entries")


def _update_tables(aliases: Iterable[str]) -> None:
    try:
        for alias in aliases:
            update_tables(alias)
    except InstallationFault as fault:
        raise RestoreRefused(str(fault)) from None


def _require_intact(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            answers = [row[0] for row in database.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        answers = [str(error)]
    if answers != ["ok"]:
        raise RestoreRefused(f"{path.name} in the copy is damaged: {answers[0]}. Nothing was changed")


def _require_fit(*, with_keys: bool) -> None:
    if find_school() is None:
        raise RestoreRefused("there is no school in this copy. Nothing was changed")
    try:
        if inspect("default").state is MarkState.UNMARKED:
            adopt()  # a copy of an earlier version
        require_installation(with_keys=with_keys)
        if with_keys:
            require_keys_open()
    except InstallationFault as fault:
        raise RestoreRefused(f"this copy does not fit here: {fault}. Nothing was changed") from None
    except MasterKeyWrong:
        raise RestoreRefused(
            f"the master key here ({settings.MASTER_KEY_FILE}) does not open the keys of this copy: put the "
            "right one in place first. Nothing was changed"
        ) from None


@contextmanager
def _pointed_at(staged: Mapping[str, Path]) -> Iterator[None]:
    """Let Django work on staged files, which have nothing beside them again after the block."""
    before = {alias: connections[alias].settings_dict["NAME"] for alias in staged}
    try:
        for alias, path in staged.items():
            _point(alias, path)
        yield
        for alias in staged:
            with connections[alias].cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        for alias, name in before.items():
            _point(alias, name)


def _point(alias: str, name: object) -> None:
    connections[alias].close()
    connections[alias].settings_dict["NAME"] = name


def _known(
    wanted: RestoreRequest, found: Journal | None, manifest: CopyManifest | None
) -> KnownBeforeRestore:
    folder = journal.journal_folder()
    replaced, numbers = last_words() if "default" in wanted.copies else (None, {})
    begun = read_unfinished() or {"ends": [], "numbers": {}}  # a broken-off one knew what it replaced
    return KnownBeforeRestore(
        restore_id=new_id(),
        journal=found,
        marks=read_marks(folder) if folder else None,
        position=manifest.journal if manifest else None,
        is_copy=bool(wanted.copies),
        is_main="default" in wanted.copies or not wanted.copies,
        replaced=replaced,
        with_keys=not wanted.without_keys,
        signed=[LastKnown(one.size, one.root.hex()) for one in wanted.checkpoints]
        + [LastKnown(*one) for one in begun["ends"]],
        numbers=highest_of([begun["numbers"], numbers]),
    )


def _swap(staged: Mapping[str, Path]) -> Path:
    """Move what is there aside, SQLite's own files with it, and the staged files in its place."""
    aside = Path(tempfile.mkdtemp(dir=settings.HOME, prefix=f"{SET_ASIDE}{now().strftime(STAMP)}-"))
    connections.close_all()
    places = {alias: Path(connections[alias].settings_dict["NAME"]) for alias in staged}
    for place in places.values():
        for side in SIDES:
            path = place.with_name(f"{place.name}{side}")
            if path.exists():
                path.rename(aside / path.name)
    sync_folder(aside)
    for alias, place in places.items():
        place.parent.mkdir(mode=0o700, exist_ok=True)  # a new computer has no folder of keys yet
        staged[alias].rename(place)
        sync_folder(place.parent)
    return aside


def _finish(known: KnownBeforeRestore) -> Replayed:
    done = replay(known)
    connections.close_all()
    unfinished_path().unlink()
    sync_folder(unfinished_path().parent)
    return done
