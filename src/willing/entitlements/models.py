"""Who may eat free or for less, on whose account, from when to when. No till shows any of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.entitlements.rules import BREAKFAST_UNTIL, UNSPENT_DAYS, UNSPENT_DAYS_MAX
from willing.people.models import Person, School

SOURCE_NAME_CHARS_MAX = 60


class Entitlement(models.Model):
    """That the school pays for a person's food during a time, and why.

    Those of one source never overlap for a person (actions); of several sources they may.
    """

    class Kind(models.TextChoices):
        # One main meal a day, whatever it costs; the family pays `family_minor` of it.
        MEAL = "meal", _("A main meal a day")
        # A sum a day, for whatever the menu has.
        SUM = "sum", _("A sum a day")

    class Source(models.TextChoices):
        SCHOOL = "school", _("The school's own")
        INFANT = "infant", _("Universal infant free meals")
        BENEFITS = "benefits", _("Benefits-related")
        TRANSITIONAL = "transitional", _("Transitional protection")
        FUND = "fund", _("A fund or donation")
        OTHER = "other", _("Another source, named by the school")

    # Sources that England's census counts apart: the family's income decides, not the child's age.
    BENEFITS_RELATED: ClassVar = (Source.BENEFITS, Source.TRANSITIONAL)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="entitlements")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    # As the school calls it; only for "other".
    source_name = models.CharField(max_length=SOURCE_NAME_CHARS_MAX, blank=True, default="")
    # What the family pays of a reduced meal, in minor units; 0 for a free one. None for a sum.
    family_minor = models.PositiveIntegerField(null=True)
    # The sum a day, in minor units; None for a meal.
    daily_minor = models.PositiveIntegerField(null=True)
    first_day = models.DateField()
    # Both days count; None: no last day.
    last_day = models.DateField(null=True)
    # By when the office looks whether it still holds.
    check_on = models.DateField(null=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    set_at = models.DateTimeField(default=now)

    class Meta:
        ordering: ClassVar = ["first_day", "source", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "source", "source_name", "first_day"],
                name="entitlement_of_a_source_begins_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="meal", family_minor__isnull=False, daily_minor__isnull=True)
                | Q(kind="sum", family_minor__isnull=True, daily_minor__gt=0),
                name="entitlement_to_a_meal_or_a_sum",
            ),
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="entitlement_has_a_day",
            ),
            models.CheckConstraint(
                condition=(Q(source="other") & ~Q(source_name=""))
                | (
                    Q(
                        source__in=["school", "infant", "benefits", "transitional", "fund"],
                        source_name="",
                    )
                ),
                name="entitlement_names_another_source",
            ),
        ]

    @property
    def source_label(self) -> str:
        """Where it comes from, as the reader's language has it."""
        return self.source_name or str(self.get_source_display())


class UnspentRules(models.Model):
    """What happens to what is left of a sum at the end of a day, as the school decided."""

    class Rule(models.TextChoices):
        KEEP = "keep", _("The pupil keeps it, up to a bound")
        BREAKFAST = "breakfast", _("It can be spent on breakfast the next school day")
        RETURN = "return", _("It goes back to the fund")

    school = models.OneToOneField(
        School, on_delete=models.PROTECT, primary_key=True, related_name="unspent_rules"
    )
    rule = models.CharField(max_length=9, choices=Rule.choices, default=Rule.KEEP)
    # So many times the day's sum are kept at the most.
    days_max = models.PositiveSmallIntegerField(default=UNSPENT_DAYS)
    # Until when breakfast is, in the school's own time.
    breakfast_until = models.TimeField(default=BREAKFAST_UNTIL)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rule__in=["keep", "breakfast", "return"]), name="unspent_rule_known"
            ),
            models.CheckConstraint(
                condition=Q(days_max__gte=1, days_max__lte=UNSPENT_DAYS_MAX), name="unspent_days_1_to_60"
            ),
        ]
