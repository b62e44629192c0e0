"""Where the next page begins, as one word that callers hand back and need not understand."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from uuid import UUID

from willing.api import errors
from willing.till.sale_pages import PagePosition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CURSOR_LENGTH_MAX = 60


def write_cursor(place: PagePosition) -> str:
    """Return a place as a word for an address."""
    micros = (place.settled_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big") + place.id.bytes).decode().rstrip("=")


def read_cursor(text: str) -> PagePosition:
    """Return the place that a word stands for. Raises Refused cursor_not_valid."""
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        settled_at = _EPOCH + timedelta(microseconds=int.from_bytes(packed[:8], "big"))
        return PagePosition(settled_at, UUID(bytes=packed[8:]))
    except (binascii.Error, ValueError, OverflowError):
        raise errors.cursor_not_valid() from None
