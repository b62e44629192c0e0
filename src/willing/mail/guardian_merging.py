"""The writer of a guardian's mail, where they had two records."""

from willing.core.transactions import atomic
from willing.mail.models import Mail, MailStop
from willing.people.models import Guardian


@atomic
def move_mail(gone: Guardian, kept: Guardian) -> None:
    """Let mails of one record be the other's, and whatever either does not want stay unwanted."""
    Mail.objects.filter(guardian=gone).update(guardian=kept)
    had = MailStop.objects.filter(guardian=kept).values("topic")
    MailStop.objects.filter(guardian=gone).exclude(topic__in=had).update(guardian=kept)
    MailStop.objects.filter(guardian=gone).delete()
