"""Days on which England counts meals."""

from typing import ClassVar

from django.db import models

from willing.accounts.models import User
from willing.core.clock import now
from willing.people.models import School


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
