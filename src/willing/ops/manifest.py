"""What a copy says of itself, signed with the log's key: whose it is, of when, and that it is whole.

A signed note (c2sp.org/signed-note) beside the copy, whose text is, line by line:

    willing-copy-1
    database default                          or keys
    file willing-20260901T013000Z.sqlite3.age
    bytes 1234567                             of the encrypted file
    sha256 …                                  of the encrypted file
    at 2026-09-01T01:30:00Z
    log 1234 9f86…                            the log's size and root in it; - where it holds none
    journal 17 5e88…                          the last line of the journal when the copy began; - without one
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from willing.audit.journal_file import Position
from willing.audit.signing import sign_text
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import read_text
from willing.audit.verify.signed_note import TIME_FORMAT, Key, open_note
from willing.core.files import written_whole

FORMAT = "willing-copy-1"
SUFFIX = ".signed"
_TEXT = re.compile(
    rf"{FORMAT}\ndatabase (default|keys)\nfile ([\w.-]+)\nbytes ([0-9]+)\nsha256 ([0-9a-f]{{64}})\n"
    r"at ([-0-9T:]{19}Z)\nlog (?:-|([0-9]+) ([0-9a-f]{64}))\njournal (?:-|([0-9]+) ([0-9a-f]{64}))\n"
)


class CopyUnproven(Exception):
    """A copy whose signature is missing, wrong, or over something else."""


@dataclass(frozen=True)
class CopyManifest:
    """What is signed of one copy. size_bytes, sha256: of the encrypted file; log: size and root."""

    alias: str
    file: str
    size_bytes: int
    sha256: str
    at: datetime
    log: tuple[int, bytes] | None
    journal: Position | None

    def text(self) -> str:
        """Return the canonical text, which is what is signed."""
        log = f"{self.log[0]} {self.log[1].hex()}" if self.log else "-"
        journal = f"{self.journal.number} {self.journal.check}" if self.journal else "-"
        return (
            f"{FORMAT}\ndatabase {self.alias}\nfile {self.file}\nbytes {self.size_bytes}\n"
            f"sha256 {self.sha256}\nat {self.at.astimezone(UTC).strftime(TIME_FORMAT)}\n"
            f"log {log}\njournal {journal}\n"
        )


def sign_manifest(copy: Path, manifest: CopyManifest) -> Path:
    """Sign `manifest` into the file beside a copy. Raises SigningKeyUnreadable, OSError."""
    path = copy.with_name(f"{copy.name}{SUFFIX}")
    with written_whole(path) as file:
        file.write(sign_text(manifest.text()).encode())
    return path


def require_proven(copy: Path, keys: Sequence[Key], *, alias: str) -> CopyManifest:
    """Return what is signed of a copy, once its file is proven to be that. Raises CopyUnproven.

    A file that was renamed is still the same copy; one whose bytes differ, or of the other database, is not.
    """
    try:
        manifest = _parse(open_note(read_text(copy.with_name(f"{copy.name}{SUFFIX}")), keys))
    except Unproven as error:
        raise CopyUnproven(f"{copy.name}: its signature does not hold: {error}") from None
    if manifest.alias != alias:
        raise CopyUnproven(f"{copy.name} is a copy of the other database")
    with copy.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != manifest.sha256:
        raise CopyUnproven(f"{copy.name} is not the file that was signed: it was changed or is damaged")
    return manifest


def _parse(text: str) -> CopyManifest:
    found = _TEXT.fullmatch(text)
    if not found:
        raise Unproven("malformed", "this is not what is signed of a copy")
    at = datetime.strptime(found[5], TIME_FORMAT).replace(tzinfo=UTC)
    log = (int(found[6]), bytes.fromhex(found[7])) if found[6] else None
    journal = Position(int(found[8]), found[9]) if found[8] else None
    return CopyManifest(found[1], found[2], int(found[3]), found[4], at, log, journal)
