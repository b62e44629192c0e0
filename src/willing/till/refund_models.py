"""What of a sale was refunded, line by line."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.terminals.models import Terminal


class Refund(models.Model):
    """A refund of a sale or of a part of it; all refunds of a sale together are never more than the sale."""

    id = models.UUIDField(primary_key=True, editable=False)
    sale = models.ForeignKey("till.Sale", on_delete=models.PROTECT, related_name="refunds")
    # What it returned, and to whom.
    total_minor = models.PositiveIntegerField()
    wallet_minor = models.PositiveIntegerField()
    entitled_minor = models.PositiveIntegerField()
    carried_minor = models.PositiveIntegerField()
    cash_minor = models.PositiveIntegerField(default=0)
    # What was handed back for cash_minor, in coins that exist; None where the sale was not in cash.
    handed_minor = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    refunded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    refunded_at_terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, null=True)
    # Made without anybody: the sale was certainly a duplicate (meals.duplicates).
    is_automatic = models.BooleanField(default=False)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="refunds_by_time")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded_by__isnull=False)
                | Q(refunded_at_terminal__isnull=False)
                | Q(is_automatic=True),
                name="refund_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("wallet_minor") + F("entitled_minor") + F("carried_minor") + F("cash_minor")
                ),
                name="refund_is_given_in_full",
            ),
            models.CheckConstraint(
                condition=Q(handed_minor__isnull=True, cash_minor=0)
                | Q(handed_minor__isnull=False, cash_minor=F("total_minor")),
                name="refund_in_cash_or_not",
            ),
        ]


class RefundLine(models.Model):
    """How many of a line of its sale were refunded, at the price at which they were sold."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey("till.BasketLine", on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refund", "line"], name="one_refund_line_a_line"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="refund_line_quantity_positive"),
        ]

    @property
    def total_minor(self) -> int:
        """What was refunded of the line, in minor units."""
        return self.line.price_minor * self.quantity
