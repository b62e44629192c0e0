"""What may stand in a log line."""

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
