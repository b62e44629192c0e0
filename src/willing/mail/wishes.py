"""About what a guardian wants mail."""

from willing.mail.models import ON_REQUEST, MailStop, MailWish, Topic
from willing.people.models import Guardian


def topics_of(guardian: Guardian) -> list[str]:
    """Return about what a guardian wants mail: everything that they did not stop, and what they asked for."""
    stopped = set(MailStop.objects.filter(guardian=guardian).values_list("topic", flat=True))
    asked = set(MailWish.objects.filter(guardian=guardian).values_list("topic", flat=True))
    return [
        topic for topic in Topic.values if (topic in asked if topic in ON_REQUEST else topic not in stopped)
    ]
