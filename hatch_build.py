"""Compile the translations when the package is built or installed."""

import os
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TranslationsHook(BuildHookInterface):
    """Write a .mo beside each .po; gettext reads only those."""

    def initialize(self, version, build_data):
        """Compile every catalogue below src/; drop what a catalogue that was moved left behind."""
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
