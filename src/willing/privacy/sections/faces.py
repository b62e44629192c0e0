"""A person's templates, how well they were recognised, and each use of the camera."""

from typing import Any

from django.db.models import Q

from willing.biometrics.models import FaceSession, LookalikePair, OwnScores
from willing.biometrics.queries import places_of, templates_of
from willing.people.models import Person
from willing.people.queries import local_day
from willing.privacy.values import iso


def faces(person: Person) -> list[dict[str, Any]]:
    """Return which templates are stored, without the templates."""
    return [
        {
            "purpose": row.purpose,
            "mode": row.mode,
            "references": row.references,
            "model": row.model_id,
            "enrolled_at": iso(row.enrolled_at),
            "refreshed_at": iso(row.refreshed_at),
            "suspended_at": iso(row.suspended_at),
            "suspended_for": row.suspended_for or None,
            "unconfirmed_since": iso(row.unconfirmed_since),
            # Whom they resemble is about another person.
            "looks_like_somebody": LookalikePair.objects.filter(Q(one=row) | Q(other=row)).exists(),
        }
        for row in templates_of(person)
    ]


def recognition(person: Person) -> list[dict[str, Any]]:
    """Return how well a person's own face was recognised, by month."""
    rows = OwnScores.objects.filter(template__person=person).select_related("template").order_by("month")
    return [
        {
            "purpose": row.template.purpose,
            "month": f"{row.month:%Y-%m}",
            "uses": row.uses,
            "likeness_percent": round(row.hundredths / row.uses),
        }
        for row in rows.defer("template__sealed")
    ]


def uses_of_face(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return each use of the camera that matched or claimed the person: all, or the `newest` few.

    At a gate its day alone, while the camera still looks too: the minute would say when they went through.
    """
    rows = FaceSession.objects.filter(Q(person=person) | Q(claimed=person)).order_by("-opened_at")
    sessions = list(rows[:newest])
    places = places_of(sessions)
    return [
        {
            "purpose": session.purpose,
            "place": places[session.id],
            "mode": session.mode,
            "outcome": session.state,
            "at": _day(person, session) if session.is_by_day else iso(session.opened_at),
        }
        for session in sessions
    ]


def _day(person: Person, session: FaceSession) -> str:
    return local_day(person.school, session.opened_at).isoformat()
