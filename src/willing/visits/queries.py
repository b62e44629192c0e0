"""Reads of visits: who is expected, who is on the site, who never signed out; who of the staff is in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from willing.accounts.models import User
from willing.core.codes import normalise_code
from willing.core.comparison import fold_for_search, search_words
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.people.queries import find_by_full_name, today
from willing.visits import errors
from willing.visits.models import StaffDay, Visit
from willing.visits.rules import is_badge_valid

COMING_SHOWN = 100


def badge_digest(code: str) -> str:
    """Return what is kept of a badge's code."""
    return keyed_digest("visitor-badge", normalise_code(code))


def _visits(school: School) -> QuerySet[Visit]:
    return Visit.objects.filter(school=school).select_related("host", "announced_by", "in_by", "out_by")


def require_visit(school: School, visit_id: UUID) -> Visit:
    """Return a visit. Raises Refused visit_unknown."""
    found = _visits(school).filter(pk=visit_id).first()
    if found is None:
        raise errors.visit_unknown()
    return found


def find_badge(school: School, code: str) -> Visit | None:
    """Return the visit whose printed badge bears a code, while that badge passes a gate; None else."""
    if not normalise_code(code):
        return None
    found = _visits(school).filter(badge_digest=badge_digest(code)).first()
    return found if found is not None and is_badge_valid(found.at_desk, today=today(school)) else None


def _on_site(school: School) -> QuerySet[Visit]:
    return _visits(school).filter(in_at__isnull=False, out_at=None)


def visitors_on_site(school: School) -> list[Visit]:
    """Return who was signed in and not out, those of earlier days first: nobody is taken off by a clock."""
    return list(_on_site(school).order_by("day", "name", "id"))


def visitors_gone_since(school: School, since: datetime) -> list[Visit]:
    """Return who was signed out at a moment or later."""
    return list(_visits(school).filter(in_at__isnull=False, out_at__gte=since))


def badges_taken(school: School) -> set[int]:
    """Return the numbers of the badges that visitors on the site have."""
    rows = _on_site(school).filter(badge_number__isnull=False)
    return {number for number in rows.values_list("badge_number", flat=True) if number is not None}


def is_named_as_pupil(school: School, name: str) -> bool:
    """Say whether a pupil at the school bears a name."""
    return any(one.kind == Person.Kind.PUPIL for one in find_by_full_name(school, name))


def _came(visit: Visit) -> datetime:
    assert visit.in_at is not None  # nobody else is on the site
    return visit.in_at


@dataclass(frozen=True)
class VisitorDesk:
    """The desk's lists. never_out: of earlier days, and nobody knows when they left."""

    never_out: list[Visit]
    on_site: list[Visit]
    expected: list[Visit]
    gone: list[Visit]


def _is_found(visit: Visit, words: list[str]) -> bool:
    """Say whether each word is part of a name, of the firm or of the host's name, or the badge's number."""
    found = fold_for_search(visit.name, visit.organisation, visit.host.get_short_name())
    return all(one in found or one == str(visit.badge_number) for one in words)


def desk_of(school: School, text: str = "") -> VisitorDesk:
    """Return the lists of the desk as they are now, who came last first on the site; two statements.

    text: only those of whom every word is found.
    """
    day, words = today(school), search_words(text)
    inside = [one for one in visitors_on_site(school) if _is_found(one, words)]
    rows = _visits(school).filter(day=day).exclude(in_at__isnull=False, out_at=None)
    of_today = [one for one in rows if _is_found(one, words)]
    return VisitorDesk(
        [one for one in inside if one.day < day],
        sorted((one for one in inside if one.day >= day), key=_came, reverse=True),
        sorted(
            (one for one in of_today if one.in_at is None and one.cancelled_at is None),
            key=lambda one: (one.expected_at is None, one.expected_at, one.name),
        ),
        sorted((one for one in of_today if one.out_at is not None), key=lambda one: one.name),
    )


def coming_of(school: School, user: User) -> tuple[list[Visit], int]:
    """Return the next visits that someone hosts or announced, the first first, and how many there are."""
    rows = _visits(school).filter(Q(host=user) | Q(announced_by=user), day__gte=today(school), in_at=None)
    rows = rows.filter(cancelled_at=None)
    found = list(rows.order_by("day", "name", "id")[:COMING_SHOWN])
    return found, len(found) if len(found) < COMING_SHOWN else rows.count()


def count_never_out(school: School) -> int:
    """Return how many visitors of earlier days were never signed out."""
    return _on_site(school).filter(day__lt=today(school)).count()


@dataclass(frozen=True)
class StaffOnSite:
    """A member of staff who signed in today and not out. One of the two ids is there."""

    name: str
    user_id: int | None
    person_id: UUID | None


def staff_on_site(school: School, *, since: date | None = None) -> list[StaffOnSite]:
    """Return who of the staff said that they are in today, by name. Who said nothing is not on it.

    since: who came on that day and has not left yet, for a night that began then.
    """
    rows = StaffDay.objects.filter(school=school, day__range=(since or today(school), today(school)))
    last = {}
    for one in rows.select_related("user__guardian", "user__person", "person").order_by("day", "id"):
        last[one.user_id, one.person_id] = one
    found = [
        StaffOnSite(
            one.person.full_name if one.person else str(one.user.get_short_name()) if one.user else "",
            one.user_id,
            one.person_id,
        )
        for one in last.values()
        if one.is_in
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def has_staff_days(school: School) -> bool:
    """Say whether anyone of the staff has said today that they are in, or have left again."""
    return StaffDay.objects.filter(school=school, day=today(school)).exists()


def is_user_in(school: School, user: User) -> bool:
    """Say whether someone who is signed in said that they are in today."""
    return StaffDay.objects.filter(school=school, day=today(school), user=user, is_in=True).exists()


def staff_persons(school: School) -> list[Person]:
    """Return the staff who need no sign-in of their own, by name: the desk signs them in."""
    rows = Person.objects.filter(school=school, kind=Person.Kind.STAFF, left_at=None, merged_into=None)
    return list(rows.exclude(given_name="").order_by("given_name", "family_name", "id"))


def visit_data(visit: Visit) -> dict[str, Any]:
    """Return all that is kept of a visit, for the visitor to read or to take along (GDPR 15 and 20)."""
    zone = ZoneInfo(visit.school.time_zone)

    def moment(at: datetime | None) -> str:
        return at.astimezone(zone).isoformat(timespec="minutes") if at else ""

    return {
        "kind": visit.kind,
        "name": visit.name,
        "organisation": visit.organisation,
        "purpose": visit.purpose,
        "host": visit.host.get_short_name(),
        "day": visit.day.isoformat(),
        "expected_at": visit.expected_at.isoformat("minutes") if visit.expected_at else "",
        "has_a_pupils_name": visit.is_namesake,
        "announced_by": visit.announced_by.get_short_name(),
        "announced_at": moment(visit.announced_at),
        "cancelled_at": moment(visit.cancelled_at),
        "in_at": moment(visit.in_at),
        "signed_in_by": visit.in_by.get_short_name() if visit.in_by else "",
        "was_shown_what_to_do_in_a_fire": visit.is_inducted,
        "badge_number": visit.badge_number,
        "badge_was_printed": visit.badge_digest != "",
        "out_at": moment(visit.out_at),
        "signed_out_by": visit.out_by.get_short_name() if visit.out_by else "",
        "closed_without_signing_out": visit.is_closed,
    }
