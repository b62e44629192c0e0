"""Statistics of complaints: how often a face was taken for another's, and what waits for an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from willing.audit.clock_state import believed
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.biometrics.models import FaceSession
from willing.complaints.models import Complaint
from willing.complaints.rules import due_at
from willing.consent.profiles import require_profile
from willing.core.clock import STEP, now
from willing.core.statistics import rate_at_most
from willing.people.models import School
from willing.people.queries import day_bounds
from willing.terminals.models import Terminal

SAFETY_DAYS = 90


@dataclass(frozen=True)
class WrongRecognitions:
    """How often a face showed someone else's name.

    denied: presses of "Not me" after a face, which also happen by mistake. confirmed: reports that the office
    looked into and found right.
    """

    denied: int
    confirmed: int


def wrong_recognitions(school: School, begin: datetime, end: datetime) -> WrongRecognitions:
    """Return how often a face was said to be wrong at a school's terminals in [begin, end)."""
    terminals = {str(pk) for pk in Terminal.objects.filter(school=school).values_list("id", flat=True)}
    entries = Entry.objects.filter(event="identification.denied", at__gte=begin, at__lt=end)
    told = [facts_of(entry) for entry in entries.iterator()]
    denied = [one for one in told if one.get("way") == "face" and one.get("terminal") in terminals]
    return WrongRecognitions(len(denied), _confirmed(school, begin, end))


def _confirmed(school: School, begin: datetime, end: datetime) -> int:
    rows = Complaint.objects.filter(
        school=school, kind=Complaint.Kind.WRONG_RECOGNITION, outcome=Complaint.Outcome.CONFIRMED
    ).filter(raised_at__gte=begin, raised_at__lt=end)
    # Two guardians may have reported the same use; it was wrong once.
    return len({(sale or session) for sale, session in rows.values_list("sale_id", "face_session")})


@dataclass(frozen=True)
class WrongPersonRate:
    """How often faces recognised someone at a school, and how often that was wrong.

    rate_at_most: with 95 % certainty the true rate of wrong recognitions lies under it; None without uses.
    """

    uses: int
    confirmed: int
    rate_at_most: float | None


def wrong_person_rate(
    school: School, begin: datetime | None = None, end: datetime | None = None
) -> WrongPersonRate:
    """Return the rate for [begin, end); by default for the last ninety days.

    Until now is until a step of the clock later: a use that bears a moment ahead, because the clock was put
    back by a few seconds since, is a use.
    """
    end = end or now() + STEP
    begin = begin or end - timedelta(days=SAFETY_DAYS)
    sessions = FaceSession.objects.filter(school=school, state=FaceSession.State.MATCHED)
    uses = sessions.filter(opened_at__gte=begin, opened_at__lt=end).count()
    confirmed = _confirmed(school, begin, end)
    return WrongPersonRate(uses, confirmed, rate_at_most(min(confirmed, uses), uses))


@dataclass(frozen=True)
class Unanswered:
    """How many complaints and requests wait for an answer, and how many should have had one by now."""

    in_time: int
    overdue: int


def count_unanswered(school: School) -> Unanswered:
    """Return how many complaints and requests wait for an answer."""
    rows = Complaint.objects.filter(school=school, outcome="").select_related("person__school")
    late = [now() > due_of(one) for one in rows]
    return Unanswered(in_time=late.count(False), overdue=late.count(True))


def extension_of(school: School) -> str:
    """Return by how much the law lets the time to answer be extended; "" where it does not."""
    return require_profile(school.legal_profile).answer_extension


def due_if_sent_now(school: School) -> datetime:
    """Return until when what a family sends now has to be answered, under the school's law."""
    received = now().astimezone(ZoneInfo(school.time_zone))
    return due_at(received, require_profile(school.legal_profile).answer_period)


def due_of(complaint: Complaint) -> datetime:
    """Return until when a complaint or request has to be answered, under the school's law."""
    school = complaint.person.school
    profile = require_profile(school.legal_profile)
    received = believed(complaint.raised_at).astimezone(ZoneInfo(school.time_zone))
    if complaint.received_on is not None:
        received = day_bounds(school, complaint.received_on)[0]
    extension = profile.answer_extension if complaint.extended_at else ""
    return due_at(received, profile.answer_period, extension)
