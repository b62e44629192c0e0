"""The school's public policy about faces, and how long each way to pay or to pass takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from willing.accounts.access import allow_anyone
from willing.attendance.queries import find_settings
from willing.biometrics.queries import kinds_of
from willing.consent.profiles import require_profile
from willing.consent.queries import require_notice
from willing.consent.retention import how_long, require_kind
from willing.consent.rules import ANSWER_AGAIN_DAYS
from willing.documents.dpia_kinds import OPENS
from willing.documents.register_notice import register_notice as notice_about_registers
from willing.dpia.fuse_labels import for_families
from willing.dpia.queries import school_fuse_blown
from willing.gate.queries import has_lanes
from willing.gate.reports import recent_waits
from willing.people.models import School
from willing.people.queries import today
from willing.people.requests import SchoolRequest, with_school
from willing.terminals.models import Way
from willing.terminals.queries import asked_purposes
from willing.till.reports import waits_by_way

# Whatever is made of a face, or proves that it was allowed; the whole table is the office's.
OF_FACES = (
    "pictures",
    "templates",
    "keys",
    "face_sessions",
    "decisions",
    "paper_forms",
    "copies",
    "key_copies",
)
# What a gate keeps of everyone who goes through, with a face or without, where there is one.
OF_A_GATE = ("passages", "passage_counts", "gate_messages")
WAIT_DAYS = 30
WAIT_CACHE_SECONDS = 600


@dataclass(frozen=True)
class WaitShown:
    """How many seconds half of all uses of one way took at most, over the last month."""

    label: str
    seconds: str


@dataclass(frozen=True)
class Waits:
    """How long each way took lately, the quickest first: at tills and, in a school with lanes, at the gate.

    at_till, at_gate: nothing before there is enough to say.
    """

    at_till: list[WaitShown]
    at_gate: list[WaitShown]
    has_gate: bool


def waits(school: School) -> Waits:
    """Return how long each way took lately."""
    language = get_language() or "en"
    key = f"portal-waits-{school.pk}-{language}"
    found: Waits | None = cache.get_or_set(key, lambda: _waits(school), WAIT_CACHE_SECONDS)
    assert found is not None
    return found


def _waits(school: School) -> Waits:
    day = today(school)
    paid = [
        (one.median_s, WaitShown(str(Way(one.way).label), str(one.median_s)))
        for one in waits_by_way(school, day - timedelta(days=WAIT_DAYS), day + timedelta(days=1))
        if one.median_s is not None
    ]
    has_gate = has_lanes(school)
    passed = [
        (one.median_tenths, WaitShown(one.label, one.seconds))
        for one in (recent_waits(school) if has_gate else ())
        if one.median_tenths is not None
    ]
    return Waits(_by_time(paid), _by_time(passed), has_gate)


def _by_time(timed: Iterable[tuple[int, WaitShown]]) -> list[WaitShown]:
    return [shown for _time, shown in sorted(timed, key=itemgetter(0))]


@require_safe
@allow_anyone("the policy is public")
@with_school
def policy(request: SchoolRequest) -> HttpResponse:
    """Show what the school does with faces, how long it keeps what, when it is deleted (BIPA 15(a))."""
    school, language = request.school, get_language() or "en"
    profile = require_profile(school.legal_profile)
    fuse = school_fuse_blown(school)
    keys = (*OF_FACES, *(OF_A_GATE if has_lanes(school) else ()))
    kinds = [require_kind(key) for key in keys]
    context = {
        "school": school,
        "source": profile.source,
        "answer_again_days": ANSWER_AGAIN_DAYS,
        "opens": [OPENS[kind] for kind in sorted(kinds_of(school))],
        "kept": [(kind.in_language(language), how_long(kind, profile, language)) for kind in kinds],
        "notices": [require_notice(purpose, "adult", language) for purpose in asked_purposes(school)],
        "waits": waits(school),
        "face_off": for_families(fuse) if fuse else "",
    }
    return render(request, "portal/policy.html", context)


@require_safe
@allow_anyone("families without an account read it too")
@with_school
def register_notice(request: SchoolRequest) -> HttpResponse:
    """Show what the school keeps in its registers; that it takes none, where that is so."""
    school = request.school
    document = notice_about_registers(school) if find_settings(school) else None
    return render(request, "portal/register_notice.html", {"school": school, "document": document})
