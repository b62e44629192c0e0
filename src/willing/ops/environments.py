"""Environments side by side: the one that runs is a name, and another takes that name in one step.

`/opt/willing` is what units and people call. Before the first upgrade it is the environment itself,
afterwards a link into `/opt/willing.versions`, where the environments are: the one that runs, and the one
before it. Whatever is killed, the name leads to a whole environment.
"""

import ctypes
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution, distributions
from pathlib import Path

VERSIONS = ".versions"
PREVIOUS, NEXT = "previous", ".next"
# Of linux/fcntl.h: renameat2(2) lets two names change places in one step.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_PUBLIC_UMASK = 0o022  # a program is no secret, and the server's user must read it
EXTRAS = {"face": "openvino", "gate": "uhppoted", "postgres": "psycopg"}


class EnvironmentFault(Exception):
    """An environment that cannot be made or used; the message says why."""


def program_folder(prefix: str = sys.prefix) -> Path:
    """Return the name that the running environment is called by, such as /opt/willing."""
    folder = Path(prefix)
    if folder.parent.name.endswith(VERSIONS):
        return folder.parent.with_name(folder.parent.name.removesuffix(VERSIONS))
    return folder


def versions_folder(program: Path) -> Path:
    """Return where a program's environments are, once there is more than one."""
    return program.with_name(f"{program.name}{VERSIONS}")


def require_own_environment() -> None:
    """Raise EnvironmentFault where this program is not a package in an environment of its own."""
    if sys.prefix == sys.base_prefix:
        raise EnvironmentFault("Willing is not in an environment of its own: docs/start/school.md")
    try:
        origin = distribution("willing").read_text("direct_url.json") or ""
    except PackageNotFoundError:
        origin = '"editable"'
    if '"editable"' in origin:
        raise EnvironmentFault(
            "this is a source tree: git pull && make setup && .venv/bin/willing migrate "
            "(docs/operate/operate.md)"
        )
    try:
        distribution("pip")
    except PackageNotFoundError:
        raise EnvironmentFault(f"there is no pip here: {sys.executable} -m ensurepip") from None


def installed_extras() -> list[str]:
    """Return the extras of Willing whose packages are here."""
    found = []
    for extra, package in EXTRAS.items():
        try:
            distribution(package)
        except PackageNotFoundError:
            continue
        found.append(extra)
    return found


def build(program: Path, version: str, stamp: str) -> Path:
    """Return a new environment beside `program` with the packages of the one that runs now.

    Their files are shared with it (hard links), so this takes no room and no network; pip replaces files and
    never writes into one.
    """
    folder = versions_folder(program) / f"{version}-{stamp}"
    try:
        folder.parent.mkdir(exist_ok=True)
        folder.parent.chmod(0o755)  # whatever the umask: the server's user comes through
        base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        python = str(base) if base.exists() else sys.executable
        run_tool([python, "-m", "venv", "--without-pip", str(folder)])
        inside = folder / site_packages(program).relative_to(program)
        shutil.rmtree(inside)
        shutil.copytree(
            site_packages(program), inside, copy_function=_share, ignore=shutil.ignore_patterns("__pycache__")
        )
    except OSError as error:
        raise EnvironmentFault(f"no environment can be made in {folder.parent}: {error}") from None
    return folder


def site_packages(program: Path) -> Path:
    """Return where an environment's packages are."""
    [found] = (program / "lib").glob("python*/site-packages")
    return found


def _share(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or a file system without hard links
        shutil.copy2(source, target)


def install(environment: Path, wheel: Path, *, wheels: Path | None, lock: Path | None) -> None:
    """Install a wheel, and what it newly needs. wheels: a folder of packages, instead of the network.

    lock: a list of every package with its hash; nothing else is installed then. Raises EnvironmentFault.
    """
    offline = ["--no-index"] + (["--find-links", str(wheels)] if wheels else [])
    if lock is not None:
        _pip(environment, *(offline if wheels else []), "--require-hashes", "-r", str(lock))
        _pip(environment, "--no-index", "--no-deps", str(wheel))
    else:
        extras = installed_extras()
        what = f"{wheel}[{','.join(extras)}]" if extras else str(wheel)
        try:
            _pip(environment, *offline, what)  # most upgrades need no package that is not here
        except EnvironmentFault:
            if wheels is not None:
                raise
            _pip(environment, what)
    run_tool([*_PIP, "--python", str(environment / "bin" / "python"), "check"])


_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def _pip(environment: Path, *options: str) -> None:
    python = str(environment / "bin" / "python")
    run_tool([*_PIP, "--no-input", "--python", python, "install", "--quiet", *options])


def run_tool(command: list[str]) -> None:
    """Run a tool whose files everyone may read. Raises EnvironmentFault with the last that it said."""
    # PYTHONDONTWRITEBYTECODE would leave a program that is compiled anew at each start.
    done = subprocess.run(  # noqa: S603  # our own Python
        command, check=False, capture_output=True, text=True, umask=_PUBLIC_UMASK, cwd="/"
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise EnvironmentFault(f"{Path(command[2]).name} failed: {' '.join(said)}")


def switch(program: Path, environment: Path) -> None:
    """Let the program's name lead to another environment, in one step; what ran before stays as `previous`.

    Raises EnvironmentFault.
    """
    versions = versions_folder(program)
    draft = versions / NEXT
    before = program.readlink() if program.is_symlink() else versions / f"first-{os.getpid()}"
    try:
        _link(versions / PREVIOUS, before)
        draft.unlink(missing_ok=True)
        draft.symlink_to(environment)
        if program.is_symlink():
            draft.replace(program)
        else:
            exchange(draft, program)
            draft.rename(before)
    except OSError as error:
        raise EnvironmentFault(f"{program} cannot be switched: {error}") from None


def _link(link: Path, target: Path) -> None:
    draft = link.with_name(f".{link.name}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(link)


def exchange(one: Path, other: Path) -> None:
    """Let two names change places in one step. Raises OSError."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def previous(program: Path) -> Path | None:
    """Return the environment that ran before the last switch, or None."""
    versions = versions_folder(program)
    link, moved = versions / PREVIOUS, versions / NEXT
    if not link.is_symlink():
        return None
    if moved.is_dir() and not moved.is_symlink():  # killed right after the two names changed places
        moved.rename(link.readlink())
    return link.readlink() if link.is_dir() else None


def version_in(environment: Path) -> str:
    """Return which version of Willing an environment holds; empty for none."""
    found = next(iter(distributions(name="willing", path=[str(site_packages(environment))])), None)
    return found.version if found else ""


def tidy(program: Path) -> None:
    """Remove environments that neither run nor ran before: of broken-off upgrades, and of earlier ones."""
    kept = {previous(program), program.readlink() if program.is_symlink() else None}
    versions = versions_folder(program)
    if versions.is_dir():
        for one in versions.iterdir():
            if one.is_dir() and not one.is_symlink() and one not in kept:
                shutil.rmtree(one)
