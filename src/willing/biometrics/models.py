"""Sealed templates and face sessions. No picture, no score and no key stands in any of these tables."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.consent.models import Decision, Purpose
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Person, School, User


class Template(models.Model):
    """One person's references for one purpose, sealed under a key that lives in the other database."""

    class Mode(models.TextChoices):
        IDENTIFY = "identify", _("Found among all")
        VERIFY = "verify", _("Only together with a card")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="templates")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.IDENTIFY)
    sealed = models.BinaryField()
    key_id = models.UUIDField(unique=True)
    model_id = models.CharField(max_length=100)
    references = models.PositiveSmallIntegerField()
    own_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="templates_by_own_yes"
    )
    guardian_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, related_name="templates_by_guardian_yes"
    )
    enrolled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    enrolled_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "purpose"], name="one_template_a_person_and_purpose"),
            models.CheckConstraint(condition=Q(references__gte=3), name="template_of_three_frames_at_least"),
            models.CheckConstraint(condition=Q(mode__in=["identify", "verify"]), name="template_mode_known"),
            models.CheckConstraint(
                condition=Q(own_decision__isnull=False) | Q(guardian_decision__isnull=False),
                name="template_rests_on_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GalleryState(models.Model):
    """A counter per school and purpose; every process that matches compares it before it answers."""

    school = models.ForeignKey(School, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    generation = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "purpose"], name="one_gallery_a_school_and_purpose"),
        ]


class FaceSession(models.Model):
    """One use of the camera, for one basket. Keeps the outcome only; nothing of a person not matched."""

    class State(models.TextChoices):
        OPEN = "open", _("Looking")
        MATCHED = "matched", _("Recognised")
        AMBIGUOUS = "ambiguous", _("Not sure")
        UNKNOWN = "unknown", _("Not recognised")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="face_sessions")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    place = models.UUIDField(help_text=_("The terminal"))
    deed = models.UUIDField(help_text=_("What it is for: the basket"), db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="face_sessions")
    opened_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    first_frame_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="matched", person__isnull=False)
                | (~Q(state="matched") & Q(person__isnull=True)),
                name="session_names_only_the_matched",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="session_closed_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["deed"], condition=Q(state="open"), name="one_open_session_a_deed"
            ),
            models.UniqueConstraint(
                fields=["place"], condition=Q(state="open"), name="one_open_session_a_place"
            ),
        ]
