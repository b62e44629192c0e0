"""Days on which England counts meals, what each day served, and purchases that look like duplicates."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import School
from willing.till.models import Sale
from willing.till.refund_models import Refund


class CensusDay(models.Model):
    """A day whose meals England's school census asks for."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="census_days")
    day = models.DateField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["-day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "day"], name="census_day_once"),
        ]


class ServedDay(models.Model):
    """How many main meals a day served, as of the morning on which it was counted (meals.counting)."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    granted = models.PositiveIntegerField()
    paid = models.PositiveIntegerField()
    staff = models.PositiveIntegerField()
    visitors = models.PositiveIntegerField()
    counted_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "day"], name="served_day_once"),
        ]


class Duplicate(models.Model):
    """Two purchases of one person that are so alike that the second may be a mistake."""

    class State(models.TextChoices):
        OPEN = "open"  # the office decides
        REFUNDED = "refunded"  # it was certain, or the office said so
        MEANT = "meant"  # both were meant: nothing is refunded, or was charged again

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="+")
    second = models.OneToOneField(Sale, on_delete=models.PROTECT, related_name="duplicate")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    is_certain = models.BooleanField(default=False)
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="+")
    # Charged once more where the office undid a refund that was made by itself.
    charged_again = models.OneToOneField(Sale, on_delete=models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-found_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="open", refund=None)
                | Q(state="refunded", refund__isnull=False)
                | Q(state="meant"),
                name="duplicate_refunded_with_a_refund",
            ),
        ]

    @property
    def may_be_undone(self) -> bool:
        """Whether it was refunded by itself, so that the office may have it charged again."""
        return self.state == self.State.REFUNDED and self.is_certain
