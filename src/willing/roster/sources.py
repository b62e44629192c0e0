"""Where roster files lie: a folder, a zip file, or one file. Pure; nothing is ever unpacked to disk."""

import io
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Protocol

from willing.roster.row_errors import Unreadable

FILE_BYTES_MAX = 512 * 1024 * 1024
MEMBERS_MAX = 200
# Deflate reaches 1032 at most; rosters with hardly anything but repeated columns were seen at 60.
RATIO_MAX = 200
RATIO_FROM_BYTES = 1024 * 1024


class FileSource(Protocol):
    """A set of files, each of which can be opened again and again."""

    name: str

    def names(self) -> frozenset[str]:
        """Return the names of the files, without folders."""
        ...

    def open(self, file: str) -> BinaryIO:
        """Open a file for reading. Raises Unreadable."""
        ...


class Folder:
    """The files of a folder."""

    def __init__(self, path: Path) -> None:
        self.name, self._path = path.name, path

    def names(self) -> frozenset[str]:
        """Return the names of the files, without folders."""
        return frozenset(one.name for one in self._path.iterdir() if one.is_file())

    def open(self, file: str) -> BinaryIO:
        """Open a file. Raises Unreadable symlink, file_too_large."""
        path = self._path / file
        if path.is_symlink():
            raise Unreadable(file, 0, "symlink")
        return _open_path(path)


class OneFile:
    """A single file. content: what is in it, where it lies nowhere that it could be read from."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.name, self._path, self._content = path.name, path, content

    def names(self) -> frozenset[str]:
        """Return its name."""
        return frozenset({self.name})

    def open(self, file: str) -> BinaryIO:
        """Open it. Raises Unreadable file_too_large."""
        assert file == self.name
        return _open_path(self._path) if self._content is None else io.BytesIO(self._content)


def _open_path(path: Path) -> BinaryIO:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise Unreadable(path.name, 0, "file_too_large")
    return path.open("rb")


class Zip:
    """The files of a zip file, at its top or in one folder there."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        """Raises Unreadable zip_broken, zip_encrypted, zip_path, zip_ratio, too_many_files, symlink."""
        self.name = path.name
        try:
            self._zip = zipfile.ZipFile(path if content is None else io.BytesIO(content))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            raise Unreadable(self.name, 0, "zip_broken") from None
        if len(members) > MEMBERS_MAX:
            raise Unreadable(self.name, 0, "too_many_files")
        # Entries that share one body swell a small file to any size, each within its own bounds.
        size_bytes = path.stat().st_size if content is None else len(content)
        if sum(member.compress_size for member in members) > size_bytes:
            raise Unreadable(self.name, 0, "zip_broken")
        for member in members:
            _require_harmless(member, self.name)
        self._members = _by_name([one for one in members if not _is_clutter(one)], self.name)

    def names(self) -> frozenset[str]:
        """Return the names of the files, without folders."""
        return frozenset(self._members)

    def open(self, file: str) -> BinaryIO:
        """Open a member. Raises Unreadable zip_broken."""
        try:
            member = self._zip.open(self._members[file])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
            raise Unreadable(file, 0, "zip_broken") from None
        return io.BufferedReader(_Member(member, file), 65536)


class _Member(io.RawIOBase):
    """A member of a zip file, whose damage is reported as Unreadable."""

    def __init__(self, member: IO[bytes], file: str) -> None:
        self._member, self._file = member, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._member.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
            raise Unreadable(self._file, 0, "zip_broken") from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _require_harmless(member: zipfile.ZipInfo, bundle: str) -> None:
    """Raise Unreadable for a member that leads out of the bundle, is locked, or swells too much.

    The sizes are those that the zip file states; Python reads no more than that from a member.
    """
    path = PurePosixPath(member.filename)
    tricky = "\\" in member.orig_filename or "\0" in member.orig_filename or ":" in member.filename
    if tricky or path.is_absolute() or ".." in path.parts:
        raise Unreadable(bundle, 0, "zip_path")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable(path.name, 0, "symlink")
    if member.flag_bits & 0x1:
        raise Unreadable(path.name, 0, "zip_encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable(path.name, 0, "zip_broken")
    if member.file_size > FILE_BYTES_MAX:
        raise Unreadable(path.name, 0, "file_too_large")
    if member.file_size > max(RATIO_FROM_BYTES, member.compress_size * RATIO_MAX):
        raise Unreadable(path.name, 0, "zip_ratio")


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    return member.is_dir() or path.name.startswith(".") or path.parts[:1] == ("__MACOSX",)


def _by_name(members: list[zipfile.ZipInfo], bundle: str) -> dict[str, zipfile.ZipInfo]:
    folders = {PurePosixPath(one.filename).parent for one in members}
    found = {PurePosixPath(one.filename).name: one for one in members}
    # Two members of one name, or files in several folders: two readers would see two different bundles.
    if len(folders) > 1 or len(found) < len(members) or any(len(one.parts) > 1 for one in folders):
        raise Unreadable(bundle, 0, "zip_path")
    return found


def open_source(path: Path, content: bytes | None = None) -> FileSource:
    """Return the files at `path`, or in `content` which has that name and lies nowhere in the clear.

    Raises Unreadable where it is a zip file that is not to be trusted.
    """
    if content is None and path.is_dir():
        return Folder(path)
    return Zip(path, content) if path.suffix.lower() == ".zip" else OneFile(path, content)
