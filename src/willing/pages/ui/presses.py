"""Which form a message answers: ui/notices.js shows it there."""

from typing import Any

from django.contrib.messages.storage.fallback import FallbackStorage


class PressMessages(FallbackStorage):
    """Keeps with each message the address that a form was sent to; the answer is on the page after it."""

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        """Add a message about what was sent in this request."""
        is_press = self.request.method == "POST"
        super().add(level, message, extra_tags or (self.request.path if is_press else ""))
