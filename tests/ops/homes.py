"""An installation in a folder of its own, with a journal and copies beside it, for drills."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from django.conf import settings
from django.db import connections

from willing.core.running import release_installation
from willing.ops.backup import backup
from willing.ops.copies import new_identity

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Home:
    """A home with its databases, the folders around it, and a private key for copies."""

    home: Path
    journal: Path
    main: Path
    keys: Path
    private: Path
    public: str

    def run(self, *arguments: object) -> Result:
        """Run `willing backup …` in this process."""
        return CliRunner().invoke(backup, [str(argument) for argument in arguments])

    def take(self) -> tuple[Path, Path]:
        """Take copies. Return the newest of the main database and of the keys."""
        done = self.run("take", "--recipient", self.public, "--to", self.main, "--keys-to", self.keys)
        assert done.exit_code == 0, done.output
        return max(self.main.glob("*.age")), max(self.keys.glob("*.age"))

    def restore(self, *copies: Path, options: tuple[object, ...] = ()) -> Result:
        """Restore the copies (main, then keys) as an operator would."""
        named = [
            part for name, path in zip(("--main", "--keys"), copies, strict=False) for part in (name, path)
        ]
        connections.close_all()
        return self.run("restore", *named, "--key", self.private, *options)

    def lose(self) -> None:
        """Lose both databases, as with a disk."""
        connections.close_all()
        for path in [*self.home.glob("*.sqlite3*"), *(self.home / "keys").iterdir()]:
            path.unlink()

    def process(self, script: Path, *arguments: object) -> subprocess.Popen[bytes]:
        """Start a Python script on this installation, with the product's own settings."""
        connections.close_all()
        release_installation()
        environment = {
            **os.environ,
            "WILLING_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "willing.config.settings",
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.Popen(
            [sys.executable, str(script), *map(str, arguments)],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )


def move_in(db: Path, tmp_path: Path, monkeypatch: Any) -> Home:
    """Make a test's databases the ones of a home, and let this process work on it."""
    home = tmp_path / "home"
    for folder in (home, home / "keys", home / "secrets"):
        folder.mkdir(mode=0o700)
    connections.close_all()
    places = {"default": home / "willing.sqlite3", "keys": home / "keys" / "keys.sqlite3"}
    for alias, place in places.items():
        shutil.copy(db / f"{alias}.sqlite3", place)
        place.chmod(0o600)
        monkeypatch.setitem(connections[alias].settings_dict, "NAME", place)
        monkeypatch.setitem(connections.settings[alias], "NAME", place)
    for path in Path(settings.MASTER_KEY_FILE).parent.iterdir():
        if path.name != "log-retired-keys.txt":  # another test's, in the home that the whole run shares
            shutil.copy(path, home / "secrets" / path.name)
    monkeypatch.setenv("WILLING_HOME", str(home))
    monkeypatch.setattr(settings, "HOME", home)
    monkeypatch.setattr(settings, "MASTER_KEY_FILE", home / "secrets" / "master.key")
    private = tmp_path / "private.key"
    return Home(
        home, tmp_path / "journal", tmp_path / "main", tmp_path / "keys", private, new_identity(private)
    )
