"""How much a person may spend, as their guardians, the office and the school set it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.people.models import Guardian, Person, School


def _face_within(all_ways: str, name: str) -> models.CheckConstraint:
    """Return that a face alone is let pay no more than all ways together."""
    unset = Q(face_daily_minor__isnull=True) | Q(**{f"{all_ways}__isnull": True})
    return models.CheckConstraint(condition=unset | Q(face_daily_minor__lte=F(all_ways)), name=name)


class SpendingLimits(models.Model):
    """How much a person may spend, as one of their guardians or the office set it.

    Of all that a person has, and of the school's, the strictest counts (till.limit_rules).
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="limits")
    # By all ways to pay together in one purchase, a day, a week; by a face alone in a day. None: no limit.
    purchase_minor = models.PositiveIntegerField(null=True)
    daily_minor = models.PositiveIntegerField(null=True)
    weekly_minor = models.PositiveIntegerField(null=True)
    face_daily_minor = models.PositiveIntegerField(null=True)
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, user__isnull=True)
                | Q(guardian__isnull=True, user__isnull=False),
                name="limits_set_by_one",
            ),
            models.UniqueConstraint(fields=["person", "guardian"], name="one_limits_a_guardian"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(guardian=None), name="one_limits_of_the_office"
            ),
            _face_within("daily_minor", "face_limit_within_the_day"),
            _face_within("weekly_minor", "face_limit_within_the_week"),
        ]


class SchoolLimits(models.Model):
    """What a school set of its own limits; None is what the table of currencies says (till.school_limits)."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True, related_name="limits")
    # What a face alone may pay in a day, and what everyone may spend in a day by all ways; None: no limit.
    face_daily_minor = models.PositiveIntegerField(null=True)
    daily_minor = models.PositiveIntegerField(null=True)
    # The same in one purchase and in a week.
    purchase_minor = models.PositiveIntegerField(null=True)
    weekly_minor = models.PositiveIntegerField(null=True)
    # What is above is asked about once.
    unusual_price_minor = models.PositiveIntegerField(null=True)
    large_pay_in_minor = models.PositiveIntegerField(null=True)
    # The highest limit that a guardian can choose.
    guardian_max_minor = models.PositiveIntegerField(null=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            _face_within("daily_minor", "school_face_limit_within_the_day"),
            _face_within("weekly_minor", "school_face_limit_within_the_week"),
        ]
