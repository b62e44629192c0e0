"""Who calls: a paired till with its token, and the Idempotency-Key of each of its writes."""

from typing import Annotated, cast

from django.http import HttpRequest
from ninja import Header, Schema
from ninja.security import HttpBearer

from willing.core.errors import Refused
from willing.people.requests import SchoolRequest
from willing.terminals.models import Device, Terminal
from willing.terminals.presence import note_seen
from willing.terminals.request_keys import Request
from willing.terminals.sign_ons import note_press
from willing.till.tills import require_till

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 200


class TillRequest(SchoolRequest):
    """A request by a paired till; `auth` is that till, and `school` the one that it belongs to."""

    auth: Terminal


class TerminalToken(HttpBearer):
    """Let a till that was paired over the API act with its token. A browser's cookie is no such token."""

    def authenticate(self, request: HttpRequest, token: str) -> Terminal | None:
        """Return the terminal, or None where the token belongs to none."""
        try:
            till = require_till(token, device=Device.API)
        except Refused:
            return None
        note_seen(till)
        if request.method == "POST":
            note_press(till)
        cast("TillRequest", request).school = till.school  # came with the till, so it needs no look-up
        return till


# What it breaks is answered as idempotency_key_missing (problems).
Key = Annotated[
    str,
    Header(
        alias=KEY_HEADER,
        min_length=1,
        max_length=KEY_LENGTH_MAX,
        pattern=r"^[ -~]*[!-~][ -~]*$",
        description="Fresh for each write, the same when a write is sent again. Printable, not blank.",
    ),
]


def write_of(
    terminal: Terminal, key: str, operation: str, *, subject: object = "", body: Schema | bytes = b""
) -> Request:
    """Return a write as its key stands for it. Two bodies that say the same are the same body."""
    content = body if isinstance(body, bytes) else body.model_dump_json().encode()
    return Request(terminal, key, operation, str(subject), content)
