"""The rates of tax that a school sets, and what was added up of each day that is over."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.books.rules import RATE_MAX
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import School
from willing.till.menu_rules import TAX_CODE_CHARS_MAX


class Buyer(models.TextChoices):
    """Who buys, as far as tax and statistics care."""

    PUPIL = "pupil", _("Pupils")
    STAFF = "staff", _("Staff")
    VISITOR = "visitor", _("Visitors")


class TaxRate(models.Model):
    """The rate of a tax code from a day on, for everyone or for one group of buyers."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="tax_rates")
    # As products name it; empty: what has no code.
    code = models.CharField(max_length=TAX_CODE_CHARS_MAX, blank=True)
    # Empty: everyone for whom the code has no rate of their own.
    buyer = models.CharField(max_length=8, choices=Buyer.choices, blank=True)
    # In hundredths of a percent: 2000 is 20 %.
    rate = models.PositiveSmallIntegerField()
    first_day = models.DateField()
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    set_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["code", "buyer", "-first_day"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "code", "buyer", "first_day"], name="one_tax_rate_a_code_buyer_and_day"
            ),
            models.CheckConstraint(condition=Q(rate__lte=RATE_MAX), name="tax_rate_at_most_100_percent"),
        ]


class CountedDay(models.Model):
    """A day that is over and was added up, with how many rows it was made of (books.counting)."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="counted_days")
    day = models.DateField()
    sales = models.PositiveIntegerField()
    refunds = models.PositiveIntegerField()
    transfers = models.PositiveIntegerField()
    counted_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "day"], name="one_count_a_day"),
        ]


class DayTotal(models.Model):
    """What a day sold of one product, category, way, hour, class and so on: by says which, key says what."""

    counted = models.ForeignKey(CountedDay, on_delete=models.CASCADE, related_name="totals")
    by = models.CharField(max_length=10)
    key = models.CharField(max_length=80)
    payments = models.PositiveIntegerField()
    items = models.PositiveIntegerField()
    gross_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["counted", "by", "key"], name="one_total_a_key"),
        ]


class DayMovement(models.Model):
    """What a day posted on the accounts of one kind and part for one reason; all wallets are one."""

    counted = models.ForeignKey(CountedDay, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=12)
    part = models.CharField(max_length=36, blank=True)
    reason = models.CharField(max_length=12)
    debits_minor = models.BigIntegerField()
    credits_minor = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["counted", "kind", "part", "reason"], name="one_movement_an_account_and_reason"
            ),
        ]


class MonthEnd(models.Model):
    """A month that was closed: what its report says from then on, whatever comes late (migration 0002)."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="month_ends")
    first_day = models.DateField()
    # Canonical JSON of `books.months.Month`, and its SHA-256, which the log holds as well.
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["first_day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "first_day"], name="one_close_a_month"),
        ]
