"""The permissions of many people at once: for lists, in two statements however many people there are."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from willing.consent.models import Decision
from willing.consent.profiles import require_profile
from willing.consent.queries import DecisionRow, GuardianRow, decision_rows, guardian_rows, situation_as_read
from willing.consent.rules import Permission, decide_permission
from willing.people.models import GuardianLink, Person, School


def permissions_of(school: School, persons: Sequence[Person], purpose: str) -> dict[UUID, Permission]:
    """Return by id what `permission` returns of each of these persons, who are all of `school`.

    `persons` were read with nothing else: their school is the one given.
    """
    guardians: dict[UUID, list[GuardianRow]] = defaultdict(list)
    for link in guardian_rows(GuardianLink.objects.filter(person__school=school), purpose):
        guardians[link[0]].append(link)
    decisions: dict[UUID, list[DecisionRow]] = defaultdict(list)
    for decision in decision_rows(Decision.objects.filter(person__school=school), purpose):
        decisions[decision[0]].append(decision)
    profile, found = require_profile(school.legal_profile), {}
    for person in persons:
        person.school = school
        situation = situation_as_read(person, guardians[person.id], decisions[person.id])
        found[person.id] = decide_permission(profile, situation)
    return found
