"""Fuses that switch faces off by themselves, at which numbers, and what the officer decided about them."""

from dataclasses import asdict
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.dpia.fuse_rules import RANGES, Bounds, FuseKind
from willing.people.models import School, YearGroup

REASON_CHARS_MAX = 500


def _within(name: str, low: int, high: int) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{name}__gte": low, f"{name}__lte": high}), name=f"fuse_{name}_within"
    )


class FusePolicy(models.Model):
    """At which numbers a school's fuses blow (fuse_rules.Bounds); they hold from the next signature on.

    weighed_on: the last day on which the numbers were read.
    """

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True, related_name="+")
    uses_min = models.PositiveIntegerField(default=Bounds.uses_min)
    pupils_min = models.PositiveIntegerField(default=Bounds.pupils_min)
    faces_permille = models.PositiveIntegerField(default=Bounds.faces_permille)
    wait_permille = models.PositiveIntegerField(default=Bounds.wait_permille)
    wait_days = models.PositiveIntegerField(default=Bounds.wait_days)
    wrong_permille = models.PositiveIntegerField(default=Bounds.wrong_permille)
    consultation_days = models.PositiveIntegerField(default=Bounds.consultation_days)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)
    weighed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [_within(name, low, high) for name, (low, high) in RANGES.items()]

    @property
    def bounds(self) -> Bounds:
        """What is set, as a value."""
        return Bounds(**{name: getattr(self, name) for name in asdict(Bounds())})


class Fuse(models.Model):
    """A fuse from its warning to its end: it was cleared before it blew, or the officer decided.

    Of a class or, without one, of the school. It keeps no numbers: what it says is that its bounds were met.
    """

    class Kinds(models.TextChoices):
        MOSTLY_FACES = FuseKind.MOSTLY_FACES, _("Nearly everyone pays with a face")
        FASTER_FACE = FuseKind.FASTER_FACE, _("The card takes much longer than the face")
        WRONG_PERSON = FuseKind.WRONG_PERSON, _("Faces are taken for another's too often")
        OUT_OF_DATE = FuseKind.OUT_OF_DATE, _("The assessment or the consultation of families is out of date")
        ATTACKS = (
            FuseKind.ATTACKS,
            _("More pictures are held up, or pass in tests, than when the assessment was signed"),
        )

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kinds.choices)
    # A class that is deleted takes its fuses along: without one it would be the school's.
    year_group = models.ForeignKey(YearGroup, on_delete=models.CASCADE, null=True, related_name="fuses")
    warned_at = models.DateTimeField(default=now)
    blows_on = models.DateField()
    blown_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The officer's decision: faces go on until that day, for this reason.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=REASON_CHARS_MAX, blank=True, default="")
    accepted_until = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["blows_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "kind", "year_group"],
                condition=Q(closed_at=None, year_group__isnull=False),
                name="one_fuse_a_class_and_kind",
            ),
            models.UniqueConstraint(
                fields=["school", "kind"],
                condition=Q(closed_at=None, year_group=None),
                name="one_fuse_a_school_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, reason="", accepted_until=None)
                | (
                    Q(decided_by__isnull=False, accepted_until__isnull=False, closed_at__isnull=False)
                    & ~Q(reason="")
                ),
                name="fuse_decided_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[one.value for one in FuseKind])
                & (Q(year_group=None) | Q(kind="mostly_faces")),
                name="fuse_kind_known",
            ),
        ]
