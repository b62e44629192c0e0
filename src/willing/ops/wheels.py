"""Read a wheel: which release it is, and that every file in it is the one that was packed."""

import base64
import csv
import hashlib
import io
import zipfile
import zlib
from email.parser import Parser
from pathlib import Path

from willing.ops.upgrade_rules import Release

# Of the unpacked files; a wheel of ours has some megabytes.
BYTES_MAX = 200_000_000
# What reading a damaged archive raises, by where the damage lies. RuntimeError: as if encrypted.
DAMAGE = (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)


class WheelUnreadable(Exception):
    """A file that is no wheel, or a damaged one."""


def read_wheel(path: Path) -> Release:
    """Return the release in a wheel whose files all have their recorded digests. Raises WheelUnreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            _require_whole(archive)
            [metadata] = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
            said = Parser().parsestr(archive.read(metadata).decode("utf-8"), headersonly=True)
    except DAMAGE as error:
        raise WheelUnreadable(
            f"{path.name} is no wheel, or is damaged: {error or type(error).__name__}"
        ) from None
    return Release(
        (said["Name"] or "").lower().replace("_", "-"), said["Version"] or "", said["Requires-Python"] or ""
    )


def _require_whole(archive: zipfile.ZipFile) -> None:
    """Hold every file beside the wheel's own record. Raises one of DAMAGE."""
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in archive.infolist()):
        raise ValueError("it is packed as no wheel is")
    if sum(one.file_size for one in archive.infolist()) > BYTES_MAX:
        raise ValueError("it is too large")
    [record] = [one for one in archive.namelist() if one.endswith(".dist-info/RECORD")]
    rows = csv.reader(io.StringIO(archive.read(record).decode("utf-8")))
    digests = {row[0]: row[1] for row in rows if len(row) > 1}
    files = {one for one in archive.namelist() if not one.endswith("/")}
    if files != digests.keys():
        raise ValueError("its files are not those of its record")
    for name in sorted(files - {record}):
        kind, _, digest = digests[name].partition("=")
        found = hashlib.sha256(archive.read(name)).digest()
        if kind != "sha256" or base64.urlsafe_b64encode(found).rstrip(b"=").decode() != digest:
            raise ValueError(f"{name} is not what was packed")
