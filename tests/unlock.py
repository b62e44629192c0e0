"""Unlock the faces of a test's school the way a school does: families asked, assessment signed, mode set."""

from datetime import timedelta

from willing.assessment.actions import Asked, record_families_asked, sign_assessment
from willing.assessment.queries import today
from willing.assessment.rules import REVIEW_DAYS_MAX
from willing.biometrics.deciding import decide_mode
from willing.people.models import School, User


def unlock_faces(school: School, dpo: User) -> None:
    """Ask families, sign, and record that a face alone may identify (1:N). `dpo` has that role there."""
    asked = Asked(today(school), "Letter and evening", 120, "Most want it as one way among others")
    record_families_asked(school, asked, by=dpo)
    sign_assessment(
        school, {"school": school.name}, review_on=today(school) + timedelta(days=REVIEW_DAYS_MAX), by=dpo
    )
    decide_mode(school, "identify", reason="Families asked for one press", by=dpo)
