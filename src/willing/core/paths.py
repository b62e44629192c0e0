"""Where an installation keeps its data and its secrets."""

import contextlib
import os
import secrets
from pathlib import Path


def home() -> Path:
    """Return the folder of this installation: $WILLING_HOME, or `var` in the working folder."""
    return Path(os.environ.get("WILLING_HOME", "var")).resolve()


def read_or_create_secret(path: Path, *, length_bytes: int = 32) -> bytes:
    """Return the secret in `path`, creating it with mode 0600 when it is not there.

    Two processes that start at once agree: the file is written beside its place and linked there,
    and a link to an existing name fails, so the first one wins and the other reads it.
    Raises ValueError where the file holds fewer than `length_bytes` bytes.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(length_bytes))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first; its secret is the one
                os.link(draft, path)
        finally:
            draft.unlink()
    secret = path.read_bytes()
    if len(secret) < length_bytes:
        raise ValueError(f"{path.name}: a secret of {length_bytes} bytes was expected, found {len(secret)}")
    return secret
