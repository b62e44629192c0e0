"""Both databases as the migrations leave them, empty, made once for the sources as they are.

Every worker of every leg, and every school that a browser looks at, begins with these tables, and running the
migrations takes seconds. `willing init`, `willing demo` and what else sets up for itself still runs them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "migrated"
ALIASES = ("default", "keys")
KEPT = 3  # of earlier sources, for whoever goes back and forth between two


def migrated() -> dict[str, Path]:
    """Return both SQLite files by their alias, to be copied; made where no earlier run has made them."""
    CACHE.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = CACHE / name_of_sources()
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _drop_old_ones()
            making = CACHE / f"making-{os.getpid()}"
            making.mkdir(mode=0o700)
            subprocess.run(
                [sys.executable, "-m", "tests.support.migrated", str(making)], cwd=ROOT, check=True
            )
            making.rename(folder)
    return {alias: folder / f"{alias}.sqlite3" for alias in ALIASES}


def give_tables(home: Path) -> None:
    """Put empty databases into the home of an installation that is about to be set up."""
    for alias, place in (("default", home / "willing.sqlite3"), ("keys", home / "keys" / "keys.sqlite3")):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy(migrated()[alias], place)


def name_of_sources() -> str:
    """Return a name that changes with whatever a migration, or what Django does after them, may read."""
    said = hashlib.sha256(f"{sys.version} {version('django')} {version('django-allauth')}".encode())
    for path in sorted((ROOT / "src" / "willing").rglob("*")):
        if path.suffix in {".py", ".toml", ".json"}:
            said.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    said.update(Path(__file__).read_bytes())
    return said.hexdigest()[:32]


def _drop_old_ones() -> None:
    folders = sorted((one for one in CACHE.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for old in folders[:-KEPT]:
        shutil.rmtree(old)


def _make(folder: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from tests.support.databases import Files

    databases = Files(folder)
    databases.use_template()
    call_command("migrate", verbosity=0)
    call_command("migrate", "keys", database="keys", verbosity=0)
    databases.seal_template()


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
