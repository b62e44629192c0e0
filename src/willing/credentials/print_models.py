"""What was printed in one go, and what of it a person has seen come out of the printer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.people.models import Guardian, Person, School


class PrintRun(models.Model):
    """Cards, PIN slips or letters of many people, made at one press. Its id is the form's own.

    No code, PIN or share is kept with it: what is on the paper is on the paper only.
    """

    class Kind(models.TextChoices):
        CARDS = "cards"
        PINS = "pins"
        LETTERS = "letters"

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="print_runs")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    layout = models.CharField(max_length=16)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=now, db_index=True)
    # How many there are to make, and how many are made by now.
    total = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    # When the sheets went to the browser; None while they are being made, and where that was broken off.
    ready_at = models.DateTimeField(null=True)
    # When the last sheet was confirmed or given up.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["cards", "pins", "letters"]), name="print_run_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(ready_at__isnull=False),
                name="print_run_closed_after_ready",
            ),
        ]


class PrintedItem(models.Model):
    """One card, slip or letter of a run: on which sheet it is, and whether that was printed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        CONFIRMED = "confirmed"
        VOID = "void"

    run = models.ForeignKey(PrintRun, on_delete=models.CASCADE, related_name="items")
    # A letter's is the first of the guardian's children in the order of the envelopes.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="printed")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="+")
    card = models.OneToOneField(
        "credentials.Card", on_delete=models.CASCADE, null=True, related_name="printed"
    )
    sheet = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="printed_item_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "confirmed", "void"]), name="printed_item_state_known"
            ),
        ]
