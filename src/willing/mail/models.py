"""Which server the school sends mail with, what waits to be sent, and who wants which mail."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person, School


class Encryption(models.TextChoices):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls", _("STARTTLS (usually port 587)")
    TLS = "tls", _("TLS (usually port 465)")
    NONE = "none", _("None, on this computer only")


class MailServer(models.Model):
    """The server that takes the school's mail. Its password is sealed with the master key."""

    school = models.OneToOneField(
        School, on_delete=models.PROTECT, primary_key=True, related_name="mail_server"
    )
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    encryption = models.CharField(max_length=8, choices=Encryption.choices)
    username = models.CharField(max_length=254, blank=True)
    sealed_password = models.TextField(blank=True)
    sender = models.EmailField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
    # The last time that the server took a mail with exactly these settings.
    worked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="mail_port_1_to_65535"),
        ]


class MailInbox(models.Model):
    """The mailbox to which undelivered mail comes back. Only reports of that are read."""

    school = models.OneToOneField(
        School, on_delete=models.PROTECT, primary_key=True, related_name="mail_inbox"
    )
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField()
    encryption = models.CharField(max_length=8, choices=Encryption.choices)
    username = models.CharField(max_length=254)
    sealed_password = models.TextField(blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    # A word of `errors.FAULTS`: why the last attempt failed.
    fault = models.CharField(max_length=20, blank=True, default="")
    # Up to which mail it was read, in IMAP's numbers.
    uid_validity = models.PositiveBigIntegerField(default=0)
    uid_last = models.PositiveBigIntegerField(default=0)
    # Reports that were understood and deleted, and those that were left where they are.
    taken = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(port__gte=1, port__lte=65535), name="inbox_port_1_to_65535"),
        ]


class Topic(models.TextChoices):
    """What mail is about; a guardian may want one and not the other."""

    ANSWER = "answer", _("The school has answered a report or a request")
    NOTICE = "notice", _("The privacy notice has changed and your answer is needed again")
    ARREARS = "arrears", _("The balance for the canteen is below zero")
    REFUND = "refund", _("A purchase that was charged twice was refunded")
    INVITE = "invite", _("The school sends you a link to make your sign-in")
    PAY_IN = "pay_in", _("Money was paid in for your child")
    PAY_OUT = "pay_out", _("Money was paid out to you")
    LOW = "low", _("The balance is below the sum that you chose on your child's page")
    CARD = "card", _("Your child's card was reported lost and was revoked")
    ABSENT = "absent", _("Your child is absent and the school does not know why, or is here after all")
    FOOD = "food", _("Your child's allergens: whether the school's list still holds")
    LEAVE = "leave", _("Your child asks for leave and needs your answer")
    BOUGHT = (
        "bought",
        _("Your child bought something: receipts of the day, with what was bought"),
    )


# Nobody gets these unasked: they hold more than a first name and a link.
ON_REQUEST = (Topic.BOUGHT,)


class Mail(models.Model):
    """A mail to a guardian. Its text is written when it is sent, in their language, and kept nowhere."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Address refused")
        DROPPED = "dropped", _("Not sent")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="mails")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    # Of which day it tells, where it is about one: once a guardian, child and day.
    day = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True, blank=True)
    # Of the address that a server refused: nothing more is sent to it.
    address_digest = models.CharField(max_length=64, blank=True, default="")
    # What the server answered, as a number: 550 and the like.
    reply_code = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="mail_settled_or_waiting",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | (~Q(address_digest="") & Q(reply_code__isnull=False)),
                name="mail_refused_with_reason",
            ),
            models.UniqueConstraint(
                fields=["guardian", "person", "topic", "day"],
                condition=Q(day__isnull=False),
                name="one_mail_a_day_of_a_topic",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="mail_by_state")]


class SealedCode(models.Model):
    """The code in the link of an invitation that waits to be sent, sealed with the master key.

    Deleted when the mail is sent, refused or dropped, or when the invitation is no longer valid.
    """

    mail = models.OneToOneField(Mail, on_delete=models.CASCADE, primary_key=True, related_name="code")
    sealed = models.TextField()
    made_at = models.DateTimeField(default=now)


class MailStop(models.Model):
    """A guardian does not want mail about a topic."""

    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="mail_stops")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    stopped_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "topic"], name="one_stop_a_guardian_and_topic"),
        ]


class MailWish(models.Model):
    """A guardian wants mail about a topic that nobody gets unasked."""

    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="mail_wishes")
    topic = models.CharField(max_length=8, choices=Topic.choices)
    wished_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "topic"], name="one_wish_a_guardian_and_topic"),
            models.CheckConstraint(condition=Q(topic__in=["bought"]), name="wish_for_what_is_on_request"),
        ]
