"""Keep the tokens of family links out of the server's own log.

Whoever reads a token could answer in a guardian's name.
"""

import logging
import re

TOKEN = re.compile(r"(/family/c/)[^/?\s]+")
LOGGERS = ("django.request", "django.security.csrf", "django.server", "uvicorn.access")


class HideLinks(logging.Filter):
    """Write … where an address carries a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's text and values; let every record through."""
        if isinstance(record.msg, str):
            record.msg = TOKEN.sub(r"\1…", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(
                TOKEN.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args
            )
        return True


def hide_links() -> None:
    """Add the filter to the loggers that write addresses; once is enough, twice changes nothing."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, HideLinks) for one in logger.filters):
            logger.addFilter(HideLinks())
