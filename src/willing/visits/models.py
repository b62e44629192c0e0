"""Who visits, on whose word, from when to when; and who of the staff is in today, without any time.

No face, no photograph, no copy of a document: a name, a firm, a host and a badge.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Person, School
from willing.visits.rules import BADGE_NUMBER_MAX, NAME_CHARS_MAX, WORDS_CHARS_MAX, VisitAtDesk, VisitStage

DIGEST_CHARS = 64


class Visit(models.Model):
    """One visit on one day, announced by a host or begun at the desk."""

    class Kind(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        CONTRACTOR = "contractor", _("Contractor")

    # Chosen by the page, so that a form that is sent twice is one visit.
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="visits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=NAME_CHARS_MAX)
    organisation = models.CharField(max_length=NAME_CHARS_MAX, blank=True, default="")
    # What for, in a few words.
    purpose = models.CharField(max_length=WORDS_CHARS_MAX, blank=True, default="")
    # Whom they visit: the member of staff who answers for them.
    host = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    # In the school's own time; None where no hour was agreed.
    expected_at = models.TimeField(null=True)
    # A pupil bears the same name, and a person said that this is another person.
    is_namesake = models.BooleanField(default=False)
    announced_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField(default=now)
    cancelled_at = models.DateTimeField(null=True)
    in_at = models.DateTimeField(null=True)
    in_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # Whether they were shown what to do in a fire and whom to ask; None before they came.
    is_inducted = models.BooleanField(null=True)
    badge_number = models.PositiveSmallIntegerField(null=True)
    # Keyed, of the code on a printed badge; "" without one. It opens a gate on this day until they are out.
    badge_digest = models.CharField(max_length=DIGEST_CHARS, blank=True, default="")
    out_at = models.DateTimeField(null=True)
    out_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # They never signed out: `out_at` says when a person closed the visit, not when they left.
    is_closed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["day"], name="visits_of_a_day")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="visitor_has_a_name"),
            models.CheckConstraint(
                condition=Q(out_at__isnull=True, is_closed=False) | Q(in_at__isnull=False),
                name="nobody_out_who_was_not_in",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | Q(in_at__isnull=True),
                name="no_cancelled_visitor_came",
            ),
            models.CheckConstraint(
                condition=Q(in_at__isnull=True, is_inducted__isnull=True)
                | Q(in_at__isnull=False, is_inducted__isnull=False),
                name="inducted_yes_or_no_once_in",
            ),
            models.CheckConstraint(
                condition=Q(badge_number__isnull=True)
                | Q(badge_number__gte=1, badge_number__lte=BADGE_NUMBER_MAX),
                name="badge_has_a_number",
            ),
            models.UniqueConstraint(
                fields=["school", "badge_number"],
                condition=Q(badge_number__isnull=False, in_at__isnull=False, out_at__isnull=True),
                name="badge_worn_by_one",
            ),
            models.UniqueConstraint(
                fields=["badge_digest"], condition=~Q(badge_digest=""), name="badge_code_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)  # never the name: this text reaches logs and errors

    @property
    def stage(self) -> VisitStage:
        """How far it has come."""
        if self.cancelled_at is not None:
            return VisitStage.CANCELLED
        if self.in_at is None:
            return VisitStage.EXPECTED
        if self.out_at is None:
            return VisitStage.IN
        return VisitStage.CLOSED if self.is_closed else VisitStage.OUT

    @property
    def at_desk(self) -> VisitAtDesk:
        """It as the rules read it."""
        return VisitAtDesk(self.stage, self.day, self.in_at, self.out_at)


class StaffDay(models.Model):
    """That a member of staff is in, or was today. It bears no time, so that nobody's hours can be read.

    user: one who signs in. person: one who doesn't. One of the two.
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    is_in = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "day"], name="staff_day_of_a_user_once"),
            models.UniqueConstraint(fields=["person", "day"], name="staff_day_of_a_person_once"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, person__isnull=True)
                | Q(user__isnull=True, person__isnull=False),
                name="staff_day_is_of_one",
            ),
        ]
