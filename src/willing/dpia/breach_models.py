"""Breaches of personal data (GDPR article 33(5)): nothing of them is changed or deleted, only added to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.dpia.breach_rules import AUTHORITY, FAMILIES, LEAVE, NOTIFIED, NOTIFY
from willing.people.models import School

TEXT_MAX = 4000
SHORT_MAX = 300


class Breach(models.Model):
    """A breach of personal data. known_at: when the school became aware of it, from which the hours count."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    known_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="breach_numbered_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="breach_number_from_one"),
        ]


class BreachAccount(models.Model):
    """What is known of a breach (article 33(3)), without names; the newest account counts."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="accounts")
    number = models.PositiveIntegerField()
    what = models.TextField(max_length=TEXT_MAX)
    whom = models.CharField(max_length=SHORT_MAX)
    people = models.PositiveIntegerField(null=True)
    data = models.CharField(max_length=SHORT_MAX)
    records = models.PositiveIntegerField(null=True)
    consequences = models.TextField(max_length=TEXT_MAX, blank=True)
    measures = models.TextField(max_length=TEXT_MAX, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["breach", "number"], name="breach_account_numbered_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="breach_account_number_from_one"),
        ]


class BreachStep(models.Model):
    """A decision whether the authority or the families are notified, with its reason; or that they were.

    sent_at, reference: of a notification. why_late: the reason for a delay, where it came late.
    """

    class Recipient(models.TextChoices):
        AUTHORITY = AUTHORITY, _("The authority")
        FAMILIES = FAMILIES, _("The people concerned")

    class Step(models.TextChoices):
        NOTIFY = NOTIFY, _("Decided: notify")
        LEAVE = LEAVE, _("Decided: no notification")
        NOTIFIED = NOTIFIED, _("Notified")

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    recipient = models.CharField(max_length=9, choices=Recipient.choices)
    step = models.CharField(max_length=8, choices=Step.choices)
    reason = models.TextField(max_length=TEXT_MAX, blank=True)
    sent_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=SHORT_MAX, blank=True)
    why_late = models.TextField(max_length=TEXT_MAX, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["breach", "number"], name="breach_step_numbered_once"),
            models.UniqueConstraint(
                fields=["breach", "recipient"], condition=Q(step="notified"), name="breach_notified_once"
            ),
            models.CheckConstraint(
                condition=Q(recipient__in=["authority", "families"]), name="breach_step_recipient_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(step__in=["notify", "leave"], sent_at__isnull=True) & ~Q(reason="")
                    | Q(step="notified", sent_at__isnull=False)
                ),
                name="breach_step_has_reason_or_time",
            ),
        ]


class Authority(models.Model):
    """Whom a school notifies, as the officer entered it; without a row, what the legal profile says."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True, related_name="+")
    name = models.CharField(max_length=SHORT_MAX)
    contact = models.CharField(max_length=SHORT_MAX, blank=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)
