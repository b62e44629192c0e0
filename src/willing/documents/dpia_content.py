"""What the impact assessment says, from the live configuration, as values that canonical JSON can carry.

Statistics stop at yesterday, so that what was read in the morning can still be signed at noon.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from willing import __version__
from willing.accounts.models import Role
from willing.biometrics.picture_results import TriedTill, passed_in_tests, tried_tills
from willing.biometrics.pictures import picture_totals
from willing.biometrics.queries import kinds_of, mode_of
from willing.biometrics.reports import enrolled_by_purpose, session_outcomes
from willing.complaints.queries import wrong_person_rate, wrong_recognitions
from willing.consent.profiles import Profile, require_profile
from willing.consent.retention import LANGUAGES, how_long, kinds
from willing.documents.dpia_areas import used_areas
from willing.documents.rules import (
    classes_with_faces_only,
    permille,
    shown_use,
    slower_than_face,
    slower_ways,
)
from willing.dpia.fuse_rules import Pictures
from willing.dpia.fuses import policy_of
from willing.dpia.models import SignedAssessment
from willing.dpia.queries import consultations, incidents, latest_assessment, open_risks
from willing.gate import reports as gate_reports
from willing.gate.queries import has_lanes
from willing.people.models import School
from willing.people.queries import day_bounds, present_persons, today
from willing.terminals.models import Terminal
from willing.terminals.queries import asked_purposes, terminals
from willing.till.reports import WAITS_AT_LEAST, payments_by_class, waits_by_way

FORMAT = "willing.dpia/1"
WINDOW_DAYS = 90
# What docs/face-accuracy.md measured; a test compares the two.
MEASURED = {
    "sessions": 613,
    "not_recognised": "0.16 %",
    "wrong": 0,
    "wrong_at_most": "0.60 %",
    "photographs": "6,274",
    "people": "2,848",
}
# What a profile says that a reader of the assessment asks about.
PROFILE_RULES = (
    "guardians_decide_below_age",
    "guardians_yes_at_least",
    "any_guardian_no_wins",
    "own_yes_from_age",
    "guardians_told_below_age",
    "keep_days_max",
    "unused_days_max",
    "engine_may_load",
    "may_store_centrally",
)


# Families see their own only, and their number is no part of the configuration.
ROLES_WITH_ACCESS = ("cashier", "office", "canteen", "teacher", "dpo", "administrator")


# What changes by itself and asks for no new signature: what was counted, and by which version.
COUNTED = frozenset({"statistics", "software", "format"})


def live_dpia(school: School) -> dict[str, Any]:
    """Return everything that the assessment of a school says today."""
    return {**live_settings(school), "statistics": count_statistics(school)}


def is_changed_since(signed: SignedAssessment, live: Mapping[str, Any]) -> bool:
    """Say whether what was signed is no longer so, statistics and how many people have a role aside."""
    return _settled(json.loads(signed.content)) != _settled(live)


def _settled(content: Mapping[str, Any]) -> dict[str, Any]:
    settled = {key: value for key, value in content.items() if key not in COUNTED}
    return {**settled, "access": [one["role"] for one in content.get("access", [])]}


def live_settings(school: School) -> dict[str, Any]:
    """Return what the assessment says today, without what was counted."""
    profile = require_profile(school.legal_profile)
    areas = used_areas(school)
    return {
        "format": FORMAT,
        "software": f"Willing {__version__}",
        "school": school.name,
        "purposes": _purposes(school),
        "mode": mode_of(school),
        "profile": _profile(profile),
        "retention": retention_content(profile),
        "access": _access(school),
        "measured": MEASURED,
        "kinds": sorted(kinds_of(school)),
        "fuses": asdict(policy_of(school).bounds),
        "terminals": [_terminal(one) for one in terminals(school)],
        "families": [
            {
                "asked_on": one.asked_on.isoformat(),
                "how": one.how,
                "reached": one.families_reached,
                "said": one.said,
            }
            for one in consultations(school)
        ],
        "risks": [
            {
                "what": one.what,
                "likelihood": one.likelihood,
                "harm": one.harm,
                "mitigation": one.mitigation,
            }
            for one in open_risks(school)
        ],
        "incidents": [
            {"happened_on": one.happened_on.isoformat(), "what": one.what, "done": one.done}
            for one in incidents(school)
        ],
        **({"areas": areas} if areas else {}),
    }


def _purposes(school: School) -> list[dict[str, Any]]:
    with_face = [one.purpose for one in terminals(school) if one.takes_face]
    return [{"purpose": one, "terminals_with_camera": with_face.count(one)} for one in asked_purposes(school)]


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "source": profile.source,
        "rules": {rule: getattr(profile, rule) for rule in PROFILE_RULES},
    }


def retention_content(profile: Profile) -> list[dict[str, Any]]:
    """Return the table of what is kept, in every language."""
    return [
        {
            "key": kind.key,
            "where": kind.where,
            **{
                language: {
                    "name": kind.in_language(language).name,
                    "holds": kind.in_language(language).holds,
                    "legal_basis": kind.in_language(language).legal_basis,
                    "deleted_when": kind.in_language(language).deleted_when,
                    "how_long": how_long(kind, profile, language),
                }
                for language in LANGUAGES
            },
        }
        for kind in kinds()
    ]


def _access(school: School) -> list[dict[str, Any]]:
    staff = Role.objects.filter(school=school, user__is_active=True)
    counted = dict(staff.values_list("kind").annotate(count=Count("id")).order_by("kind"))
    return [{"role": kind, "users": counted.get(kind, 0)} for kind in ROLES_WITH_ACCESS]


def _picture_test(tried: TriedTill) -> dict[str, Any]:
    return {
        "terminal": tried.terminal.name,
        "finished_on": tried.finished_on.isoformat() if tried.finished_on else None,
        "kinds": [
            {"kind": one.kind, "tries": one.tries, "answered": one.answered, "errors": one.errors}
            for one in tried.figures
        ],
    }


def _terminal(terminal: Terminal) -> dict[str, Any]:
    return {
        "name": terminal.name,
        "purpose": terminal.purpose,
        "location": terminal.location,
        "ways": list(terminal.ways),
    }


def signed_pictures(school: School, part: str) -> Pictures:
    """Return what was signed with the newest assessment; nothing before.

    part: "pictures", which the check had found at the tills, or "picture_tests", which had passed in tests.
    """
    signed = latest_assessment(school)
    found = json.loads(signed.content).get("statistics", {}).get(part) if signed else None
    return Pictures(**found) if found else Pictures(0, 0)


def count_statistics(school: School) -> dict[str, Any]:
    """Return what was counted in the ninety days before today: waits, use, errors, people enrolled."""
    after = today(school)
    first = after - timedelta(days=WINDOW_DAYS)
    waits = waits_by_way(school, first, after)
    use = payments_by_class(school, first, after)
    begin, end = day_bounds(school, first)[0], day_bounds(school, after)[0]
    outcomes = session_outcomes(school, begin, end)
    looked = sum(outcomes.get(state, 0) for state in ("matched", "ambiguous", "unknown"))
    missed = looked - outcomes.get("matched", 0)
    wrong = wrong_recognitions(school, begin, end)
    safety = wrong_person_rate(school, begin, end)
    return {
        "first": first.isoformat(),
        "after": after.isoformat(),
        "people": present_persons(school).count(),
        "enrolled": enrolled_by_purpose(school),
        "waits": [
            {"way": one.way, "payments": one.payments, "median_s": one.median_s, "p90_s": one.p90_s}
            for one in waits
        ],
        "slower_ways": slower_ways(waits),
        **_gate_waits(school, first, after),
        "use": [{"class": one.name, "way": one.way, "payments": one.payments} for one in shown_use(use)],
        "classes_with_faces_only": classes_with_faces_only(use),
        "sessions": looked,
        "not_recognised_permille": permille(missed, looked, at_least=WAITS_AT_LEAST),
        "denied": wrong.denied,
        "confirmed_wrong": wrong.confirmed,
        "tested_tills": [_picture_test(one) for one in tried_tills(school)],
        "recognised": safety.uses,
        "pictures": asdict(picture_totals(school, first, after)),
        "picture_tests": asdict(passed_in_tests(school)),
        "wrong_at_most": None if safety.rate_at_most is None else f"{safety.rate_at_most:.2%}",
    }


def _gate_waits(school: School, first: date, after: date) -> dict[str, Any]:
    """Return the waits of a school's lanes; nothing of a school without any."""
    if not has_lanes(school):
        return {}
    waits = gate_reports.waits_by_way(school, first, after)
    return {
        "gate_waits": [
            {
                "way": one.way,
                "passages": one.times,
                "median_tenths": one.median_tenths,
                "p90_tenths": one.p90_tenths,
            }
            for one in waits
        ],
        "slower_than_face": slower_than_face(waits),
    }
