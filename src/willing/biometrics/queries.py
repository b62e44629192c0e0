"""Reads about faces: who has a template, what a session's outcome was. Never a template itself."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from willing.biometrics.models import FaceSession, Template
from willing.biometrics.sessions import captures
from willing.people.models import Person, User


def has_face(person: Person, purpose: str | None = None) -> bool:
    """Say whether a person has a template (for `purpose`, or for any)."""
    rows = Template.objects.filter(person=person)
    return rows.filter(purpose=purpose).exists() if purpose else rows.exists()


def templates_of(person: Person) -> QuerySet[Template]:
    """Return a person's template rows, without the sealed bytes."""
    return Template.objects.filter(person=person).defer("sealed").order_by("purpose")


def uses_of_face(person: Person) -> QuerySet[FaceSession]:
    """Return the sessions that recognised a person, newest first."""
    return FaceSession.objects.filter(person=person).order_by("-opened_at")


def find_session(session_id: UUID, *, place: UUID) -> FaceSession | None:
    """Return a session of this terminal, or None: another terminal's session does not exist for it."""
    return FaceSession.objects.select_related("school").filter(pk=session_id, place=place).first()


@dataclass(frozen=True)
class CaptureProgress:
    """How far a capture at the desk is: of whom, what for, how many good frames."""

    person_id: UUID
    purpose: str
    good_frames: int


def find_capture(capture_id: UUID, *, user: User) -> CaptureProgress | None:
    """Return how far this user's capture is, or None where it is over or somebody else's."""
    capture = captures.find(capture_id)
    if capture is None or capture.user_id != user.pk:
        return None
    return CaptureProgress(capture.person_id, capture.purpose, len(capture.faces))
