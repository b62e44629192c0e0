"""Unlock the faces of a test's school the way a school does: families asked, mode set, assessment signed."""

from datetime import timedelta

from willing.assessment.actions import Asked, freeze, record_families_asked
from willing.assessment.queries import today
from willing.assessment.rules import REVIEW_DAYS_MAX
from willing.biometrics.deciding import decide_mode
from willing.people.models import School, User
from willing.rights.actions import sign_dpia
from willing.rights.assessing import live_assessment


def unlock_faces(school: School, dpo: User) -> None:
    """Ask families, record that a face alone may identify (1:N), and sign. `dpo` has that role there."""
    asked = Asked(today(school), "Letter and evening", 120, "Most want it as one way among others")
    record_families_asked(school, asked, by=dpo)
    decide_mode(school, "identify", reason="Families asked for one press", by=dpo)
    sign_what_is_read(school, dpo)


def sign_what_is_read(school: School, dpo: User) -> None:
    """Sign the assessment as it reads today, to be reviewed as late as may be."""
    read = freeze(live_assessment(school))[1]
    sign_dpia(school, read_sha256=read, review_on=today(school) + timedelta(days=REVIEW_DAYS_MAX), by=dpo)
