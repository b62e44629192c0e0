"""What is written when somebody uses a right."""

from datetime import date
from typing import Any

from django.db import transaction

from willing.assessment import errors as assessment_errors
from willing.assessment.actions import freeze, sign_assessment
from willing.assessment.models import SignedAssessment
from willing.audit.actions import record
from willing.people.models import Guardian, Person, School, User
from willing.people.queries import require_school
from willing.rights.assessing import live_assessment
from willing.rights.queries import everything_about
from willing.rights.sweeping import Swept, sweep_everything


@transaction.atomic
def download_everything(
    person: Person, *, guardian: Guardian | None = None, user: User | None = None
) -> dict[str, Any]:
    """Return all that is held about a person, and write into the log who took it (promise 7)."""
    facts = {"guardian": str(guardian.id) if guardian else None, "by": user.pk if user else None}
    record("record.downloaded", subject=person.id, facts=facts, personal={})
    return everything_about(person, guardian=guardian)


def sweep() -> Swept:
    """End everything whose time is over or whose ground is gone: nightly, and after a restored backup."""
    return sweep_everything(require_school())


@transaction.atomic
def sign_dpia(school: School, *, read_sha256: str, review_on: date, by: User) -> SignedAssessment:
    """Sign the assessment as it stands today, if it is what the signer read.

    read_sha256: of the content that was on the page (`assessment.actions.freeze`).
    Raises Refused assessment_changed, not_the_dpo, review_date_not_valid.
    """
    content = live_assessment(school)
    if freeze(content)[1] != read_sha256:
        raise assessment_errors.assessment_changed()
    return sign_assessment(school, content, review_on=review_on, by=by)
