"""The one function that turns recorded decisions into a permission. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
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
    "notice_changed",
    "profile_forbids",
)
# Of these, what an answer that has not been given yet would change.
WAITING = frozenset(
    {
        "own_yes_missing",
        "guardian_yes_missing",
        "guardian_not_notified",
        "no_guardian_listed",
        "notice_changed",
    }
)
# A month with a holiday in it: how long a template waits, unused, for an answer to a changed notice.
ANSWER_AGAIN_DAYS = 30


@dataclass(frozen=True)
class RecordedAnswer:
    """One recorded decision: `guardian` is None where the person decided about themselves.

    number: the place among the person's decisions in the order they were recorded, whatever the clock said.
    replaced_at: when a materially changed notice took the place of the one that was answered; None while the
    answered one still says how things are.
    """

    id: int
    guardian: UUID | None
    answer: str  # yes | no | withdrawn
    number: int
    replaced_at: datetime | None = None

    @property
    def is_live_yes(self) -> bool:
        """Whether it is a yes to what is done today. An old yes grants nothing; a no never grows old."""
        return self.answer == "yes" and self.replaced_at is None


@dataclass(frozen=True)
class PermissionSituation:
    """Everything that a permission follows from.

    age_years: whole years at the moment of use; None where the school does not know it, which counts as the
    age that needs most.
    excused: guardians who need not be notified, for a recorded reason. Their answers still count.
    ended_by_list: guardians whom a school's file removed less than a day ago. Only their no still counts.
    """

    age_years: int | None
    present: bool
    guardians: frozenset[UUID]
    notified: frozenset[UUID]
    said: tuple[RecordedAnswer, ...]
    excused: frozenset[UUID] = frozenset()
    ended_by_list: frozenset[UUID] = frozenset()

    def before_list(self) -> "PermissionSituation":
        """Return what it was before the file that may be undone: here, with the guardians it removed."""
        return replace(
            self, present=True, guardians=self.guardians | self.ended_by_list, ended_by_list=frozenset()
        )


@dataclass(frozen=True)
class Permission:
    """Whether a person's face may be used for a purpose, why not, and which decisions it depends on.

    suspended_since: set where nothing is missing but answers to a changed notice.
    waits_for_guardian: a guardian's yes is missing, or one was not notified. A no is an answer.
    """

    granted: bool
    reasons: tuple[str, ...]
    own_decision: int | None = None
    guardian_decision: int | None = None
    suspended_since: datetime | None = None
    waits_for_guardian: bool = False

    @property
    def suspended_until(self) -> datetime | None:
        """When a suspended permission expires, unless it is answered before."""
        return self.suspended_since and self.suspended_since + timedelta(days=ANSWER_AGAIN_DAYS)

    def keeps_template(self, at: datetime) -> bool:
        """Say whether a template may lie here, used or not: with a permission, or suspended and in time."""
        return self.granted or (self.suspended_until is not None and at < self.suspended_until)


def decide_permission(profile: Profile, situation: PermissionSituation) -> Permission:
    """Return the permission that follows from `situation` under `profile`.

    A person's latest word counts: the one recorded last, for a clock can be set back. A withdrawal is a no.
    The decisions of a guardian who is no longer listed grant nothing, and their objection ends with them; a
    day later where a file removed them.
    A yes to a notice that has materially changed since grants nothing until it is given again; a no stays.
    """
    own = _latest(said for said in situation.said if said.guardian is None)
    guardians = {
        guardian: _latest(said for said in situation.said if said.guardian == guardian)
        for guardian in sorted(situation.guardians)
    }
    removed = [
        _latest(said for said in situation.said if said.guardian == guardian)
        for guardian in sorted(situation.ended_by_list)
    ]
    yes = [said for said in guardians.values() if said and said.is_live_yes]
    own_reasons, own_since = _own_reasons(profile, situation.age_years, own)
    guardian_reasons: set[str] = set()
    guardians_since = None
    if _is_below(situation.age_years, profile.guardians_decide_below_age):
        guardian_reasons, guardians_since = _guardian_reasons(profile, guardians, removed)
    told = situation.guardians <= situation.notified | situation.excused
    if _is_below(situation.age_years, profile.guardians_told_below_age) and not told:
        guardian_reasons.add("guardian_not_notified")
    reasons = own_reasons | guardian_reasons
    if not profile.engine_may_load:
        reasons.add("profile_forbids")
    if not situation.present:
        reasons.add("left_school")
    return Permission(
        granted=not reasons,
        reasons=tuple(reason for reason in REASONS if reason in reasons),
        own_decision=own.id if own and own.is_live_yes else None,
        guardian_decision=yes[0].id if yes else None,
        suspended_since=min((one for one in (own_since, guardians_since) if one), default=None)
        if reasons == {"notice_changed"}
        else None,
        waits_for_guardian=bool(guardian_reasons & WAITING),
    )


def _is_below(age_years: int | None, limit_years: int) -> bool:
    return age_years is None or age_years < limit_years


def _own_reasons(
    profile: Profile, age_years: int | None, own: RecordedAnswer | None
) -> tuple[set[str], datetime | None]:
    """Return the reasons in the person's own answer and, where it is an old yes that counts, since when."""
    if own and own.answer != "yes":
        return {"own_no"}, None
    if age_years is not None and age_years < profile.own_yes_from_age:
        return set(), None
    if own is None:
        return {"own_yes_missing"}, None
    return ({"notice_changed"}, own.replaced_at) if own.replaced_at else (set(), None)


def _guardian_reasons(
    profile: Profile, guardians: dict[UUID, RecordedAnswer | None], removed: list[RecordedAnswer | None]
) -> tuple[set[str], datetime | None]:
    """Return the reasons in the guardians' words and, where old yeses would do, since when they do not.

    removed: the words of those whom a file removed less than a day ago.
    """
    reasons, since = set(), None
    words = [said for said in guardians.values() if said]
    objections = [said for said in (*words, *removed) if said and said.answer != "yes"]
    if not guardians:
        reasons.add("no_guardian_listed")
    if profile.any_guardian_no_wins and objections:
        reasons.add("guardian_no")
    missing = profile.guardians_yes_at_least - sum(said.is_live_yes for said in words)
    # Newest first: the one that would have to be live again is the one that left too few when it went.
    old = sorted(
        (said.replaced_at for said in words if said.answer == "yes" and said.replaced_at), reverse=True
    )
    if 0 < missing <= len(old):
        reasons.add("notice_changed")
        since = old[missing - 1]
    elif missing > 0:
        reasons.add("guardian_yes_missing")
    return reasons, since


def decide_taken_over(gone: RecordedAnswer | None, kept: RecordedAnswer | None) -> str | None:
    """Return the answer that two latest answers of one guardian, in two records, make the kept record's.

    None: it stays as it is. A no in either record outlasts every yes, whichever was said last.
    """
    if gone is None or (kept is not None and kept.answer != "yes"):
        return None
    if gone.answer != "yes":
        return "no"
    kept_is_old = kept is None or (kept.replaced_at is not None and gone.replaced_at is None)
    return "yes" if kept_is_old else None


def _latest(answers: Iterable[RecordedAnswer]) -> RecordedAnswer | None:
    return max(answers, key=lambda one: one.number, default=None)
