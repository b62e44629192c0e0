"""Messages to families of those who are absent without a reason: staged, held, sent, undone, answered.

What a message says is written when it goes out, and kept nowhere.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.mail.models import Mail
from willing.people.models import Guardian, Person, School


class MessageSettings(models.Model):
    """How a school messages families; without it only a press does, for the next contact too."""

    school = models.OneToOneField(
        School, on_delete=models.CASCADE, primary_key=True, related_name="message_settings"
    )
    # Whether messages are staged by themselves after the close of registers; they are held all the same.
    is_automatic = models.BooleanField(default=False)
    # After how many minutes without an answer the next contact is messaged; None: by a press alone.
    next_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(next_minutes=None) | Q(next_minutes__gte=5, next_minutes__lte=240),
                name="next_contact_after_a_while",
            ),
        ]


class MessageRun(models.Model):
    """Messages about one of a day's registers that were staged together."""

    class State(models.TextChoices):
        STOPPED = "stopped", _("Stopped: more than 5 % of all pupils")
        HELD = "held", _("Held")
        SENT = "sent", _("Sent")
        UNDONE = "undone", _("Undone, nobody was messaged")
        LAPSED = "lapsed", _("Not sent: the day was over")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="message_runs")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    staged_at = models.DateTimeField(default=now)
    # None where it was staged by itself.
    staged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # How many families it is about, as the screen shows it, and how many pupils were in registers.
    families = models.PositiveIntegerField()
    roll = models.PositiveIntegerField()
    # Who typed the number of a run above the cap.
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # Of the hold; once sent, until the next contacts are messaged. The worker counts them down.
    seconds_left = models.PositiveIntegerField()
    looked_at = models.DateTimeField(default=now)
    # When it was sent, undone or let go, and who undid it.
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["day", "state"], name="message_runs_of_a_day")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["stopped", "held"], settled_at__isnull=True)
                | Q(state__in=["sent", "undone", "lapsed"], settled_at__isnull=False),
                name="message_run_settled_or_waiting",
            ),
        ]


class AbsenceMessage(models.Model):
    """That the family of one pupil is asked about one register, and what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Messaged")
        NOT_SENT = "not_sent", _("Not messaged")
        CLEARED = "cleared", _("Is here")

    class Cleared(models.TextChoices):
        WRONG = "wrong", _("was marked wrongly, is here")
        CAME = "came", _("has come to school")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(MessageRun, on_delete=models.CASCADE, related_name="messages")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absence_messages")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # A word of `message_rules.Verdict`, or "undone" or "lapsed": why nobody was messaged. "" otherwise.
    reason = models.CharField(max_length=12, blank=True, default="")
    cleared_as = models.CharField(max_length=5, choices=Cleared.choices, blank=True, default="")
    # The member of staff who reached the family, by telephone for the most part.
    reached_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reached_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # The last line of defence: nobody's family is messaged twice about one register.
            models.UniqueConstraint(
                fields=["person", "day", "number"],
                condition=Q(state__in=["waiting", "sent", "cleared"]),
                name="one_message_about_a_register",
            ),
            models.CheckConstraint(
                condition=Q(state="not_sent") ^ Q(reason=""), name="message_not_sent_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="cleared") ^ Q(cleared_as=""), name="message_cleared_says_how"
            ),
        ]


class ContactTry(models.Model):
    """One attempt to reach a guardian, in the order of the pupil's contacts."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        # A port of others was given it, and has not answered: never given again.
        HANDED = "handed", _("Given to be sent, no answer yet")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")
        WITHDRAWN = "withdrawn", _("Withdrawn before it went out")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(AbsenceMessage, on_delete=models.CASCADE, related_name="tries")
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="contact_tries")
    # "mail", or the name of a port.
    channel = models.CharField(max_length=20)
    # Whether it says that the pupil is here, to someone who was messaged that they are not.
    is_clear = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    mail = models.OneToOneField(Mail, on_delete=models.SET_NULL, null=True, related_name="contact_try")
    begun_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True)
    # A word of `message_rules.Answer`; what a guardian said.
    answer = models.CharField(max_length=16, blank=True, default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message", "guardian", "channel", "is_clear"], name="each_contact_once"
            ),
        ]


class ContactCheck(models.Model):
    """That the way in which the school reaches a guardian was confirmed; of what, only a digest."""

    guardian = models.OneToOneField(
        Guardian, on_delete=models.CASCADE, primary_key=True, related_name="contact_check"
    )
    digest = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField(default=now)
    # The member of staff who asked them; None where the guardian pressed it.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
