"""Reads of what comes before a signature: families asked, risks considered, the text read."""

from datetime import date, timedelta

from willing.accounts.models import User
from willing.dpia.fuse_rules import OUT_OF_DATE_AHEAD
from willing.dpia.fuses import policy_of
from willing.dpia.models import FamilyConsultation, Risk, RiskReview
from willing.dpia.queries import latest_assessment, latest_reading
from willing.dpia.rules import Preparation
from willing.people.models import School
from willing.people.queries import today


def preparation_of(
    school: School, *, sha256: str = "", is_changed: bool = False, by: User | None = None
) -> Preparation:
    """Return what is on record of the steps towards a signature.

    sha256: of the text as it is, where it is known. is_changed: whether what was signed has changed. by: who
    would sign; None to ask whether anyone has read it. What was done counts since the newest signature.
    """
    day, signed = today(school), latest_assessment(school)
    asked_on = (
        FamilyConsultation.objects.filter(school=school)
        .order_by("-asked_on")
        .values_list("asked_on", flat=True)
        .first()
    )
    version = signed.version + 1 if signed else 1
    reading = latest_reading(school, by=by)
    return Preparation(
        families_asked=asked_on is not None,
        is_consultation_old=asked_on is not None and _is_old(school, asked_on, day),
        has_risk=Risk.objects.filter(school=school, closed_at=None).exists(),
        are_risks_reviewed=RiskReview.objects.filter(school=school, for_version=version).exists(),
        is_read=bool(sha256) and latest_reading(school, sha256, by) is not None,
        was_read=reading is not None and reading.for_version == version,
        is_signed=signed is not None,
        is_review_near=signed is not None and signed.review_on - OUT_OF_DATE_AHEAD <= day,
        is_changed=is_changed,
    )


def _is_old(school: School, asked_on: date, day: date) -> bool:
    return asked_on + timedelta(days=policy_of(school).consultation_days) - OUT_OF_DATE_AHEAD <= day
