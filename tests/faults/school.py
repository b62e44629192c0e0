"""A school's installation, made once and copied for each scenario."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.server import ROOT, environment


@dataclass(frozen=True)
class School:
    """An installation's folder, what the devices and people of it know by heart, and its environment."""

    home: Path
    known: dict[str, Any]
    extra: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process of this installation."""
        return {**environment(self.home), **self.extra}

    @property
    def databases(self) -> tuple[Path, Path]:
        """The files of the main database and of the keys."""
        return self.home / "willing.sqlite3", self.home / "keys" / "keys.sqlite3"

    def copy(self, folder: Path) -> "School":
        """Return a copy of this installation, with the same secrets."""
        return School(Path(shutil.copytree(self.home, folder)), self.known, self.extra)

    def run(self, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command `willing …` of this installation."""
        return subprocess.run(
            [sys.executable, "-m", "willing.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=check,
        )


def build(home: Path, extra: dict[str, str] | None = None) -> School:
    """Build the school that every scenario begins with."""
    empty = School(home, {}, extra or {})
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.seed"],
        cwd=ROOT,
        env=empty.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"the school could not be built:\n{done.stderr[-3000:]}")
    return School(home, json.loads(done.stdout.splitlines()[-1]), empty.extra)
