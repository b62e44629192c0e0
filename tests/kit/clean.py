"""A clean environment with the wheel alone: no source tree, no development tool, nothing undeclared.

Nothing is downloaded. The environment is a new one without pip; the wheel is installed into it; and what it
declares as its dependencies, followed to the end, is linked from this environment into a folder of its own.
What is imported but not declared is therefore missing, as it would be at a school.
"""

import os
import subprocess
import sys
import tarfile
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 180


def build(source: Path, target: str, folder: Path) -> Path:
    """Build `target` (sdist or wheel) of the tree in `source` into `folder` and return the file."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
    [built] = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack a source distribution and return its only folder."""
    with tarfile.open(sdist) as archive:
        # Before 3.11.4 there is no filter; the archive is the one that was just built here.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)  # noqa: S202
    [inside] = folder.iterdir()
    return inside


@dataclass(frozen=True)
class Clean:
    """The environment; `home` is an installation's folder, and both lie far from the source tree."""

    folder: Path
    name: str = "environment"

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / self.name / "bin" / "python"

    @property
    def home(self) -> Path:
        """Return the installation's folder."""
        return self.folder / "home"

    def variables(self, *extras: str, **more: str) -> dict[str, str]:
        """Return all variables that its processes get."""
        # Not by PYTHONPATH: the process of a card, and that of a paper, hear of no variable.
        self.site_packages().joinpath("declared.pth").write_text(f"{self.declared(*extras)}\n")
        return {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "WILLING_HOME": str(self.home),
            **more,
        }

    def willing(self, *arguments: str, extras: tuple[str, ...] = (), **more: str) -> "subprocess.Popen[str]":
        """Start the installed command."""
        command = [str(self.python.with_name("willing")), *arguments]
        return subprocess.Popen(
            command,
            cwd=self.folder / "elsewhere",
            env=self.variables(*extras, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, extras: tuple[str, ...] = (), **more: str) -> tuple[int, str, str]:
        """Run the installed command to its end. Return its exit code, what it printed, and its errors."""
        with self.willing(*arguments, extras=extras, **more) as process:
            printed, errors = process.communicate(timeout=TIMEOUT_SECONDS)
        return process.returncode, printed, errors

    def declared(self, *extras: str) -> Path:
        """Return a folder of links to the dependencies that the wheel declares, with these extras."""
        folder = self.folder / "-".join(("declared", *extras))
        if not folder.exists():
            folder.mkdir()
            for found in closure(self.installed(), extras).values():
                link(found, folder)
        return folder

    def installed(self) -> Distribution:
        """Return what the environment knows of the wheel."""
        [found] = distributions(name="willing", path=[str(self.site_packages())])
        return found

    def site_packages(self) -> Path:
        """Return where the environment keeps its packages."""
        [found] = (self.folder / self.name / "lib").glob("python*/site-packages")
        return found


def make(folder: Path, wheel: Path, name: str = "environment") -> Clean:
    """Make a clean environment in `folder` with the wheel in it."""
    clean = Clean(folder, name)
    (folder / "elsewhere").mkdir(parents=True)
    venv.create(folder / name, with_pip=False)
    command = [sys.executable, "-m", "pip", "--python", str(clean.python), "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-index", "--no-deps", "--no-compile", str(wheel)]
    subprocess.run(command, check=True, cwd=folder, timeout=TIMEOUT_SECONDS)
    return clean


def closure(top: Distribution, extras: tuple[str, ...]) -> dict[str, Distribution]:
    """Return everything that `top` needs with these extras, by name. Raises PackageNotFoundError."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [(top, extras)]
    while waiting:
        one, wanted = waiting.pop()
        for line in one.requires or ():
            need = Requirement(line)
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in ("", *wanted)):
                continue
            asked = (need.name.lower(), tuple(sorted(need.extras)))
            if asked not in seen:
                seen.add(asked)
                found[need.name] = distribution(need.name)
                waiting.append((found[need.name], asked[1]))
    return found


def link(found: Distribution, folder: Path) -> None:
    """Link a distribution's modules and its metadata into `folder`."""
    tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
    for top in tops:
        target = folder / top
        if not target.is_symlink():
            target.symlink_to(Path(str(found.locate_file(top))).resolve())
