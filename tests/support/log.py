"""What the log holds of an event."""

import json
from typing import Any

from willing.audit.models import Entry


def facts_of(event: str) -> list[dict[str, Any]]:
    """Return the facts of each entry about an event, the earliest first."""
    entries = Entry.objects.filter(event=event).order_by("sequence")
    return [json.loads(bytes(entry.hashed))["facts"] for entry in entries]
