"""What is declared of the allergens of a product, and who signed it for which day."""

from datetime import date
from typing import ClassVar

from django.db import models

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id

CHANGE_CHARS_MAX = 200


class Declaration(models.Model):
    """One version of what is declared of a product. It never changes; a new one takes its place.

    Both columns are of allergens (allergens.table): what the product contains, and what it may contain.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey("till.Product", on_delete=models.PROTECT, related_name="declarations")
    contains = models.TextField(blank=True, default="")
    may_contain = models.TextField(blank=True, default="")
    # Which ingredient changed; "" for a first version.
    change = models.CharField(max_length=CHANGE_CHARS_MAX, blank=True, default="")
    # None: a list that was imported by a command.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(default=now)
    # The last day on which it was signed for that day, and the last one for which it was signed ahead; here
    # too, so that a sale reads them with the product.
    signed_on = models.DateField(null=True)
    signed_ahead_for = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["product", "-declared_at"], name="declarations_of_a_product"),
        ]

    @property
    def last_signed_for(self) -> date | None:
        """The last day for which it was signed."""
        return max(filter(None, (self.signed_on, self.signed_ahead_for)), default=None)

    def is_signed_for(self, day: date) -> bool:
        """Say whether a named person signed this version for a day, on it or the school day before."""
        return day in (self.signed_on, self.signed_ahead_for)


class MenuSignature(models.Model):
    """That a named person signed a declaration for a day: what is in it today is what it says."""

    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="signatures")
    day = models.DateField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["declaration", "day"], name="declaration_signed_once_a_day"),
        ]
