"""What may be in a log line."""

import logging
import re

# A consent link's token opens a guardian's page, so it is a key; Django writes paths of failed requests.
_LINK_TOKEN = re.compile(r"(/family/c/)[^/\s?]+")


class WithoutLinkTokens(logging.Filter):
    """Replace the token of a consent link in a log line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; never drop it."""
        message = record.getMessage()
        if _LINK_TOKEN.search(message):
            record.msg, record.args = _LINK_TOKEN.sub(r"\1…", message), ()
        return True


class WithoutExpectedTracebacks(logging.Filter):
    """Leave the traceback out where a request was only refused: Django adds one to each 400, 403 and 404."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; never drop it."""
        if getattr(record, "status_code", 500) < 500:
            record.exc_info, record.exc_text = None, None
        return True
