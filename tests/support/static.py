"""Static files, looked for once in a process."""

from typing import Any, ClassVar

from whitenoise.middleware import WhiteNoiseMiddleware


class LookedOnce(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """What the first handler found, every other serves too."""

    found: ClassVar[dict[str, Any]] = {}

    def add_files_from_finders(self) -> None:
        """Look only where nothing was found yet."""
        if not self.found:
            super().add_files_from_finders()
            self.found.update(self.files)
        self.files.update(self.found)
