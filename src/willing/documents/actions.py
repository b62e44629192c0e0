"""The writers of the signed assessment: what was read is what is signed."""

from datetime import date
from typing import Any

from willing.accounts.models import User
from willing.core.transactions import atomic
from willing.documents.dpia_content import live_dpia
from willing.dpia import errors as assessment_errors
from willing.dpia.actions import freeze, record_reading, sign_assessment
from willing.dpia.models import AssessmentReading, SignedAssessment
from willing.people.models import School


@atomic
def sign_dpia(school: School, *, read_sha256: str, review_on: date, by: User) -> SignedAssessment:
    """Sign the assessment as it is today, if it is what the signer read.

    read_sha256: of the content that was on the page (`dpia.actions.freeze`).
    Raises Refused assessment_changed, not_the_dpo, review_date_not_valid, risks_not_considered,
    assessment_not_read.
    """
    content = _require_unchanged(school, read_sha256)
    return sign_assessment(school, content, review_on=review_on, by=by)


@atomic
def read_dpia(school: School, *, read_sha256: str, by: User) -> AssessmentReading:
    """Record that an officer read the assessment as it is today, if it is what was on their page.

    Raises Refused assessment_changed, not_the_dpo.
    """
    return record_reading(school, _require_unchanged(school, read_sha256), by=by)


def _require_unchanged(school: School, read_sha256: str) -> dict[str, Any]:
    content = live_dpia(school)
    if freeze(content)[1] != read_sha256:
        raise assessment_errors.assessment_changed()
    return content
