"""Wheels of versions that were never released:

the one that is built here, with another number and more in it.
"""

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

# A step of the database that the next version brings: it ends, fails, or is killed in the middle of it.
STEP = """from django.db import migrations

{before}
class Migration(migrations.Migration):
    dependencies = [("people", "{after}")]
    operations = [migrations.RunSQL("CREATE TABLE {table} (x integer)"){more}]
"""
FAILS = ', migrations.RunSQL("SELECT nothing FROM nowhere")'
KILLED = """import os, pathlib, signal


def die(*_):
    kill = pathlib.Path(os.environ["WILLING_HOME"], "kill-me")
    if kill.exists():
        kill.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


"""


def step(source: Path, *kinds: str) -> dict[str, str]:
    """Return the files of more steps, one after the other: each "ends", "fails" or is "killed"."""
    folder = source / "willing" / "people" / "migrations"
    after, files = (folder / "max_migration.txt").read_text().strip(), {}
    for kind in kinds:
        before, more = {
            "ends": ("", ""),
            "fails": ("", FAILS),
            "killed": (KILLED, ", migrations.RunPython(die)"),
        }[kind]
        name = f"{int(after[:4]) + 1:04}_{kind}"
        text = STEP.format(
            before=before, after=after, table="probe" if kind != "fails" else "never", more=more
        )
        files[f"willing/people/migrations/{name}.py"], after = text, name
    return files


def renumbered(
    wheel: Path, folder: Path, version: str, more: Mapping[str, str] | None = None, **said: str
) -> Path:
    """Return a wheel like `wheel` of another version, with more files; `said` replaces lines of its "
    "metadata."""
    old = wheel.name.split("-")[1]
    target = folder / wheel.name.replace(f"-{old}-", f"-{version}-")
    folder.mkdir(exist_ok=True)
    info, new_info = f"willing-{old}.dist-info", f"willing-{version}.dist-info"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        files = {name.replace(info, new_info): source.read(name) for name in source.namelist()}
        files["willing/__init__.py"] = files["willing/__init__.py"].replace(old.encode(), version.encode())
        metadata = files[f"{new_info}/METADATA"].decode()
        for name, value in {"Version": version, **said}.items():
            [line] = [one for one in metadata.splitlines() if one.startswith(f"{name.replace('_', '-')}: ")]
            metadata = metadata.replace(line, f"{line.partition(': ')[0]}: {value}", 1)
        files[f"{new_info}/METADATA"] = metadata.encode()
        files |= {name: text.encode() for name, text in (more or {}).items()}
        del files[f"{new_info}/RECORD"]
        rows = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
        files[f"{new_info}/RECORD"] = "\n".join([*rows, f"{new_info}/RECORD,,", ""]).encode()
        for name, content in files.items():
            made.writestr(name, content)
    return target


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
