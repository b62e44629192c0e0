"""Why money moved that is no sale and no pay-in, and below which balance a guardian wants to hear of it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.ledger.models import Transfer
from willing.people.models import Guardian, Person

WORDS_MAX = 200


class Move(models.Model):
    """Who moved money across, back or out, and why. From where to where, its transfer says."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, primary_key=True, related_name="move")
    # What the office says of a reversal or a write-off; families read it.
    words = models.CharField(max_length=WORDS_MAX, blank=True, default="")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, user__isnull=True)
                | Q(guardian__isnull=True, user__isnull=False),
                name="move_by_one",
            ),
        ]


class LowBalance(models.Model):
    """That a guardian wants to hear when a child's balance falls below a sum."""

    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="low_balances")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="low_balances")
    below_minor = models.PositiveIntegerField()
    # It was below when it was last read: once a crossing, a mail is written.
    is_below = models.BooleanField(default=False)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["guardian", "person"], name="one_low_balance_a_guardian_and_child"
            ),
        ]
