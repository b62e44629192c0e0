"""Compile the translations when the package is built or installed."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TranslationsHook(BuildHookInterface):
    """Write a .mo beside each .po; gettext reads only those."""

    def initialize(self, version, build_data):
        """Compile every catalogue below src/."""
        for source in Path(self.root, "src").rglob("*.po"):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            with source.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalogue)
