"""Ten invented pupils, so that a school can try a lunch before it has entered anyone; gone with one press."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from willing.accounts.models import User
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.credentials.cards import issue_card
from willing.credentials.leavers import record_leavers
from willing.people.models import Person, School
from willing.people.persons import NewPerson, add_persons

# Names of many scripts and lengths, so that the pages show what real lists do to them.
GIVEN_NAMES = ("Amara", "Bilal", "Chloé", "Dmytro", "Eun-ji", "Farah", "Gabriel", "Hana", "Íris", "小明")


@dataclass(frozen=True)
class TrialPupil:
    """An invented pupil, and the code of the card that was made for them."""

    person: Person
    code: str


def trial_persons(school: School) -> list[Person]:
    """Return the invented pupils who are here, in the order of their till numbers."""
    here = Person.objects.filter(school=school, is_invented=True, left_at=None).select_related("year_group")
    return list(here.order_by("till_number"))


@atomic
def add_trial_pupils(school: School, *, by: User) -> list[TrialPupil]:
    """Add the invented pupils, each with a card; where they are here already, return them.

    They have no money: what they eat goes on their grace like anybody's.
    """
    lock(School.objects).get(pk=school.pk)  # two presses at once make ten, not twenty
    found = trial_persons(school)
    if not found:
        new = [NewPerson(name, _("(invented)"), year=_("Trial"), is_invented=True) for name in GIVEN_NAMES]
        found = add_persons(school, new)
    return [TrialPupil(one, _card_code(one, by)) for one in found]


def _card_code(person: Person, by: User) -> str:
    """Return the code of an invented pupil's first card: the same one however often it is asked for."""
    return issue_card(person, by=by, key=derive_id(person.id, "trial-card"))


@atomic
def remove_trial_pupils(school: School, *, by: User) -> int:
    """Let the invented pupils leave: cards end at once, and nobody sees them any more. Return how many.

    What was sold to them stays in the books, as every sale does.
    """
    return record_leavers([one.id for one in trial_persons(school)], by=by).persons
