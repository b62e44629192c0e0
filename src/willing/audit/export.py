"""Write the log to a file that `python -m willing.audit.verify log` checks. No personal text leaves."""

import json
from collections.abc import Iterator
from pathlib import Path

from willing.audit import tree
from willing.audit.actions import sign_log
from willing.audit.models import Entry
from willing.audit.verify.exports import FORMAT
from willing.audit.verify.merkle import compact_range
from willing.audit.verify.signed_note import Checkpoint


def export_log(path: Path, *, since: Checkpoint | None = None) -> int:
    """Sign the log and write its hashed parts to `path`. Return how many entries were written.

    since: write only what came after. It streams; what is appended meanwhile is left out, and a file that
    is there is replaced when all is written.
    Raises NothingLogged, TreeDamaged, SigningKeyUnreadable; ValueError where `since` is longer than the log.
    """
    signed = sign_log()
    done = since.size if since else 0
    if done > signed.size:
        raise ValueError(f"the log has {signed.size} entries, fewer than the checkpoint's {done}")
    header = {
        "format": FORMAT,
        "first": done + 1,
        "before": [peak.hex() for peak in compact_range(done, tree.reader()).peaks],
        "checkpoint": signed.note,
    }
    draft = path.with_name(f"{path.name}.part")
    with draft.open("wb") as file:
        file.write(json.dumps(header).encode() + b"\n")
        for hashed in _hashed_parts(done, signed.size):
            file.write(hashed + b"\n")
    draft.replace(path)
    return signed.size - done


def _hashed_parts(after: int, until: int) -> Iterator[bytes]:
    entries = Entry.objects.filter(sequence__gt=after, sequence__lte=until).order_by("sequence")
    for hashed in entries.values_list("hashed", flat=True).iterator(chunk_size=2000):
        yield bytes(hashed)
