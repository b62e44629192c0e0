"""What persons must not eat, and each block, check, override, near miss and reaction.

Data about health, which no other table holds. The log of this product names the rows only.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.allergens.table import WORDS_CHARS_MAX
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person, School
from willing.terminals.models import Terminal

ALLERGEN_CHARS_MAX = WORDS_CHARS_MAX + 1
DISH_CHARS_MAX = 100
REASON_CHARS_MAX = 400


class PersonAllergen(models.Model):
    """One allergen that a person must not eat. It protects until it is deleted, confirmed or not."""

    class Basis(models.TextChoices):
        # GDPR article 9(2)(a): those who decide for the child say so, and may take it back.
        GUARDIAN = "guardian", _("Stated by a guardian")
        # Article 9(2)(c) and (h): a plan by which the school has to protect the child.
        CARE_PLAN = "care_plan", _("From a care plan")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="allergens")
    # A key of the table, or "=" and words (allergens.table).
    allergen = models.CharField(max_length=ALLERGEN_CHARS_MAX)
    basis = models.CharField(max_length=9, choices=Basis.choices)
    # Who entered it: a guardian on their own page, or the office.
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    # When a guardian or the office last said that it still holds.
    confirmed_at = models.DateTimeField(default=now)
    # When the guardians were last asked by mail.
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["recorded_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "allergen", "guardian"], name="allergen_once_a_guardian"
            ),
            models.UniqueConstraint(
                fields=["person", "allergen"], condition=Q(guardian=None), name="allergen_once_by_the_office"
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, user__isnull=True, basis="guardian")
                | Q(guardian__isnull=True, user__isnull=False, basis__in=["guardian", "care_plan"]),
                name="allergen_entered_by_one",
            ),
            models.CheckConstraint(condition=~Q(allergen=""), name="allergen_is_named"),
        ]


class AllergenEvent(models.Model):
    """A block, a check, an override, a near miss or a reaction: what the school learns from."""

    class Kind(models.TextChoices):
        BLOCK = "block", _("Blocked at the till")
        CHECK = "check", _("Checked and served")
        OVERRIDE = "override", _("Served without certainty")
        NEAR_MISS = "near_miss", _("Near miss")
        REACTION = "reaction", _("Reaction")

    # The computer blocks; a named person does everything else.
    NAMED: ClassVar = (Kind.CHECK, Kind.OVERRIDE, Kind.NEAR_MISS, Kind.REACTION)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="allergen_events")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="allergen_events")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    # The dish as it was called, its product and how it was declared: rows of the menu, which stay.
    dish = models.CharField(max_length=DISH_CHARS_MAX)
    product_id = models.UUIDField(null=True)
    declaration_id = models.UUIDField(null=True)
    # Which allergens it was about, as a column of them (allergens.table), and the gravest cause
    # (allergens.rules.DishCause).
    allergens = models.TextField(blank=True, default="")
    why = models.CharField(max_length=12, blank=True, default="")
    reason = models.CharField(max_length=REASON_CHARS_MAX, blank=True, default="")
    # Which basket of which till; None for what was reported by hand.
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, null=True, related_name="+")
    basket_id = models.UUIDField(null=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    happened_at = models.DateTimeField(default=now)
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["school", "-happened_at"], name="allergen_events_of_a_school"),
            models.Index(fields=["basket_id"], name="allergen_events_of_a_basket"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["basket_id", "product_id", "person"],
                condition=Q(kind="block"),
                name="one_block_a_dish_in_a_basket",
            ),
            models.CheckConstraint(
                condition=Q(kind="block")
                | Q(kind__in=["check", "override", "near_miss", "reaction"], user__isnull=False),
                name="allergen_event_bears_a_name",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["block", "check"])
                | (Q(kind__in=["override", "near_miss", "reaction"]) & ~Q(reason="")),
                name="allergen_event_has_a_reason",
            ),
        ]
