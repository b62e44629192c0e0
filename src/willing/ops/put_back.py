"""Put the secrets of a lost computer back, as its service needs them: its own, and no one else's."""

import os
import shutil
from pathlib import Path

# Every installation has them; the master key may come from the environment instead.
NEEDED = ("django.key", "log-signing.key")
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


class PutBackRefused(Exception):
    """Secrets that cannot be put back; nothing was changed."""


def put_back_secrets(source: Path, home: Path, *, user_id: int, group_id: int) -> None:
    """Copy the folder `source` to `home`/secrets, for that user alone. The same again changes nothing.

    Raises PutBackRefused where it is not the folder of secrets, or where others are in its place already.
    """
    missing = [name for name in NEEDED if not (source / name).is_file()]
    if missing:
        raise PutBackRefused(
            f"{source} is not the folder `secrets` of an installation: {missing[0]} is missing"
        )
    target = home / "secrets"
    if target.exists() and _contents(target) != _contents(source):
        raise PutBackRefused(
            f"{target} holds other secrets: move it away first if they are not needed. Nothing was changed"
        )
    if not target.exists():
        fresh = home / ".secrets.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=PRIVATE_FOLDER)
        shutil.copytree(source, fresh, dirs_exist_ok=True, copy_function=shutil.copyfile)
        _give(fresh, user_id, group_id)
        fresh.rename(target)
    else:
        _give(target, user_id, group_id)


def _contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


def _give(folder: Path, user_id: int, group_id: int) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
        os.chown(path, user_id, group_id)
