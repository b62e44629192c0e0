"""Whose references have grown old: a school year has passed, the face has changed, or the model has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F

from willing.biometrics.engine import load_engine, may_load
from willing.biometrics.models import OwnScores, Template
from willing.biometrics.rules import MonthOfScores, ScoresOfAge, monthly_points, scores_by_age
from willing.core.prepared import Parameter, prepared_update
from willing.people.models import Person, School
from willing.people.queries import today


def record_own_score(template: Template, score: float) -> None:
    """Add how well a template's owner was recognised to this month's sum. Call inside a transaction."""
    month = today(template.person.school).replace(day=1)
    hundredths = round(score * 100)
    if _add_to_month(template, month, hundredths):
        return
    _, is_new = OwnScores.objects.get_or_create(
        template=template, month=month, defaults={"uses": 1, "hundredths": hundredths}
    )
    if not is_new:  # another look at the same moment made the month's row
        _add_to_month(template, month, hundredths)


def _add_to_month(template: Template, month: date, hundredths: int) -> bool:
    return bool(_one_more_use.run(template=template.pk, month=month, hundredths=hundredths))


@prepared_update
def _one_more_use(template: Parameter, month: Parameter, hundredths: Parameter) -> int:
    of_month = OwnScores.objects.filter(template=template, month=month)
    return of_month.update(uses=F("uses") + 1, hundredths=F("hundredths") + hundredths)


@dataclass(frozen=True)
class DueForReenrolment:
    """A person who should be enrolled again. reasons: model, age, drift, card."""

    person: Person
    purpose: str
    enrolled_on: date
    reasons: tuple[str, ...]


def due_for_reenrolment(school: School) -> list[DueForReenrolment]:
    """Return whose references should be taken anew, those first who are not recognised any more at all.

    Empty where the engine cannot be loaded: nobody uses a face there.
    """
    if not may_load(school):
        return []
    rows = Template.objects.filter(person__school=school).defer("sealed").select_related("person__year_group")
    scores = _scores(school)
    due = [_assess(row, school, scores.get(row.id, ())) for row in rows.order_by("enrolled_at")]
    return sorted((one for one in due if one.reasons), key=lambda one: "model" not in one.reasons)


def school_scores_by_age(school: School) -> list[ScoresOfAge]:
    """Return how well owners are recognised, by the age of their stored face; only of faces still stored.

    Only recognised looks are counted, so a face that is not recognised any more lowers no mean: what falls
    here has fallen further.
    """
    zone = ZoneInfo(school.time_zone)
    rows = OwnScores.objects.filter(template__person__school=school).values_list(
        "template_id", "template__enrolled_at", "month", "uses", "hundredths"
    )
    return scores_by_age(
        MonthOfScores(template_id, enrolled_at.astimezone(zone).date(), month, uses, hundredths)
        for template_id, enrolled_at, month, uses, hundredths in rows.iterator(chunk_size=2000)
    )


def _assess(row: Template, school: School, months: Sequence[tuple[date, int, int]]) -> DueForReenrolment:
    from willing.face import assess_renewal

    enrolled_on = row.enrolled_at.astimezone(ZoneInfo(school.time_zone)).date()
    renewal = assess_renewal(enrolled_on, today(school), monthly_points(months))
    outdated = () if row.model_id == load_engine().model_id else ("model",)
    sealed = ("card",) if row.suspended_for == Template.Suspension.CENTRAL else ()
    return DueForReenrolment(row.person, row.purpose, enrolled_on, (*outdated, *sealed, *renewal.reasons))


def _scores(school: School) -> Mapping[UUID, Sequence[tuple[date, int, int]]]:
    found: dict[UUID, list[tuple[date, int, int]]] = defaultdict(list)
    rows = OwnScores.objects.filter(template__person__school=school).order_by("month")
    for template_id, month, uses, hundredths in rows.values_list(
        "template_id", "month", "uses", "hundredths"
    ):
        found[template_id].append((month, uses, hundredths))
    return found
