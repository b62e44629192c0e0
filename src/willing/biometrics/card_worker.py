"""Open templates that only a card opens: a process of its own for one session of the camera, then gone.

Run as `python -m willing.biometrics.card_worker`, with no environment, no Django and no database. It makes a
key, to which a page seals the card's share; the server passes that on unread, with its own half of the key
and the sealed template. Here alone the halves meet: the frames' probes are compared here, and only what was
decided goes out, with the session and the basket that it is for. The process closes with its session, at
the latest 30 seconds after it began. Until then one press may put the best frame of a match behind the desk's
references (`Work.refresh`).
"""

import os
import resource
import signal
import sys
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from willing.biometrics.card_messages import (
    OWNER,
    SECONDS_MAX,
    Message,
    MessageCut,
    Occasion,
    read_message,
    sibling_name,
    write_message,
)
from willing.core.sealed_messages import MessageRefused, ReceivingKey

if TYPE_CHECKING:
    from willing.face.card_seal import Halves
    from willing.face.decisions import Evidence
    from willing.face.gallery import Gallery
    from willing.face.protect import SealContext
    from willing.face.refresh import Keeper
    from willing.face.types import Float32


class WorkRefused(Exception):
    """Something was asked out of turn, or a share opened nothing. Nobody learns which."""


@dataclass(frozen=True)
class Opened:
    """What a card has opened: the references, and what seals them."""

    rows: "Float32" = field(repr=False)
    halves: "Halves" = field(repr=False)
    context: "SealContext"


class CardWork:
    """One session: its occasion, its key, and what the card has opened."""

    def __init__(self, message: dict[str, Any]) -> None:
        self.occasion = Occasion(message["school"], message["session"], message["basket"])
        self._key = ReceivingKey()
        self._shares: set[str] = set()
        self._evidence: Evidence | None = None
        self._opened: Opened | None = None
        self._keeper: Keeper | None = None
        self._is_matched = False

    @property
    def public(self) -> str:
        """What a page seals to, in hexadecimal."""
        return self._key.public.hex()

    def open(self, message: dict[str, Any], blob: bytes) -> Message:
        """Open the template whose share came; its owner is compared with from now on."""
        from willing.face.decisions import Evidence
        from willing.face.refresh import Keeper

        halves = self._halves(message, OWNER)
        rows = self._open(message, blob, halves)
        self._opened, self._keeper = Opened(rows, halves, _context(message)), Keeper()
        self._evidence = Evidence(_gallery(rows, message["context"]["model"]), person=OWNER)
        return Message({})

    def compare(self, message: dict[str, Any], blob: bytes) -> Message:
        """Add one frame's probe, and answer what is decided; nothing while more frames are needed.

        After the probe comes, where the desk would take this frame as well, the frame's reference. Frames may
        come after a match too, while the check for pictures is not sure; what is said last counts.
        """
        from willing.face.decisions import FaceOutcome

        if self._evidence is None or self._keeper is None:
            raise WorkRefused
        probe, *later = [_template(row, message["model"]) for row in _rows(blob)]
        decision = self._evidence.add(probe)
        self._keeper.see(self._evidence.frames, later[0] if later else None, message.get("quality", 0.0))
        self._is_matched = decision is not None and decision.outcome is FaceOutcome.MATCH
        is_kept = self._is_matched and self._keeper.best is not None
        return Message({"decision": asdict(decision) if decision else None, "is_kept": is_kept})

    def refresh(self, message: dict[str, Any], _blob: bytes) -> Message:
        """Seal the desk's references with the best frame of the match behind them, once.

        It takes the place of an earlier one. Nothing is sealed where it is not surely of who was enrolled.
        """
        from willing.face.card_seal import open_with_card, seal_with_card
        from willing.face.refresh import is_like_desk

        opened, keeper = self._opened, self._keeper
        if opened is None or keeper is None or keeper.best is None or not self._is_matched:
            raise WorkRefused
        context, later, desk = _context(message), keeper.best, opened.rows[: message["desk"]]
        keeper.forget()
        if context != replace(opened.context, version=opened.context.version + 1) or not len(desk):
            raise WorkRefused
        if not is_like_desk([_template(row, context.model) for row in desk], later):
            return Message({"is_unlike": True})
        rows = _stacked(desk, later)
        sealed = seal_with_card(rows, opened.halves, context)
        if (open_with_card(sealed, opened.halves, context) != rows).any():
            raise WorkRefused
        return Message({"is_unlike": False}, sealed)

    def reset(self, _message: dict[str, Any], _blob: bytes) -> Message:
        """Forget the frames so far."""
        if self._evidence is None:
            raise WorkRefused
        self._evidence.reset()
        self._is_matched = False
        if self._keeper is not None:
            self._keeper.forget()
        return Message({})

    def seal(self, message: dict[str, Any], blob: bytes) -> Message:
        """Seal a newcomer's references, once they were compared with what siblings' cards open.

        Answer which siblings the engine can't tell apart from them, by their places; nothing is sealed then.
        """
        from willing.face.card_seal import open_with_card, seal_with_card

        rows, context = _rows(blob), _context(message)
        self._require_school(context)
        siblings = [
            self._open(one, bytes.fromhex(one["sealed"]), self._halves(one, sibling_name(number)))
            for number, one in enumerate(message["siblings"])
        ]
        alike = [at for at, sibling in enumerate(siblings) if _are_alike(rows, sibling, context.model)]
        if alike:
            return Message({"alike": alike})
        halves = self._halves(message, OWNER)
        sealed = seal_with_card(rows, halves, context)
        if (open_with_card(sealed, halves, context) != rows).any():
            raise WorkRefused
        return Message({"alike": []}, sealed)

    def _open(self, message: dict[str, Any], blob: bytes, halves: "Halves") -> "Float32":
        from willing.face.card_seal import open_with_card
        from willing.face.errors import FaceError

        context = _context(message)
        self._require_school(context)
        try:
            return open_with_card(blob, halves, context)
        except FaceError:
            raise WorkRefused from None

    def _halves(self, message: dict[str, Any], whose: str) -> "Halves":
        from willing.face.card_seal import Halves

        if whose in self._shares:
            raise WorkRefused  # a share is taken once: what is sent again is a replay
        try:
            share = self._key.open(bytes.fromhex(message["share"]), self.occasion.info(whose))
        except (MessageRefused, ValueError):
            raise WorkRefused from None
        self._shares.add(whose)
        return Halves(bytes.fromhex(message["half"]), share)

    def _require_school(self, context: "SealContext") -> None:
        if context.school != self.occasion.school:
            raise WorkRefused


def _context(message: dict[str, Any]) -> "SealContext":
    from willing.face.protect import SealContext

    return SealContext(**message["context"])


def _rows(blob: bytes) -> "Float32":
    import numpy as np

    from willing.face.types import TEMPLATE_LENGTH

    if not blob or len(blob) % (4 * TEMPLATE_LENGTH):
        raise WorkRefused
    return np.frombuffer(blob, "<f4").reshape(-1, TEMPLATE_LENGTH)


def _stacked(desk: "Float32", later: Any) -> "Float32":
    import numpy as np

    return np.vstack([desk, later.vector]).astype("<f4", copy=False)


def _template(row: "Float32", model: str) -> Any:
    from willing.face.types import Template

    return Template.from_array(row, model_id=model)


def _are_alike(rows: "Float32", sibling: "Float32", model: str) -> bool:
    from willing.face.enrol import find_lookalikes

    return bool(find_lookalikes(_gallery(sibling, model), [_template(row, model) for row in rows], person=""))


def _gallery(rows: "Float32", model: str) -> "Gallery":
    from willing.face.gallery import Gallery

    gallery = Gallery()
    gallery.add(OWNER, [_template(row, model) for row in rows])
    return gallery


def answer(work: CardWork | None, asked: Message) -> tuple[CardWork | None, Message]:
    """Do what was asked. Return the session, begun by the first message, and the answer that names it."""
    from willing.face.errors import FaceError

    said = asked.said
    if work is None:
        work = CardWork(said)
        return work, Message({**asdict(work.occasion), "public": work.public})
    deeds = {
        "open": work.open,
        "compare": work.compare,
        "reset": work.reset,
        "seal": work.seal,
        "refresh": work.refresh,
    }
    try:
        done = deeds[said["deed"]](said, bytes(asked.blob))
    except (WorkRefused, FaceError):
        return work, Message({**asdict(work.occasion), "is_refused": True})
    return work, Message({**asdict(work.occasion), **done.said}, done.blob)


def main() -> None:
    """Get ready at the scan of a card, then serve one session. No crash of this process leaves its memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS_MAX)
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = (
        "1"  # read by numpy as it is imported
    )
    import willing.face.card_seal
    import willing.face.enrol
    import willing.face.refresh  # noqa: F401  (the import is what takes time; the person waits for the session)

    work: CardWork | None = None
    try:
        while (asked := read_message(sys.stdin.buffer)) is not None:
            if work is None:
                signal.alarm(SECONDS_MAX)  # before this it knew nothing
            work, said = answer(work, asked)
            write_message(sys.stdout.buffer, said)
    except (MessageCut, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
