"""What the server shows on its own lines: a certificate and its key. Without Django: settings read it.

`$WILLING_HOME/secrets/https/https.json` names the two files and where they come from: "local" is an authority
of this computer's own, whose files lie beside; "own" is a certificate that someone else renews.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from willing.core.errors import InstallationFault
from willing.core.files import sync_folder, written_whole
from willing.core.paths import secrets_folder

LOCAL, OWN = "local", "own"


@dataclass(frozen=True, slots=True)
class Https:
    """How this server speaks HTTPS itself. kind: LOCAL or OWN; names: of the certificate."""

    kind: str
    names: Sequence[str]
    certificate: str
    key: str


def folder() -> Path:
    """Return where the files are."""
    return secrets_folder() / "https"


def read_https() -> Https | None:
    """Return how this server speaks HTTPS itself; None where it does not. Raises InstallationFault."""
    path = folder() / "https.json"
    try:
        return Https(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        raise InstallationFault(
            f"{path} cannot be read: `willing https off`, then set HTTPS up again"
        ) from None


def write_https(https: Https) -> None:
    """Keep how this server speaks HTTPS."""
    write(folder() / "https.json", json.dumps(asdict(https)).encode())


def write(path: Path, content: bytes) -> None:
    """Write a file whole, for its owner's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write(content)


def remove() -> bool:
    """Speak HTTPS no longer; destroy the authority's key. Return whether there was anything."""
    if not folder().exists():
        return False
    for path in folder().iterdir():
        if path.suffix == ".key":  # where a copy of the disk is read later, the key is not in it
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                os.fsync(file.fileno())
    shutil.rmtree(folder())
    sync_folder(folder().parent)
    return True
