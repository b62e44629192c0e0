"""A proof that an entry is in the log, signed now where it is not yet."""

from typing import Any

from willing.audit.actions import sign_log
from willing.audit.errors import NothingLogged, SigningKeyUnreadable, TreeDamaged
from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt


def seal_receipt(entry: Entry) -> dict[str, Any] | None:
    """Return the file of proof of an entry of the log, signing the log now where no signature covers it yet.

    So the person who deletes something holds the proof at once, not tomorrow. None where the log can't be
    signed: then the nightly check has something to say about it.
    """
    found = find_inclusion_receipt(entry)
    if found is not None:
        return found
    try:
        sign_log()
    except (NothingLogged, TreeDamaged, SigningKeyUnreadable):
        return None
    return find_inclusion_receipt(entry)
