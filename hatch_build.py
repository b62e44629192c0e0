"""What is made when the package is built or installed: translations, the manual, browser code of others."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The parts of docs/ that Help shows beside a page; a checkout reads them where they are.
MANUAL = ("start", "how-to", "operate")


class TranslationsHook(BuildHookInterface):
    """Write a .mo beside each .po; gettext reads only those. Add the manual to a wheel to be installed."""

    def initialize(self, version, build_data):
        """Compile every catalogue below src/; drop what a catalogue that was moved left behind."""
        # A wheel alone: included in a source distribution, they would be gone from docs/ there.
        if version != "editable" and "pure_python" in build_data:
            for folder in MANUAL:
                source = Path(self.root, "docs", folder)
                build_data.setdefault("force_include", {})[str(source)] = f"willing/manual/{folder}"
        if "pure_python" in build_data:
            fetch_browser_parts(Path(self.root))
        for left in Path(self.root, "src").rglob("*.mo"):
            if not left.with_suffix(".po").exists():
                left.unlink()
        for source in Path(self.root, "src").rglob("*.po"):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            compiled = BytesIO()
            write_mo(compiled, catalogue)
            _replace(source.with_suffix(".mo"), compiled.getvalue())


def _replace(target, content):
    """Write in one step, and only what changed: another process may be reading the tree that is built."""
    if target.exists() and target.read_bytes() == content:
        return
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(target)


# --- other people's browser code: never committed, pinned by version and digest, fetched by npm


class PartRefused(Exception):
    """What npm brought is not what is pinned."""


class PartMissing(Exception):
    """Npm brought nothing, and what is built is for others to install."""


def fetch_browser_parts(root):
    """Put each part of `browser_parts.toml` beside our own static files, where it is not there yet.

    Where npm is missing, or reaches no registry, the pages that need a part say that it is off; a release is
    stopped instead (BROWSER_PARTS=required). What differs from its digest stops any build.
    """
    ui = root / "src/willing/pages/ui"
    for part in tomllib.loads((ui / "browser_parts.toml").read_text("utf-8"))["part"]:
        target, stamp = ui / "static/ui/parts" / part["name"], f"{part['version']} {part['sha512']}\n"
        kept = target / "from.txt"
        if kept.exists() and kept.read_text("ascii") == stamp:
            continue
        archive = _pack(part)
        if archive is None and os.environ.get("BROWSER_PARTS") == "required":
            raise PartMissing(
                f"{part['name']} {part['version']} was not fetched: is npm there, and the registry?"
            )
        if archive is None:
            print(f"{part['name']} {part['version']} was not fetched: {part['without']}", file=sys.stderr)
            continue
        if base64.b64encode(hashlib.sha512(archive).digest()).decode() != part["sha512"]:
            raise PartRefused(f"{part['name']} {part['version']} is not the package that is pinned")
        _unpack(archive, part["files"], target)
        kept.write_text(stamp, "ascii")


def _pack(part):
    """Return the package as npm downloads it, or None. No script of it runs."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", f"{part['name']}@{part['version']}", "--ignore-scripts", "--silent"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=300)
        packed = list(Path(folder).glob("*.tgz"))
        return packed[0].read_bytes() if done.returncode == 0 and packed else None


def _unpack(archive, names, target):
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=BytesIO(archive)) as packed:
        for name in names:
            _replace(target / name, packed.extractfile(f"package/{name}").read())


if __name__ == "__main__":
    fetch_browser_parts(Path(__file__).parent)
