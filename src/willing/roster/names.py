"""Names for a preview: whose guardian is unlinked. Reads only."""

from dataclasses import dataclass

from willing.people.models import GuardianLink, School
from willing.roster.plan import Plan


@dataclass(frozen=True, slots=True)
class NamedLink:
    """A guardian who is unlinked from a person, or would be."""

    person: str
    guardian: str
    is_held: bool


def named_links(school: School, planned: Plan, limit: int) -> list[NamedLink]:
    """Return the first guardians who are unlinked, by name."""
    found = planned.unlinked(limit)
    links = GuardianLink.objects.filter(person__school=school).select_related("person", "guardian")
    by_id = links.in_bulk([one.link_id for one in found if one.link_id is not None])
    return [
        NamedLink(by_id[one.link_id].person.full_name, by_id[one.link_id].guardian.name, one.is_held)
        for one in found
        if one.link_id in by_id
    ]
