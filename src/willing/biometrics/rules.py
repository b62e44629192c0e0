"""Decisions of this room. Pure: values in, decision out; no engine, no database, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

FRAMES_AT_LEAST = 3
# The longest the camera uses (promise 3), and how long a browser may take to ask for the camera before that.
SESSION_SECONDS = 8
START_SECONDS = 30
# By how much the clocks of two computers that serve one school may differ.
APART_SECONDS = 5
# Two frames of one person at the desk are far more alike than two photographs of one person taken years apart
# (docs/face-accuracy.md); below this the desk holds frames of two people.
SAME_PERSON_COSINE = 0.5
# One photograph given twice is 1; two frames of a living face 33 ms apart came to 0.9954 at most (92 pairs
# of two clips). One saved anew with loss can't be distinguished from those: 0.91 to 0.998.
SAME_PICTURE_COSINE = 0.9995
REASON_LENGTH_MAX = 500
# A term: so long a face waits that nobody may use as it is, because the law lets the school no longer open it
# alone or because a sibling looks alike.
WAITING_DAYS_MAX = 120
# Brothers and sisters born within so many days are asked for at the desk: they may look alike.
SAME_AGE_DAYS_MAX = 366
# A face changes in months: a reference taken at a till is offered no sooner after the one before, and what is
# kept for the press is gone so soon after the match.
REFRESH_DAYS_MIN = 60
REFRESH_SECONDS = 30
# The largest frame of a till of another maker; and of our own pages, whose 640x480 have some 60 KB.
FRAME_BYTES_MAX = 2_000_000
PAGE_FRAME_BYTES_MAX = 400_000


def session_end(opened_at: datetime, first_frame_at: datetime | None) -> datetime:
    """Return when a session expires."""
    if first_frame_at is None:
        return opened_at + timedelta(seconds=START_SECONDS)
    return first_frame_at + timedelta(seconds=SESSION_SECONDS)


def session_bounds(now: datetime) -> tuple[datetime, datetime]:
    """Return between which two moments the end of a session that is not over lies.

    One that expires later than a session can was opened by a clock that ran ahead; it is over.
    """
    return now, now + timedelta(seconds=START_SECONDS + APART_SECONDS)


def enough_of_one_person(cosines: Sequence[Sequence[float]]) -> str | None:
    """Return why frames cannot make a reference, or None where they can.

    cosines: the symmetric matrix of comparison scores between all frames. Codes: too_few_frames,
    several_people.
    """
    if len(cosines) < FRAMES_AT_LEAST:
        return "too_few_frames"
    if any(score < SAME_PERSON_COSINE for row in cosines for score in row):
        return "several_people"
    return None


def is_same_picture(cosine: float) -> bool:
    """Say whether two frames are practically one picture, which is no second look at a person."""
    return cosine >= SAME_PICTURE_COSINE


def kinds_enrolled(decided: str, *, may_store_centrally: bool) -> frozenset[str]:
    """Return which kinds of template a school enrols: central, card, or both.

    decided: what the school has decided, of FacePolicy.Kinds; empty where it has not. Where the law wants
    half of each key on its owner's card, nothing else is enrolled, whatever was decided under another law.
    """
    if not may_store_centrally:
        return frozenset({"card"})
    return frozenset({"central", "card"}) if decided == "both" else frozenset({decided or "central"})


def is_same_age(one: date | None, other: date | None, *, is_same_year: bool) -> bool:
    """Say whether two children of one family are of about one age: born within a year, or in one year group.

    The dates count where both are known. is_same_year: whether they are in the same year group.
    """
    if one is None or other is None:
        return is_same_year
    return abs((one - other).days) <= SAME_AGE_DAYS_MAX


class Filing(StrEnum):
    """How far a school has met the duty to file how many people's faces it stores."""

    NOT_ASKED = "not_asked"
    SOON = "soon"
    STOPPED = "stopped"
    FILED = "filed"


def decide_filing(people: int, warn: int | None, stop: int | None, *, is_filed: bool) -> Filing:
    """Return how far a school with `people` enrolled has met it; STOPPED: nobody more until it has filed."""
    if warn is None or stop is None or people < warn:
        return Filing.NOT_ASKED
    if is_filed:
        return Filing.FILED
    return Filing.STOPPED if people >= stop else Filing.SOON


def monthly_points(months: Sequence[tuple[date, int, int]]) -> list[tuple[date, float]]:
    """Return months of own scores (first day, uses, sum in hundredths) as one point a use, mid-month."""
    return [
        (month.replace(day=15), hundredths / uses / 100)
        for month, uses, hundredths in months
        for _ in range(uses)
    ]


# Where each row of scores by age begins, in months since the enrolment; and how few people are not shown, for
# the mean of a few says something about each of them.
AGES_MONTHS = (0, 3, 6, 9, 12, 18, 24)
AGE_PEOPLE_MIN = 10


@dataclass(frozen=True)
class MonthOfScores:
    """How well one template's owner was recognised in one month. enrolled: the enrolment's day."""

    template_id: UUID
    enrolled: date
    month: date
    uses: int
    hundredths: int


@dataclass(frozen=True)
class ScoresOfAge:
    """How well faces of one age are recognised. begin, end: months since the enrolment, end excluded.

    end: None for the last row. people, uses, mean: None where there are fewer than AGE_PEOPLE_MIN people.
    """

    begin: int
    end: int | None
    people: int | None
    uses: int | None
    mean: float | None


def scores_by_age(months: Iterable[MonthOfScores]) -> list[ScoresOfAge]:
    """Return sums over all people by the age of their stored face, ages without any use left out."""
    ages: dict[int, list[MonthOfScores]] = defaultdict(list)
    for one in months:
        age = (one.month.year - one.enrolled.year) * 12 + one.month.month - one.enrolled.month
        ages[max(begin for begin in AGES_MONTHS if begin <= max(0, age))].append(one)
    ends = (*AGES_MONTHS[1:], None)
    rows = zip(AGES_MONTHS, ends, strict=True)
    return [_sum_of_age(begin, end, ages[begin]) for begin, end in rows if begin in ages]


def _sum_of_age(begin: int, end: int | None, months: Sequence[MonthOfScores]) -> ScoresOfAge:
    people, uses = len({one.template_id for one in months}), sum(one.uses for one in months)
    if people < AGE_PEOPLE_MIN:
        return ScoresOfAge(begin, end, None, None, None)
    return ScoresOfAge(begin, end, people, uses, sum(one.hundredths for one in months) / uses / 100)


def is_refresh_due(since: timedelta) -> bool:
    """Say whether a template may get another later reference. since: the enrolment, or the last one."""
    return since >= timedelta(days=REFRESH_DAYS_MIN)


@dataclass(frozen=True)
class RetentionLimits:
    """How long a template may be kept, in days: after its enrolment, and after its last use."""

    days_max: int
    unused_days_max: int


def is_overdue(age: timedelta, keeping: RetentionLimits, *, is_used: bool) -> bool:
    """Say whether a template has been kept for its longest time, or unused for too long.

    age: since the enrolment. is_used: within the last `unused_days_max` days.
    """
    too_old = age > timedelta(days=keeping.days_max)
    return too_old or (not is_used and age > timedelta(days=keeping.unused_days_max))
