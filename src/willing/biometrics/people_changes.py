"""What spans people and faces: a change of who a person is, or who decides, may withdraw a permission.

by: the user who did it. Faces last: their keys do not come back if anything before fails.
"""

from uuid import UUID

from willing.accounts.models import User
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.core.transactions import atomic
from willing.people import guardians, persons
from willing.people.guardians import GuardianDetails
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.persons import NewPerson


@atomic
def edit_person(school: School, person_id: UUID, new: NewPerson, *, by: User) -> Person:
    """Correct what is known of a person; a birth date or a kind may ask for another yes than was given.

    Raises Refused unknown_person, name_missing.
    """
    changed = persons.edit_person(school, person_id, new, by=by.pk)
    erase_unpermitted_faces([changed.id], cause="person_changed")
    return changed


@atomic
def add_guardian(
    person: Person, details: GuardianDetails, *, relationship: str, key: UUID, by: User
) -> Guardian:
    """Add a guardian by hand, who may decide from now on: a face that they were not notified of may not stay.

    key: the form's own, so that a double press adds one. Raises Refused name_missing.
    """
    added = guardians.add_guardian_once(person, details, relationship=relationship, key=key, by=by.pk)
    erase_unpermitted_faces([person.id], cause="guardian_added")
    return added


@atomic
def link_guardian(guardian: Guardian, person: Person, *, relationship: str, by: User) -> None:
    """Let a guardian decide for another person too; twice changes nothing."""
    new = guardians.NewLink(guardian.id, person.id, relationship)
    guardians.link_guardians([new], from_roster=False, by=by.pk)
    erase_unpermitted_faces([person.id], cause="guardian_added")


@atomic
def remove_guardian(guardian: Guardian, person: Person, *, by: User) -> None:
    """Let a guardian no longer decide for a person; earlier decisions stay on record and no longer count.

    Without a guardian who said yes, no face stays. Twice changes nothing.
    """
    links = GuardianLink.objects.filter(guardian=guardian, person=person, ended_at=None)
    guardians.unlink_guardians(list(links.values_list("pk", flat=True)), by=by.pk)
    erase_unpermitted_faces([person.id], cause="guardian_removed")
