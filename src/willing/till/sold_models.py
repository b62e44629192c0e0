"""Payments of each day by seconds waited and by class, added up so that no report reads them all."""

from typing import ClassVar

from django.db import models

from willing.people.models import School


class SalesCounted(models.Model):
    """Up to which receipt a school's sales are in its counted days."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, primary_key=True, related_name="+")
    last_receipt = models.PositiveBigIntegerField(default=0)


class SoldDay(models.Model):
    """The payments of a day that are counted so far, in the school's own time. Cash is none of them.

    waits: by way, then by whole seconds: {"card": {"7": 12}}; without those of which nobody knows the wait.
    classes: by class, then by way: {"7A": {"card": 12}}; "" has those who were in no class.
    """

    counted = models.ForeignKey(SalesCounted, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    waits = models.JSONField(default=dict)
    classes = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["counted", "day"], name="sold_day_once"),
        ]
