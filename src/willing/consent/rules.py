"""The one function that turns recorded decisions into a permission. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.consent.profiles import Profile

# The keys of the reasons, in the order in which a page lists them.
REASONS = (
    "left_school",
    "own_no",
    "guardian_no",
    "own_yes_missing",
    "guardian_yes_missing",
    "guardian_not_notified",
    "no_guardian_listed",
    "profile_forbids",
)


@dataclass(frozen=True)
class Said:
    """One recorded decision: `guardian` is None where the person decided about themselves."""

    id: int
    guardian: UUID | None
    answer: str  # yes | no | withdrawn
    at: datetime


@dataclass(frozen=True)
class Situation:
    """Everything that a permission follows from.

    age_years: whole years at the moment of use; None where the school does not know it, which counts as the
    age that needs most.
    """

    age_years: int | None
    present: bool
    guardians: frozenset[UUID]
    notified: frozenset[UUID]
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Permission:
    """Whether a person's face may be used for a purpose, why not, and on which decisions it rests."""

    granted: bool
    reasons: tuple[str, ...]
    own_decision: int | None = None
    guardian_decision: int | None = None


def decide_permission(profile: Profile, situation: Situation) -> Permission:
    """Return the permission that follows from `situation` under `profile`.

    A person's latest word counts. Of two words by one person at the same moment the more protective one
    counts, so that the order in which equal timestamps arrive never matters. A withdrawal is a no.
    The decisions of a guardian who is no longer listed grant nothing, and their objection ends with them.
    """
    own = _latest(said for said in situation.said if said.guardian is None)
    guardians = {
        guardian: _latest(said for said in situation.said if said.guardian == guardian)
        for guardian in sorted(situation.guardians)
    }
    yes = [said for said in guardians.values() if said and said.answer == "yes"]
    reasons = _own_reasons(profile, situation.age_years, own)
    if _is_below(situation.age_years, profile.guardians_decide_below_age):
        reasons |= _guardian_reasons(profile, situation, guardians)
    told = situation.guardians <= situation.notified
    if _is_below(situation.age_years, profile.guardians_told_below_age) and not told:
        reasons.add("guardian_not_notified")
    if not profile.engine_may_load:
        reasons.add("profile_forbids")
    if not situation.present:
        reasons.add("left_school")
    return Permission(
        granted=not reasons,
        reasons=tuple(reason for reason in REASONS if reason in reasons),
        own_decision=own.id if own and own.answer == "yes" else None,
        guardian_decision=yes[0].id if yes else None,
    )


def _is_below(age_years: int | None, limit_years: int) -> bool:
    return age_years is None or age_years < limit_years


def _own_reasons(profile: Profile, age_years: int | None, own: Said | None) -> set[str]:
    if own and own.answer != "yes":
        return {"own_no"}
    if own is None and (age_years is None or age_years >= profile.own_yes_from_age):
        return {"own_yes_missing"}
    return set()


def _guardian_reasons(profile: Profile, situation: Situation, guardians: dict[UUID, Said | None]) -> set[str]:
    reasons = set()
    answers = [said.answer for said in guardians.values() if said]
    if not situation.guardians:
        reasons.add("no_guardian_listed")
    if profile.any_guardian_no_wins and any(answer != "yes" for answer in answers):
        reasons.add("guardian_no")
    if answers.count("yes") < profile.guardians_yes_at_least:
        reasons.add("guardian_yes_missing")
    return reasons


def _latest(said: Iterable[Said]) -> Said | None:
    return max(said, key=lambda one: (one.at, one.answer != "yes", one.id), default=None)
