"""Unlock the faces of a test's school the way a school does: families asked, mode set, assessment signed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from willing.accounts.models import User
from willing.biometrics.school_policy import decide_mode
from willing.documents.actions import read_dpia, sign_dpia
from willing.documents.dpia_content import live_dpia
from willing.dpia.actions import (
    Consultation,
    NewRisk,
    freeze,
    record_consultation,
    record_reading,
    record_risk,
    review_risks,
)
from willing.dpia.queries import open_risks
from willing.dpia.rules import REVIEW_DAYS_MAX
from willing.people.models import School
from willing.people.queries import today


def unlock_faces(school: School, dpo: User) -> None:
    """Ask families, let a face alone identify (1:N), and sign. `dpo` has that role there."""
    asked = Consultation(today(school), "Letter and evening", 120, "Most want it as one way among others")
    record_consultation(school, asked, by=dpo)
    decide_mode(school, "identify", reason="Families asked for one press", by=dpo)
    sign_what_is_read(school, dpo)


def sign_what_is_read(school: School, dpo: User) -> None:
    """Consider the risks, read and sign the assessment of today, to be reviewed as late as may be."""
    consider_risks(school, dpo)
    read = freeze(live_dpia(school))[1]
    read_dpia(school, read_sha256=read, by=dpo)
    sign_dpia(school, read_sha256=read, review_on=today(school) + timedelta(days=REVIEW_DAYS_MAX), by=dpo)


def consider_risks(school: School, dpo: User) -> None:
    """Consider what is on the list of risks; one is written down where none is."""
    if open_risks(school):
        review_risks(school, by=dpo)
    else:
        record_risk(school, NewRisk("A card is lost", "high", "low", "It is revoked"), by=dpo)


def prepare(school: School, content: Mapping[str, Any], dpo: User) -> None:
    """Do what comes before a signature under `content`, whatever that is."""
    consider_risks(school, dpo)
    record_reading(school, content, by=dpo)
