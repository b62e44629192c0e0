"""The writers of the school: set up, and which organisation of a roster it is."""

from willing.audit.actions import record
from willing.core.transactions import atomic
from willing.people.models import School


@atomic
def create_school(name: str, *, currency: str = "GBP", time_zone: str = "Europe/London") -> School:
    """Set up the school of this installation."""
    school = School.objects.create(name=name, currency=currency, time_zone=time_zone)
    record("school.created", subject=school.id, facts={"currency": currency}, personal={})
    return school


@atomic
def link_school_to_roster(school: School, external_id: str) -> None:
    """Keep which organisation of the school's register this school is."""
    School.objects.filter(pk=school.pk).update(external_id=external_id)
    school.external_id = external_id
    record("school.renamed", subject=school.id, facts={}, personal={"external_id": external_id})
