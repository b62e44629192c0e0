"""The manifest of a bundle: its version, and whether each file is absent, whole (bulk) or a delta."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from willing.roster.row_errors import Unreadable
from willing.roster.sources import FileSource
from willing.roster.staging import Staging
from willing.roster.tables import read_csv

NAME = "manifest.csv"
MODES = ("absent", "bulk", "delta")
FILES = ("orgs", "academicSessions", "classes", "roles", "users", "enrollments", "demographics")
VERSIONS = ("1.1", "1.2")


class _AnyCase:
    """A source whose file names are those of the standard, however the exporter wrote them: Users.CSV."""

    def __init__(self, source: FileSource, names: Mapping[str, str]) -> None:
        self.name, self._source, self._names = source.name, source, names

    def names(self) -> frozenset[str]:
        return frozenset(self._names)

    def open(self, file: str) -> BinaryIO:
        return self._source.open(self._names[file])


def in_any_case(source: FileSource) -> FileSource:
    """Return the files by the names of the standard. Raises Unreadable file_twice."""
    standard = {f"{file}.csv".lower(): f"{file}.csv" for file in (*FILES, "manifest")}
    names: dict[str, str] = {}
    for name in sorted(source.names()):
        known = standard.get(name.lower(), name)
        if known in names:
            raise Unreadable(known, 0, "file_twice")
        names[known] = name
    return _AnyCase(source, names)


@dataclass(frozen=True)
class BundleManifest:
    """What a bundle declares. version: of VERSIONS. modes: file -> one of MODES."""

    version: str
    modes: Mapping[str, str]


def read_manifest(source: FileSource, staging: Staging, encoding: str) -> BundleManifest:
    """Return what the bundle declares, and hold it against the files that are there.

    Raises Unreadable where the manifest or a file is missing, or says what no bundle may say.
    """
    values, lines = _properties(source, staging, encoding)
    version = values.get("oneroster.version", "")
    if version[:3] not in VERSIONS or version[3:4] not in ("", "."):
        raise Unreadable(NAME, lines.get("oneroster.version", 0), "version_unsupported")
    version, modes = version[:3], dict.fromkeys(FILES, "absent")
    for file in FILES:
        if version == "1.1" and file == "roles":
            continue
        mode = values.get(f"file.{file}".lower(), "absent").lower()
        _check_mode(source, file, mode, lines.get(f"file.{file}".lower(), 0))
        modes[file] = mode
    if modes["users"] == "absent":
        raise Unreadable("users.csv", 0, "file_missing")
    if version == "1.2" and modes["users"] == "bulk" and modes["roles"] == "absent":
        raise Unreadable("roles.csv", 0, "file_missing")
    return BundleManifest(version, modes)


def _properties(source: FileSource, staging: Staging, encoding: str) -> tuple[dict[str, str], dict[str, int]]:
    """Return the value of each property, and the line on which it is."""
    if NAME not in source.names():
        raise Unreadable(NAME, 0, "manifest_missing")
    table = read_csv(source, NAME, encoding=encoding)
    table.require("propertyName", "value")
    values, lines = {}, {}
    for line, row in table.rows(lambda fault, _: staging.report(fault), short=True):
        name = row["propertyName"].strip().lower()
        values[name], lines[name] = row["value"].strip(), line
    return values, lines


def _check_mode(source: FileSource, file: str, mode: str, line: int) -> None:
    if mode not in MODES:
        raise Unreadable(NAME, line, "manifest_mode", f"file.{file}")
    is_there = f"{file}.csv" in source.names()
    if is_there != (mode != "absent"):
        code = "file_declared_absent" if is_there else "file_missing"
        raise Unreadable(f"{file}.csv", 0, code)
