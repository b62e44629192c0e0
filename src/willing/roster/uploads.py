"""A list that the office has uploaded and not yet imported: a private file for an hour at most.

It lies below the installation's home, for the owner of the process only and in no backup, sealed under a key
of its own that the master key wraps. It is deleted when it is imported, when the office cancels, and an hour
after it came, whichever is first.
"""

import json
import re
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from willing.core.files import written_whole
from willing.core.ids import new_id
from willing.core.paths import home
from willing.keys.errors import MasterKeyWrong
from willing.keys.master import NONCE_BYTES, unwrap, wrap
from willing.roster import errors

FOLDER = "imports"
SEALED, SAID, WORK = "list", "upload.json", "work.json"
KEPT_SECONDS = 3600
BYTES_MAX = 12 * 1024 * 1024
NAME_CHARS_MAX = 80


@dataclass(frozen=True)
class Upload:
    """One uploaded file, opened, and how it is to be read."""

    id: UUID
    name: str
    content: bytes = field(repr=False)
    options: dict[str, Any]
    user_id: int


def _folder() -> Path:
    return home() / FOLDER


def keep_upload(name: str, content: bytes, *, user_id: int) -> UUID:
    """Keep a file for the user who sent it, and return its id."""
    purge_uploads()
    upload_id = new_id()
    folder = _folder() / str(upload_id)
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(NONCE_BYTES)
    with written_whole(folder / SEALED) as file:
        file.write(nonce + AESGCM(key).encrypt(nonce, content, upload_id.bytes))
    wrapped = wrap(key, f"upload:{upload_id}").hex()
    _write(folder, {"file": _safe_name(name), "user": user_id, "key": wrapped, "options": {}})
    return upload_id


def _open(upload_id: UUID, wrapped: str) -> bytes:
    """Return what is in an upload. Raises Refused upload_gone where its key or its seal is not ours."""
    sealed = (_folder() / str(upload_id) / SEALED).read_bytes()
    try:
        key = unwrap(bytes.fromhex(wrapped), f"upload:{upload_id}")
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], upload_id.bytes)
    except (MasterKeyWrong, InvalidTag):
        raise errors.upload_gone() from None


def _safe_name(name: str) -> str:
    """Return a name that leads nowhere: letters, digits, dots, dashes and blanks of the one that was sent."""
    stem, dot, ending = re.sub(r"[^\w.() -]", "_", Path(name).name).strip(" .").rpartition(".")
    safe = f"{stem[:NAME_CHARS_MAX]}.{ending[:8]}" if dot else ending[:NAME_CHARS_MAX]
    return safe or "list"


def _write(folder: Path, facts: dict[str, Any]) -> None:
    with written_whole(folder / SAID) as file:
        file.write(json.dumps(facts).encode())


def require_upload(upload_id: UUID, *, user_id: int) -> Upload:
    """Return an upload of this user. Raises Refused upload_gone."""
    purge_uploads()
    require_owner(upload_id, user_id=user_id)
    return open_upload(upload_id)


def require_owner(upload_id: UUID, *, user_id: int) -> None:
    """Raise Refused upload_gone where nothing of this upload, or another user's, lies here."""
    if _read(upload_id)["user"] != user_id:
        raise errors.upload_gone()


def open_upload(upload_id: UUID) -> Upload:
    """Return an upload, whoever sent it. Raises Refused upload_gone."""
    said = _read(upload_id)
    try:
        content = _open(upload_id, said["key"])
    except FileNotFoundError:  # imported or cancelled at this moment
        raise errors.upload_gone() from None
    return Upload(upload_id, said["file"], content, said["options"], said["user"])


def _read(upload_id: UUID) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((_folder() / str(upload_id) / SAID).read_bytes())
    except FileNotFoundError:
        raise errors.upload_gone() from None
    return said


def note_work(upload_id: UUID, facts: dict[str, Any]) -> None:
    """Write down how far the import of an upload is. Raises Refused upload_gone."""
    try:
        with written_whole(_folder() / str(upload_id) / WORK) as file:
            file.write(json.dumps(facts).encode())
    except FileNotFoundError:
        raise errors.upload_gone() from None


def read_work(upload_id: UUID) -> dict[str, Any] | None:
    """Return what was last written down of the import of an upload; None where it has not begun."""
    try:
        said: dict[str, Any] = json.loads((_folder() / str(upload_id) / WORK).read_bytes())
    except FileNotFoundError:
        return None
    return said


def drop_content(upload_id: UUID) -> None:
    """Delete the list of an upload; what was written down of its import stays for an hour."""
    (_folder() / str(upload_id) / SEALED).unlink(missing_ok=True)


def choose_options(upload: Upload, options: dict[str, Any]) -> None:
    """Write down how an upload is to be read."""
    folder = _folder() / str(upload.id)
    _write(folder, {**_read(upload.id), "options": options})
    (folder / WORK).unlink(missing_ok=True)  # of a list that was read otherwise


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
