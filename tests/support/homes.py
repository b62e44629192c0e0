"""The secrets of an installation, made as set-up makes them."""

import os
from pathlib import Path

SECRETS = {"django.key": 48, "master.key": 32, "log-signing.key": 32}


def make_secrets(home: Path) -> Path:
    """Make the secrets of an installation in `home`, readable by their owner only. Return `home`."""
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)
    for name, length_bytes in SECRETS.items():
        (folder / name).write_bytes(os.urandom(length_bytes))
        (folder / name).chmod(0o600)
    return home
