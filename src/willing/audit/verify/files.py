"""Read the small files that people keep: checkpoints, keys, receipts. Standard library only."""

from collections.abc import Sequence
from pathlib import Path

from willing.audit.verify.errors import Unproven
from willing.audit.verify.notes import KEY_LINE, Checkpoint, Key, open_checkpoint, parse_key

FILE_BYTES_MAX = 1 << 20


def read_text(path: Path) -> str:
    """Return a small text file. Raises Unproven (malformed) where it is none, or none can be read."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) <= FILE_BYTES_MAX:
            return content.decode()
        message = f"{path}: the file is too large for what it should be"
    except OSError as error:
        message = f"{path}: {error.strerror}"
    except UnicodeDecodeError:
        message = f"{path}: the file is not text"
    raise Unproven("malformed", message)


def read_checkpoint(path: Path, keys: Sequence[Key]) -> Checkpoint:
    """Return the signed checkpoint in a file. Raises Unproven: malformed, wrong_key, bad_signature.

    Line ends that a mail program or another system changed are forgiven; nothing else is.
    """
    note = read_text(path).replace("\r\n", "\n")
    try:
        return open_checkpoint(note, keys)
    except Unproven as error:
        error.file = path
        raise


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
