"""Keep derived files, each behind its own digest, so that a damaged or half-written one is made anew."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the folder for derived files: $XDG_CACHE_HOME/willing, else ~/.cache/willing."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "willing"


def read_checked(path: Path) -> bytes | None:
    """Return a cached file's content where its own digest agrees, else None."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body = data[32:]
    return body if len(data) > 32 and hashlib.sha256(body).digest() == data[:32] else None


def write_checked(path: Path, body: bytes) -> None:
    """Write content behind its digest, so that a reader sees all of it or nothing.

    Two processes may do this at once: each writes a file of its own and renames it, and both contents are
    right. A cache that cannot be written (read-only home, full disk) is left out; it only saves time.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=path.name, suffix=".part", delete=False
        ) as part:
            part.write(hashlib.sha256(body).digest() + body)
        Path(part.name).replace(path)
    except OSError:
        return
