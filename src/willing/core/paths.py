"""Where an installation keeps its data and its secrets."""

import contextlib
import os
import secrets
from pathlib import Path

from willing.core.errors import InstallationFault

DJANGO_KEY_BYTES = 48


def home() -> Path:
    """Return the folder of this installation: $WILLING_HOME, or `var` in the working folder."""
    return Path(os.environ.get("WILLING_HOME", "var")).resolve()


def secrets_folder() -> Path:
    """Return the folder of this installation's secrets."""
    return home() / "secrets"


def django_key_file() -> Path:
    """Return where the key lies that signs sessions and consent links."""
    return secrets_folder() / "django.key"


def read_secret(path: Path, *, length_bytes: int = 32) -> bytes:
    """Return the secret in `path`.

    Raises InstallationFault where the file is missing: only setting up makes a secret, for one that is made
    anew in silence fits nothing that the old one sealed. Raises ValueError where the file holds fewer than
    `length_bytes` bytes.
    """
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        raise InstallationFault(f"{path} is missing; put it back from the safe copy") from None
    if len(secret) < length_bytes:
        raise ValueError(f"{path.name}: a secret of {length_bytes} bytes was expected, found {len(secret)}")
    return secret


def create_secret(path: Path, *, length_bytes: int = 32) -> bytes:
    """Return the secret in `path`, making it with mode 0600 where it is not there. Only set-up calls this.

    Two processes that set up at once agree: the file is written beside its place and linked there,
    and a link to an existing name fails, so the first one wins and the other reads it.
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
    return read_secret(path, length_bytes=length_bytes)
