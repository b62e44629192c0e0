"""A list that the office has uploaded and not yet imported: a private file for an hour at most.

It lies below the installation's home, for the owner of the process only, and in no backup. It is deleted when
it is imported, when the office cancels, and an hour after it came, whichever is first.
"""

import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from willing.core.files import written_whole
from willing.core.ids import new_id
from willing.core.paths import home
from willing.roster import errors

FOLDER = "imports"
KEPT_SECONDS = 3600
BYTES_MAX = 12 * 1024 * 1024
NAME_CHARS_MAX = 80


@dataclass(frozen=True)
class Upload:
    """One uploaded file, and how it is to be read."""

    id: UUID
    path: Path
    options: dict[str, Any]


def _folder() -> Path:
    return home() / FOLDER


def keep_upload(name: str, content: bytes, *, user_id: int) -> UUID:
    """Keep a file for the user who sent it, and return its id."""
    purge_uploads()
    upload_id = new_id()
    folder = _folder() / str(upload_id)
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    with written_whole(folder / _safe_name(name)) as file:
        file.write(content)
    _write(folder, {"file": _safe_name(name), "user": user_id, "options": {}})
    return upload_id


def _safe_name(name: str) -> str:
    """Return a name that leads nowhere: letters, digits, dots, dashes and blanks of the one that was sent."""
    stem, dot, ending = re.sub(r"[^\w.() -]", "_", Path(name).name).strip(" .").rpartition(".")
    safe = f"{stem[:NAME_CHARS_MAX]}.{ending[:8]}" if dot else ending[:NAME_CHARS_MAX]
    return safe if safe not in ("", "upload.json") else "list"


def _write(folder: Path, said: dict[str, Any]) -> None:
    with written_whole(folder / "upload.json") as file:
        file.write(json.dumps(said).encode())


def require_upload(upload_id: UUID, *, user_id: int) -> Upload:
    """Return an upload of this user. Raises Refused upload_gone."""
    purge_uploads()
    folder = _folder() / str(upload_id)
    try:
        said = json.loads((folder / "upload.json").read_bytes())
    except FileNotFoundError:
        raise errors.upload_gone() from None
    if said["user"] != user_id:
        raise errors.upload_gone()
    return Upload(upload_id, folder / said["file"], said["options"])


def choose_options(upload: Upload, options: dict[str, Any], *, user_id: int) -> None:
    """Write down how an upload is to be read."""
    _write(upload.path.parent, {"file": upload.path.name, "user": user_id, "options": options})


def drop_upload(upload_id: UUID) -> None:
    """Delete an upload; twice changes nothing."""
    shutil.rmtree(_folder() / str(upload_id), ignore_errors=True)


def purge_uploads() -> int:
    """Delete uploads that are older than an hour, or of a time to come. Return how many."""
    old = 0
    for folder in _folder().iterdir() if _folder().is_dir() else ():
        age_seconds = time.time() - folder.stat().st_mtime
        if not 0 <= age_seconds + 60 <= KEPT_SECONDS + 60:
            shutil.rmtree(folder, ignore_errors=True)
            old += 1
    return old
