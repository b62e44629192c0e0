"""Signed assessments, what comes before a signature, the lock by hand, risks, incidents.

All but risks are append-only.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.dpia.breach_models import (  # noqa: F401  # so that Django finds them
    Authority,
    Breach,
    BreachAccount,
    BreachStep,
)
from willing.dpia.fuse_models import Fuse, FusePolicy  # noqa: F401  # so that Django finds them
from willing.people.models import School


class SignedAssessment(models.Model):
    """One signed version of a school's data protection impact assessment (GDPR article 35).

    content: canonical JSON (RFC 8785) of everything the assessment said when it was signed; its page is made
    from this text and from nothing else. sha256: of its UTF-8 bytes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="assessments")
    version = models.PositiveIntegerField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT)
    signed_at = models.DateTimeField(default=now)
    review_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "version"], name="assessment_version_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="assessment_version_from_one"),
        ]


class FamilyConsultation(models.Model):
    """Families were asked what they think of faces at the till, before any was used."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="families_asked")
    asked_on = models.DateField()
    how = models.CharField(max_length=300)
    families_reached = models.PositiveIntegerField()
    said = models.TextField(max_length=4000, help_text=_("A summary without names"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(families_reached__gte=1), name="families_asked_reached_some"
            ),
        ]


class ManualLock(models.Model):
    """A turn of the lock by hand; the one of a school that was recorded last counts."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="hand_locks")
    # The school's turns in the order they were recorded.
    number = models.PositiveIntegerField()
    is_locked = models.BooleanField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="hand_lock_numbered_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="hand_lock_number_from_one"),
        ]


class Risk(models.Model):
    """A risk that the data protection officer keeps in view, with what is done against it."""

    class Level(models.TextChoices):
        LOW = "low", _("Low")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="risks")
    what = models.CharField(max_length=300)
    likelihood = models.CharField(max_length=6, choices=Level.choices)
    harm = models.CharField(max_length=6, choices=Level.choices)
    mitigation = models.TextField(max_length=2000)
    noted_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["noted_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    likelihood__in=["low", "medium", "high"], harm__in=["low", "medium", "high"]
                ),
                name="risk_levels_known",
            ),
        ]


class RiskReview(models.Model):
    """The officer considered the risks: wrote one down, changed one, or confirmed those that are open.

    risks: how many were open then. for_version: the version that the next signature would make; clocks may
    jump, versions do not.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    risks = models.PositiveIntegerField()
    for_version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(risks__gte=1), name="risk_review_of_some"),
        ]


class AssessmentReading(models.Model):
    """An officer read the assessment whose content has this SHA-256 (hexadecimal) to its end.

    for_version: as of a `RiskReview`.
    """

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    for_version = models.PositiveIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["school", "sha256", "for_version", "by"], name="assessment_read_once"
            ),
        ]


class Incident(models.Model):
    """Something that went wrong with people's data, and what was done about it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="incidents")
    happened_on = models.DateField()
    what = models.TextField(max_length=2000)
    done = models.TextField(max_length=2000)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT)
    recorded_at = models.DateTimeField(default=now)
