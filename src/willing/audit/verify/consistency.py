"""Two checkpoints, and the proof that the later log only continues the earlier one. Pure.

A JSON object: format "willing-consistency-1"; old and new, two signed checkpoints as text; proof, hashes in
hexadecimal.
"""

import json
import re
from collections.abc import Sequence

from willing.audit.verify.errors import Unproven
from willing.audit.verify.merkle import is_consistent
from willing.audit.verify.signed_note import Checkpoint, Key, open_checkpoint, require_order

FORMAT = "willing-consistency-1"
FIELDS = {"format", "old", "new", "proof"}
_HASH = re.compile(r"[0-9a-f]{64}")


def verify_continuation(text: str, keys: Sequence[Key]) -> tuple[Checkpoint, Checkpoint]:
    """Return the two checkpoints, the later proven to continue the earlier.

    Raises Unproven: malformed, wrong_key, bad_signature, out_of_order, inconsistent.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    is_known = isinstance(found, dict) and found.keys() == FIELDS and found["format"] == FORMAT
    if not is_known or not _has_types(found):
        raise Unproven("malformed", "this is not a proof between two checkpoints")
    old, new = (open_checkpoint(found[name], keys) for name in ("old", "new"))
    if old.origin != new.origin:
        raise Unproven("inconsistent", "the two checkpoints are of different logs")
    require_order([old, new])
    proof = [bytes.fromhex(one) for one in found["proof"]]
    if not is_consistent(old.size, old.root, new.size, new.root, proof):
        raise Unproven(
            "inconsistent", f"the log at {new.size} entries does not continue the one at {old.size}"
        )
    return old, new


def _has_types(found: dict[str, object]) -> bool:
    proof = found["proof"]
    return (
        isinstance(found["old"], str)
        and isinstance(found["new"], str)
        and isinstance(proof, list)
        and len(proof) <= 128
        and all(isinstance(one, str) and _HASH.fullmatch(one) for one in proof)
    )
