"""Unlock the faces of a test's school the way a school does: families asked, mode set, assessment signed."""

from datetime import timedelta

from willing.accounts.models import User
from willing.biometrics.school_policy import decide_mode
from willing.documents.actions import sign_dpia
from willing.documents.dpia_content import live_dpia
from willing.dpia.actions import Consultation, freeze, record_consultation
from willing.dpia.rules import REVIEW_DAYS_MAX
from willing.people.models import School
from willing.people.queries import today


def unlock_faces(school: School, dpo: User) -> None:
    """Ask families, record that a face alone may identify (1:N), and sign. `dpo` has that role there."""
    asked = Consultation(today(school), "Letter and evening", 120, "Most want it as one way among others")
    record_consultation(school, asked, by=dpo)
    decide_mode(school, "identify", reason="Families asked for one press", by=dpo)
    sign_what_is_read(school, dpo)


def sign_what_is_read(school: School, dpo: User) -> None:
    """Sign the assessment as it reads today, to be reviewed as late as may be."""
    read = freeze(live_dpia(school))[1]
    sign_dpia(school, read_sha256=read, review_on=today(school) + timedelta(days=REVIEW_DAYS_MAX), by=dpo)
