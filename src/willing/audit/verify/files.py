"""Read the small files that people keep: checkpoints, keys, receipts. Standard library only."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from willing.audit.verify.errors import Unproven
from willing.audit.verify.signed_note import KEY_LINE, Checkpoint, Key, open_checkpoint, parse_key

FILE_BYTES_MAX = 1 << 20


BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def find_remarks(path: Path) -> tuple[str, ...]:
    """Return what a program that saved the file did to it. None of it is a change of what was signed.

    Nothing that is signed here holds a byte order mark or a carriage return, so both are undone before
    anything is verified: what is signed then decides.
    """
    try:
        with path.open("rb") as file:
            start = file.read(FILE_BYTES_MAX)
    except OSError:
        return ()
    if start.startswith(_UTF16):
        return ("the file is saved as UTF-16 and not as UTF-8",)
    remarks = ["the file begins with a byte order mark"] if start.startswith(BOM) else []
    if b"\r" in start:
        remarks.append("its line ends were changed")
    return tuple(remarks)


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Let what is unproven in the block name the file, and what saving did to it."""
    try:
        yield
    except Unproven as error:
        error.file = error.file or path
        error.remarks = error.remarks or find_remarks(path)
        raise


def read_text(path: Path) -> str:
    """Return a small text file, without a byte order mark and with its own line endings.

    Raises Unproven (malformed) where it is none, or none can be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) <= FILE_BYTES_MAX:
            text = content.removeprefix(BOM).decode()
            return text.replace("\r\n", "\n").replace("\r", "\n")
        message = f"{path}: the file is too large for what it should be"
    except OSError as error:
        message = f"{path}: {error.strerror}"
    except UnicodeDecodeError:
        remarks = find_remarks(path)
        message = f"{path}: the file is not text{f' in UTF-8: {remarks[0]}' if remarks else ''}"
    raise Unproven("malformed", message)


def read_checkpoint(path: Path, keys: Sequence[Key]) -> Checkpoint:
    """Return the signed checkpoint in a file. Raises Unproven: malformed, wrong_key, bad_signature.

    Line endings and a byte order mark that a mail program or another system made are forgiven; nothing else
    is.
    """
    note = read_text(path)
    with naming_file(path):
        return open_checkpoint(note, keys)


def read_keys(text: str) -> list[Key]:
    """Return the public key that `text` is, or those in the file that it names, one a line.

    Raises Unproven (malformed) with the line.
    """
    if KEY_LINE.fullmatch(text.strip()):
        return [parse_key(text)]
    path, keys = Path(text), []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            try:
                keys.append(parse_key(line))
            except Unproven as error:
                error.file, error.line = path, number
                raise
    if not keys:
        raise Unproven("malformed", f"{path}: the file holds no public key")
    return keys
