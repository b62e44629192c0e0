"""Compile the translations when the package is built or installed, and put the manual into a wheel."""

import os
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
