"""The writer of a guardian's mail, where they had two records."""

from willing.core.transactions import atomic
from willing.mail.models import Mail, MailStop, MailWish
from willing.people.models import Guardian


@atomic
def move_mail(gone: Guardian, kept: Guardian) -> None:
    """Let mails of one record be the other's, and whatever either does not want stay unwanted."""
    # Both may have had one of the same day.
    Mail.objects.filter(guardian=gone).update(guardian=kept, day=None)
    had = MailStop.objects.filter(guardian=kept).values("topic")
    MailStop.objects.filter(guardian=gone).exclude(topic__in=had).update(guardian=kept)
    MailStop.objects.filter(guardian=gone).delete()
    # What nobody gets unasked goes on to the address of the one who asked, and to no other.
    MailWish.objects.filter(guardian=gone).delete()
