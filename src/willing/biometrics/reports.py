"""Statistics of the camera for the assessment: outcomes of sessions, and how many people are enrolled."""

from datetime import datetime

from django.db.models import Count

from willing.biometrics.models import FaceSession, Template
from willing.people.models import School


def session_outcomes(school: School, begin: datetime, end: datetime) -> dict[str, int]:
    """Return how many sessions opened in [begin, end) have each outcome; absent means none."""
    rows = FaceSession.objects.filter(school=school, opened_at__gte=begin, opened_at__lt=end)
    return dict(rows.values_list("state").annotate(count=Count("id")).order_by("state"))


def enrolled_by_purpose(school: School) -> dict[str, int]:
    """Return how many people are enrolled for each purpose; absent means nobody."""
    rows = Template.objects.filter(person__school=school)
    return dict(rows.values_list("purpose").annotate(count=Count("id")).order_by("purpose"))
