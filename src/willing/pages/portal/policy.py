"""The school's public policy about faces, and how long each way to pay takes."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from willing.accounts.access import allow_anyone
from willing.biometrics.queries import kinds_of
from willing.consent.profiles import require_profile
from willing.consent.queries import require_notice
from willing.consent.retention import how_long, require_kind
from willing.consent.rules import ANSWER_AGAIN_DAYS
from willing.documents.dpia_kinds import OPENS
from willing.dpia.fuse_labels import for_families
from willing.dpia.queries import school_fuse_blown
from willing.people.models import School
from willing.people.queries import today
from willing.people.requests import SchoolRequest, with_school
from willing.terminals.models import Way
from willing.terminals.queries import asked_purposes
from willing.till.reports import Wait, waits_by_way

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
WAIT_DAYS = 30
WAIT_CACHE_SECONDS = 600


@dataclass(frozen=True)
class WaitShown:
    """How many seconds half of all payments by one way took at most, over the last month."""

    label: str
    seconds: int


def waits(school: School) -> list[WaitShown]:
    """Return how long each way to pay took lately, the quickest first; none before there is enough to say."""
    key = f"portal-waits-{school.pk}"
    found: list[Wait] = cache.get_or_set(key, lambda: _waits(school), WAIT_CACHE_SECONDS) or []
    shown = [WaitShown(str(Way(one.way).label), one.median_s) for one in found if one.median_s is not None]
    return sorted(shown, key=lambda one: one.seconds)


def _waits(school: School) -> list[Wait]:
    day = today(school)
    return waits_by_way(school, day - timedelta(days=WAIT_DAYS), day + timedelta(days=1))


@require_safe
@allow_anyone("the policy is public")
@with_school
def policy(request: SchoolRequest) -> HttpResponse:
    """Show what the school does with faces, how long it keeps what, when it is deleted (BIPA 15(a))."""
    school, language = request.school, get_language() or "en"
    profile = require_profile(school.legal_profile)
    fuse = school_fuse_blown(school)
    kinds = [require_kind(key) for key in OF_FACES]
    context = {
        "school": school,
        "source": profile.source,
        "answer_again_days": ANSWER_AGAIN_DAYS,
        "opens": [OPENS[kind] for kind in sorted(kinds_of(school))],
        "kept": [(kind.said_in(language), how_long(kind, profile, language)) for kind in kinds],
        "notices": [require_notice(purpose, "adult", language) for purpose in asked_purposes(school)],
        "waits": waits(school),
        "face_off": for_families(fuse) if fuse else "",
    }
    return render(request, "portal/policy.html", context)
