"""What a message about a gate says: a first name, in or out, and where to stop it. No door and no time."""

from django.urls import reverse
from django.utils.translation import gettext as _

from willing.gate.models import Direction
from willing.people.models import Person


def subject_and_text(person: Person, direction: str) -> tuple[str, str]:
    """Return subject and text of a message, in the active language."""
    school = person.school
    is_in = direction == Direction.IN
    subject = _("%(school)s: your child came in") if is_in else _("%(school)s: your child went out")
    said = (
        _("%(name)s came in through a gate of the school.")
        if is_in
        else _("%(name)s went out through a gate of the school.")
    )
    link = f"{school.public_address.rstrip('/')}{reverse('portal:child', args=[person.id])}"
    text = "\n\n".join(
        [
            said % {"name": person.given_name},
            _("This is no register. If no message comes, that says nothing about where a child is."),
            _("You chose these messages; they cost nothing. Stop them on the page of your child: %(link)s")
            % {"link": link},
        ]
    )
    return " ".join((subject % {"school": school.name}).split()), text
