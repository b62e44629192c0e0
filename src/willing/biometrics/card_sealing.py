"""Seal the references of an enrolment so that only the pupil's card opens them, in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from willing.biometrics import card_processes, errors
from willing.biometrics.card_messages import Message
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_sessions import context_of
from willing.biometrics.memory import overwrite
from willing.biometrics.models import Template
from willing.keys.actions import open_person_key

if TYPE_CHECKING:
    from willing.face import Face
    from willing.face.types import Float32


@dataclass(frozen=True)
class SealedShare:
    """What the desk's page made of a scanned card: which card it is, and its share, sealed to a process.

    share: in hexadecimal; only the capture's own process can read it.
    """

    card_id: UUID
    share: str = field(repr=False)


@dataclass(frozen=True)
class SealingCard:
    """The card that a capture at the desk is sealed with, and those of siblings to compare with."""

    capture_id: UUID
    of: SealedShare
    siblings: tuple[SealedShare, ...] = ()


class LooksAlike(Exception):
    """The engine can't distinguish a newcomer from these siblings, so nothing was sealed."""

    def __init__(self, templates: Sequence[UUID]) -> None:
        super().__init__("a sibling looks alike")
        self.templates = templates


def seal_with(
    card: SealingCard, template: Template, rows: "Float32", half: bytes, siblings: Sequence[Template]
) -> bytes:
    """Return (R, 128) references, sealed under both halves of a key; rows, in "<f4", are overwritten.

    siblings: the template that each of the card's siblings opens. Raises LooksAlike; Refused card_needed
    where a share is not one that was sealed for this capture.
    """
    process = card_processes.find(card.capture_id)
    if process is None:
        raise errors.card_needed()
    compared = [
        {**_halves(share, sibling, open_person_key(sibling.key_id)), "sealed": bytes(sibling.sealed).hex()}
        for share, sibling in zip(card.siblings, siblings, strict=True)
    ]
    asked = {"deed": "seal", **_halves(card.of, template, half), "siblings": compared}
    try:
        # Not copied on its way: what is overwritten here is all that there was.
        answered = process.ask(Message(asked, rows.data.cast("B")))
    except ProcessFailed:
        raise errors.card_needed() from None
    finally:
        rows[:] = 0
    if answered.said.get("is_refused"):
        raise errors.card_needed()
    if answered.said["alike"]:
        raise LooksAlike([siblings[place].pk for place in answered.said["alike"]])
    return bytes(answered.blob)


def _halves(share: SealedShare, template: Template, half: bytes) -> dict[str, object]:
    return {"share": share.share, "half": half.hex(), "context": context_of(template)}


def references_of(faces: "Sequence[Face]") -> "Float32":
    """Return the references of faces in one array, to be overwritten once they are sealed."""
    import numpy as np

    return np.stack([face.reference.vector for face in faces]).astype("<f4", copy=False)


def forget_faces(faces: "Sequence[Face]") -> None:
    """Overwrite what was computed from the frames: from now on it lies sealed only."""
    overwrite([template for face in faces for template in (face.template, face.reference)])
