"""Seal the references of an enrolment so that only the pupil's card opens them, in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from willing.biometrics import card_processes, errors
from willing.biometrics.card_messages import Message
from willing.biometrics.card_processes import ProcessFailed
from willing.biometrics.card_sessions import context_of
from willing.biometrics.models import Template

if TYPE_CHECKING:
    from willing.face import Face


@dataclass(frozen=True)
class SealedShare:
    """What the desk's page made of a scanned card: which card it is, and its share, sealed to a process.

    share: in hexadecimal; only the capture's own process can read it.
    """

    card_id: UUID
    share: str = field(repr=False)


@dataclass(frozen=True)
class SealingCard:
    """The card that a capture at the desk is sealed with."""

    capture_id: UUID
    of: SealedShare


def seal_with(card: SealingCard, template: Template, faces: "Sequence[Face]", half: bytes) -> bytes:
    """Return the references of these faces, sealed under the school's half of the key and the card's.

    Raises Refused card_needed where the share is not one that was sealed for this capture.
    """
    import numpy as np

    process = card_processes.find(card.capture_id)
    if process is None:
        raise errors.card_needed()
    rows = np.stack([face.reference.vector for face in faces]).astype("<f4")
    asked = {
        "deed": "seal",
        "share": card.of.share,
        "half": half.hex(),
        "context": context_of(template),
        "sibling": None,
        "sibling_bytes": 0,
    }
    try:
        answered = process.ask(Message(asked, rows.tobytes()))
    except ProcessFailed:
        raise errors.card_needed() from None
    finally:
        rows[:] = 0
    if answered.said.get("is_refused"):
        raise errors.card_needed()
    return answered.blob


def forget_faces(faces: "Sequence[Face]") -> None:
    """Overwrite what was computed from the frames: from now on it lies sealed only."""
    for face in faces:
        for template in (face.template, face.reference):
            template.vector.setflags(write=True)
            template.vector[:] = 0
            template.vector.setflags(write=False)
