"""What a sale in cash has beside other sales."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from willing.till.paid_by import CashBuyer


class CashPayment(models.Model):
    """How a sale was paid in cash: by whom as far as prices and tax care, and what was handed over.

    The database keeps each as it is, and lets only sales in cash have one (migration 0004).
    """

    sale = models.OneToOneField("till.Sale", on_delete=models.PROTECT, primary_key=True, related_name="cash")
    buyer = models.CharField(max_length=8, choices=CashBuyer.choices)
    # The sale's total in coins that exist, and what was handed over for it.
    due_minor = models.PositiveIntegerField()
    tendered_minor = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(tendered_minor__gte=F("due_minor")), name="cash_tendered_covers_what_is_due"
            ),
            models.CheckConstraint(condition=Q(buyer__in=["visitor", "staff"]), name="cash_of_no_pupil"),
        ]

    @property
    def change_minor(self) -> int:
        """What the cashier hands back, in minor units."""
        return self.tendered_minor - self.due_minor
