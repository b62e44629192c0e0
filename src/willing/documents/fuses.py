"""Read the numbers by which fuses blow, and weigh them once a day: those of days that are over."""

from datetime import date, timedelta

from django.db import close_old_connections
from django.db.models import Count, Q

from willing.audit.clock_state import clock_state
from willing.biometrics.picture_results import passed_in_tests
from willing.biometrics.pictures import picture_totals
from willing.complaints.queries import wrong_person_rate
from willing.core.clock import now
from willing.credentials.models import Card
from willing.documents.dpia_content import WINDOW_DAYS, signed_pictures
from willing.dpia.fuse_rules import (
    Bounds,
    FuseKind,
    GroupPayments,
    is_attacked_more,
    is_mostly_faces,
    is_much_faster,
    is_often_wrong,
    is_out_of_date,
)
from willing.dpia.fuses import FuseFinding, lapse_of, policy_of, settle_fuses, signed_bounds
from willing.dpia.queries import latest_assessment
from willing.people.models import Person, School
from willing.people.queries import day_bounds, find_school, today
from willing.people.school_days import sitting_at
from willing.terminals.models import Way
from willing.till.counting import count_sold
from willing.till.models import Sale
from willing.till.reports import median_waits_by_day

# Of how many days before today the numbers are; waits need more, for they count days with enough of both.
USE_DAYS, WAIT_DAYS = 30, 90


def weigh_here() -> int:
    """Weigh the numbers of this installation's school, if that was not done today. Return how many warn."""
    school = find_school()
    warned = weigh(school) if school is not None else 0
    close_old_connections()
    return warned


def weigh(school: School) -> int:
    """Let fuses warn, blow and clear by the numbers until yesterday, once a day. Return how many warn anew.

    Where nothing is signed faces are locked anyway; under a clock that can't be believed, too.
    """
    day = today(school)
    if latest_assessment(school) is None or policy_of(school).weighed_on == day or clock_state().is_behind:
        return 0
    count_sold(school)
    return len(settle_fuses(school, findings(school, day), is_quiet=is_quiet(school)))


def is_quiet(school: School) -> bool:
    """Say whether nothing was sold yet today, and no sitting is under way."""
    begin, end = day_bounds(school, today(school))
    sold = Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
    return not sold.exists() and sitting_at(school, now()) is None


def findings(school: School, day: date) -> set[FuseFinding]:
    """Return the fuses whose signed bounds are met by the numbers before a day."""
    bounds = signed_bounds(school)
    found = _mostly_faces(school, day, bounds)
    if is_much_faster(_waits(school, day), bounds):
        found.add(FuseFinding(FuseKind.FASTER_FACE))
    begin = day_bounds(school, day - timedelta(days=WINDOW_DAYS))[0]
    wrong = wrong_person_rate(school, begin, day_bounds(school, day)[0])
    if is_often_wrong(wrong.confirmed, wrong.uses, bounds):
        found.add(FuseFinding(FuseKind.WRONG_PERSON))
    lapses = lapse_of(school)
    if lapses is not None and is_out_of_date(lapses, day):
        found.add(FuseFinding(FuseKind.OUT_OF_DATE))
    lately = picture_totals(school, day - timedelta(days=USE_DAYS), day)
    if is_attacked_more(signed_pictures(school, "pictures"), lately) or is_attacked_more(
        signed_pictures(school, "picture_tests"), passed_in_tests(school)
    ):
        found.add(FuseFinding(FuseKind.ATTACKS))
    return found


def _mostly_faces(school: School, day: date, bounds: Bounds) -> set[FuseFinding]:
    """Return the classes, and the school, where nearly all pay with a face although they have cards."""
    uses = uses_by_class(school, day - timedelta(days=USE_DAYS), day)
    found = {
        FuseFinding(FuseKind.MOSTLY_FACES, class_id)
        for class_id, use in uses.items()
        if class_id is not None and is_mostly_faces(use, bounds)
    }
    whole = GroupPayments(
        uses=sum(one.uses for one in uses.values()),
        pupils=sum(one.pupils for one in uses.values()),
        faces=sum(one.faces for one in uses.values()),
        has_cards=any(one.has_cards for one in uses.values()),
    )
    return found | ({FuseFinding(FuseKind.MOSTLY_FACES)} if is_mostly_faces(whole, bounds) else set())


def uses_by_class(school: School, first: date, after: date) -> dict[int | None, GroupPayments]:
    """Return how pupils paid from a day until before another, by the class in which they are now.

    It is now that a class must be free to choose. None: those who are in no class.
    """
    begin, end = day_bounds(school, first)[0], day_bounds(school, after)[0]
    sold = Sale.objects.filter(
        school=school, settled_at__gte=begin, settled_at__lt=end, person__kind=Person.Kind.PUPIL
    )
    rows = (
        sold.order_by()
        .values_list("person__year_group")
        .annotate(
            uses=Count("id"),
            pupils=Count("person", distinct=True),
            faces=Count("id", filter=Q(way=Way.FACE)),
        )
    )
    live = Card.objects.filter(revoked_at=None, person__school=school, person__left_at=None)
    with_cards = set(live.values_list("person__year_group", flat=True).distinct())
    return {
        class_id: GroupPayments(uses, pupils, faces, class_id in with_cards)
        for class_id, uses, pupils, faces in rows
    }


def _waits(school: School, day: date) -> list[tuple[int, int]]:
    """Return the median waits of face and card of each day before a day on which both are known."""
    days = median_waits_by_day(school, day - timedelta(days=WAIT_DAYS), day)
    return [
        (ways[Way.FACE], ways[Way.CARD]) for ways in days.values() if Way.FACE in ways and Way.CARD in ways
    ]
