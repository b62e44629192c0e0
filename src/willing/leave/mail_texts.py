"""Whether a mail about a leave that a pupil asked for is still true when it goes out."""

from willing.leave.models import Leave
from willing.mail.models import Mail
from willing.people.queries import today


def still_waits(mail: Mail) -> bool:
    """Say whether a leave of the pupil still waits for an answer of that guardian."""
    waiting = Leave.objects.filter(
        person=mail.person,
        asked_as=Leave.AskedAs.PUPIL,
        state=Leave.State.ASKED,
        last_day__gte=today(mail.person.school),
    )
    return waiting.exclude(answers__guardian=mail.guardian).exists()
