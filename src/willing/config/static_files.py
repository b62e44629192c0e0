"""Static files under names that carry their hash, compressed, so that browsers keep them for years.

They are written when the server starts, into the installation's own folder, anew only where a file has
changed, so there is no step to forget. Where that folder can't be written, the files are served under their
plain names, as they are.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

import willing
from willing.core.files import sync_folder

log = logging.getLogger("willing.start")
# Bump it when the way of writing them changes.
FORM = "1"
STAMP = "written-from"
# The page that shows the API to people is opened now and then, and takes longer to compress than all else.
PLAIN = ("ninja/",)
# Other people's browser code, which is there where npm fetched it (pages/ui/browser_parts.toml).
PARTS = "ui/parts/"


# Our own scripts import each other by name; those of others are whole, and only look as if they did.
_IMPORTS = getattr(HashedFilesMixin, "_js_module_import_aggregation_patterns")[1]  # noqa: B009  # not in the stubs
_ROOMS = sorted(path.parent.name for path in Path(willing.__file__).parent.rglob("static"))


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with a hash where the files were written, plain names where they were not (commands, tests)."""

    manifest_strict = False
    patterns = (*HashedFilesMixin.patterns, *((f"{room}/*.js", _IMPORTS) for room in _ROOMS))

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        """Return the name with its hash; of other people's code that was not fetched, the plain one.

        The page that asks for it gets no answer, and says that what needs it is off; nothing else is.
        """
        if name.startswith(PARTS) and not self.exists(name):
            return name
        return str(super().hashed_name(name, content, filename))

    def load_manifest(self) -> tuple[dict[str, str], str]:
        """Return what was written; nothing where a failing disk left no readable list of it."""
        try:
            found: tuple[dict[str, str], str] = super().load_manifest()
        except (ValueError, OSError):
            return {}, ""
        return found

    def stored_name(self, name: str) -> str:
        """Return the name that carries the hash, or the plain one."""
        return str(super().stored_name(name)) if name in self.hashed_files else name


def prepare_static_files() -> None:
    """Write this version's static files into STATIC_ROOT, once. The middleware starts after it."""
    if not isinstance(staticfiles_storage, HashedStaticFiles):
        return
    root, fingerprint = Path(settings.STATIC_ROOT), _fingerprint()
    try:
        if _written(root) != f"{fingerprint} {_sizes(root)}":
            _write(root, fingerprint)
    except OSError as error:
        log.warning("static files are served under their plain names: %s", error)
    staticfiles_storage.hashed_files, staticfiles_storage.manifest_hash = staticfiles_storage.load_manifest()


def _written(root: Path) -> str:
    try:
        return (root / STAMP).read_text(encoding="ascii")
    except (FileNotFoundError, ValueError):
        return ""


def _sizes(root: Path) -> str:
    """Return a digest of which files are there and how large: a power cut may leave empty ones behind."""
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.name != STAMP):
        digest.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
    return digest.hexdigest()[:16]


def _files() -> Iterator[tuple[str, Storage]]:
    seen = set()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            if path not in seen and not path.startswith(PLAIN):
                seen.add(path)
                yield path, storage


def _fingerprint() -> str:
    digest = hashlib.sha256(FORM.encode())
    for path, storage in sorted(_files(), key=lambda one: one[0]):
        about = os.stat(storage.path(path))  # noqa: PTH116
        digest.update(f"{path}\0{about.st_size}\0{about.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _sync(folder: Path) -> None:
    """Let the disk hold all of a folder before it takes its name."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(folder)


def _write(root: Path, fingerprint: str) -> None:
    """Write them beside their place, then put them there: a server that is killed leaves no half."""
    draft, old = (root.with_name(f"{root.name}.{kind}") for kind in ("draft", "old"))
    for left in (draft, old):
        shutil.rmtree(left, ignore_errors=True)
    storage = HashedStaticFiles(location=draft, base_url=settings.STATIC_URL)
    found: dict[str, tuple[Any, str]] = {}
    for path, source in _files():
        with source.open(path) as file:
            storage.save(path, file)
        found[path] = (storage, path)
    for _name, _hashed, processed in storage.post_process(found):
        if isinstance(processed, Exception):
            raise processed
    (draft / STAMP).write_text(f"{fingerprint} {_sizes(draft)}", encoding="ascii")
    _sync(draft)
    if root.exists():
        root.rename(old)
    draft.rename(root)
    sync_folder(root.parent)
    shutil.rmtree(old, ignore_errors=True)
