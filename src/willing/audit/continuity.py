"""What a device that saw the log before needs to hold it against what it saw (static/audit/continuity.js)."""

from typing import Any

from willing.audit import tree
from willing.audit.actions import finish_opening, sign_log
from willing.audit.models import Entry, SignedCheckpoint
from willing.audit.queries import consistency_proof, newest_checkpoint, note_with_cosignatures, restores
from willing.audit.signing import own_key
from willing.audit.verify.merkle import prove_inclusion
from willing.audit.verify.restores import Restore


def continuity_since(origin: str, size: int) -> dict[str, Any]:
    """Return the newest checkpoint of the log, and what leads to it from `size` entries of `origin`.

    checkpoint: the signed text; key: the public key's line; proof: hashes in hexadecimal, empty where no
    proof leads there; restores: each entry `log.restored` since that origin was closed, and the proof that
    it is in the log. Nothing about anyone. size 0: nothing was seen yet. Signs the log only where its origin
    has no checkpoint yet, as right after a restore: an older one would look like a log that became shorter.
    Raises NothingLogged, TreeDamaged, SigningKeyUnreadable.
    """
    signed = _newest_of_this_origin()
    key, proof = own_key(), list[bytes]()
    if 0 < size <= signed.size:
        proof = consistency_proof(size, signed)
    closed = [] if origin == key.name else _since(origin)
    return {
        "checkpoint": note_with_cosignatures(signed),
        "key": str(key),
        "proof": [one.hex() for one in proof],
        "restores": [_proven(one, signed) for one in closed if one.sequence <= signed.size],
    }


def _newest_of_this_origin() -> SignedCheckpoint:
    finish_opening()
    signed = newest_checkpoint()
    if signed is not None and signed.note.startswith(f"{own_key().name}\n"):
        return signed
    return sign_log()


def _since(origin: str) -> list[Restore]:
    """Return the restores from the one that closed `origin` on, oldest first; none where none did."""
    found = restores()
    first = next((at for at, one in enumerate(found) if origin in one.origins), len(found))
    return found[first:]


def _proven(restore: Restore, signed: SignedCheckpoint) -> dict[str, Any]:
    entry = Entry.objects.get(sequence=restore.sequence)
    proof = prove_inclusion(restore.sequence - 1, signed.size, tree.reader())
    return {"entry": bytes(entry.hashed).decode(), "proof": [one.hex() for one in proof]}
