"""Hand checkpoints to people who keep them apart: files on a USB stick, a sheet of paper."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from willing.audit.actions import finish_opening, sign_log
from willing.audit.models import Entry, SignedCheckpoint
from willing.audit.queries import continuation, inclusion_receipt, restores
from willing.audit.signing import own_key, trusted_keys
from willing.audit.verify.consistency import verify_continuation
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import read_checkpoint, read_text
from willing.audit.verify.restores import Restore, find_loss
from willing.audit.verify.signed_note import Checkpoint, Key

SUFFIX = ".checkpoint"


def store_checkpoint(folder: Path) -> list[Path]:
    """Sign the log into a file in `folder`. Return the files written.

    Where the folder holds earlier checkpoints, the log is first held against the longest of them, and the
    proof is written beside: so a stick that is not always plugged in notices a log that was rewritten. Where
    the log was restored from an older copy since, the receipt of the entry that says so takes its place.
    Raises Unproven where the log does not continue it; NothingLogged, TreeDamaged, SigningKeyUnreadable,
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    finish_opening()
    own_key()  # made before the keys are asked for, so that a first checkpoint has one
    keys = trusted_keys()
    kept = _find_longest(folder, keys)
    new = sign_log()
    name = f"willing-{new.size:010d}-{new.at:%Y%m%dT%H%M%SZ}"
    loss = find_loss(kept[1], restores()) if kept else None
    if loss:
        texts = {f"{name}.restored.json": _prove_restored(loss)}
    else:
        texts = {f"{name}.consistency.json": _prove(*kept, new, keys)} if kept else {}
    texts[f"{name}{SUFFIX}"] = new.note  # last, so that a checkpoint that is there has its proof there
    return [_write(folder / file, text) for file, text in texts.items()]


def printable(signed: SignedCheckpoint) -> str:
    """Return a checkpoint for paper: what a person compares by eye, then the signed text itself."""
    root = bytes(signed.root).hex()
    groups = [root[at : at + 4] for at in range(0, len(root), 4)]
    return "\n".join(
        [
            f"Log       {own_key().name}",
            f"Entries   {signed.size}",
            f"Signed    {signed.at:%Y-%m-%d %H:%M:%S} UTC",
            f"Root      {' '.join(groups[:8])}",
            f"          {' '.join(groups[8:])}",
            "",
            signed.note,
        ]
    )


def _find_longest(folder: Path, keys: Sequence[Key]) -> tuple[str, Checkpoint] | None:
    kept = [(read_checkpoint(path, keys), path) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    if not kept:
        return None
    own = own_key().name
    kept = [one for one in kept if one[0].origin == own] or kept
    checkpoint, path = max(kept, key=lambda one: one[0].size)
    return read_text(path), checkpoint


def _prove(note: str, old: Checkpoint, new: SignedCheckpoint, keys: Sequence[Key]) -> str:
    if old.size > new.size:
        raise Unproven("cut_off", f"{old.size} entries were signed for; the log has {new.size}")
    proof = json.dumps(continuation(note, old.size, new))
    if (
        old.origin == own_key().name
    ):  # a key that was replaced began a new log; its checkpoints end the old one
        verify_continuation(proof, keys)
    return proof


def _prove_restored(loss: Restore) -> str:
    return json.dumps(inclusion_receipt(Entry.objects.get(sequence=loss.sequence)))


def _write(path: Path, text: str) -> Path:
    """Write a small file so that a stick that is pulled out holds all of it or none."""
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft.replace(path)
