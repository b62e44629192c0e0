"""How far a school is on the way to a signed assessment: which steps are done, by whom, and which is next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from willing.accounts.models import User
from willing.documents.dpia_content import count_statistics, is_changed_since, live_settings
from willing.dpia.actions import freeze
from willing.dpia.preparation import preparation_of
from willing.dpia.queries import (
    consultations,
    latest_assessment,
    latest_reading,
    latest_review_of_risks,
    open_risks,
)
from willing.dpia.rules import LockStep, decide_steps, next_step
from willing.people.models import School


@dataclass(frozen=True)
class Done:
    """When a step was done last, and by whom; by no one known where it was before that was recorded."""

    at: datetime
    by: User | None


@dataclass(frozen=True)
class Checklist:
    """The steps in their order, what was done for each, and the next one; None where all is done."""

    steps: tuple[LockStep, ...]
    done: Mapping[str, Done]
    next: LockStep | None


def checklist_of(school: School, reader: User | None, content: Mapping[str, Any] | None = None) -> Checklist:
    """Return the steps towards a signature. reader: the officer who would sign; None for anyone else.

    content: what the assessment says now, where the caller has it. Its statistics are counted only where it
    matters whether they were read.
    """
    settings = content or live_settings(school)
    signed = latest_assessment(school)
    is_changed = signed is not None and is_changed_since(signed, settings)
    found = preparation_of(school, is_changed=is_changed, by=reader)
    if not found.is_signature_good:
        whole = content or {**settings, "statistics": count_statistics(school)}
        found = preparation_of(school, sha256=freeze(whole)[1], is_changed=is_changed, by=reader)
    steps = decide_steps(found)
    return Checklist(steps, _done(school, reader), next_step(steps))


def _done(school: School, reader: User | None) -> dict[str, Done]:
    found = {}
    asked = next(iter(consultations(school)), None)
    if asked:
        found["families"] = Done(asked.recorded_at, asked.recorded_by)
    reviewed = latest_review_of_risks(school)
    risks = open_risks(school)
    if reviewed:
        found["risks"] = Done(reviewed.at, reviewed.by)
    elif risks:
        found["risks"] = Done(risks[-1].noted_at, None)
    read = latest_reading(school, by=reader)
    if read:
        found["read"] = Done(read.at, read.by)
    signed = latest_assessment(school)
    if signed:
        found["sign"] = Done(signed.signed_at, signed.signed_by)
    return found
