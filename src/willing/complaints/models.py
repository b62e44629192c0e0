"""What families report and ask for, and what the school answered."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.people.models import Guardian, Person, School
from willing.till.models import Sale
from willing.till.refund_models import Refund

WORDS_MAX = 1000
IDENTITY_MAX = 200


def _one_open(field: str) -> tuple[models.UniqueConstraint, models.UniqueConstraint]:
    """Return the constraints that let each guardian, the person and the office report one thing once."""
    is_open = Q(outcome="") & Q(**{f"{field}__isnull": False})
    return (
        models.UniqueConstraint(
            fields=[field, "guardian"],
            condition=is_open & Q(guardian__isnull=False),
            name=f"one_open_complaint_{field}_guardian",
        ),
        models.UniqueConstraint(
            fields=[field, "raised_by"],
            condition=is_open & Q(guardian__isnull=True),
            name=f"one_open_complaint_{field}_other",
        ),
    )


class Complaint(models.Model):
    """Something that is wrong, or that someone asks for, about one person (GDPR articles 15 to 21).

    Its text is in a table of its own, so that it can be erased and the fact stays.
    """

    class Kind(models.TextChoices):
        WRONG_CHARGE = "wrong_charge", _("Wrong charge")
        WRONG_RECOGNITION = "wrong_recognition", _("Wrong recognition")
        CORRECTION = "correction", _("Correction")
        OBJECTION = "objection", _("Objection")
        RESTRICTION = "restriction", _("Please stop using our data until this is settled")
        ACCESS = "access", _("Access to all data")
        PORTABILITY = "portability", _("Data as a file")
        ERASURE = "erasure", _("Deletion of data")
        OTHER = "other", _("Something else")

    class Came(models.TextChoices):
        PAGE = "page", _("On the family's page")
        LETTER = "letter", _("By letter")
        PERSON = "person", _("In person")
        TELEPHONE = "telephone", _("By telephone")
        EMAIL = "email", _("By e-mail")

    class RaisedBy(models.TextChoices):
        GUARDIAN = "guardian", _("A guardian")
        PUPIL = "pupil", _("The person")
        OFFICE = "office", _("The school office, for the family")

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Upheld")
        NOT_CONFIRMED = "not_confirmed", _("Not upheld")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="complaints")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="complaints")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, null=True, related_name="complaints")
    # What went back because the report was right; or had gone back before it was answered.
    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, null=True, related_name="+")
    # The use of the camera. Those rows end long before a complaint does, so nothing refers to them.
    face_session = models.UUIDField(null=True)
    raised_by = models.CharField(max_length=8, choices=RaisedBy.choices)
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True, related_name="complaints")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="complaints_taken")
    raised_at = models.DateTimeField(default=now)
    # How it came; "" where that was not asked yet.
    channel = models.CharField(max_length=9, choices=Came.choices, blank=True)
    # The school's day on which it came, where it was entered later; the time to answer counts from then.
    received_on = models.DateField(null=True)
    # When the family was notified that the answer takes longer.
    extended_at = models.DateTimeField(null=True)
    extended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="complaints_answered"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["raised_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "wrong_charge",
                        "wrong_recognition",
                        "correction",
                        "objection",
                        "restriction",
                        "access",
                        "portability",
                        "erasure",
                        "other",
                    ]
                ),
                name="complaint_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["", "page", "letter", "person", "telephone", "email"]),
                name="complaint_channel_known",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extended_by__isnull=True)
                | Q(extended_at__isnull=False, extended_by__isnull=False),
                name="complaint_extended_by_somebody",
            ),
            models.CheckConstraint(
                condition=(
                    Q(raised_by="guardian", guardian__isnull=False, user__isnull=True)
                    | Q(raised_by="pupil", guardian__isnull=True, user__isnull=True)
                    | Q(raised_by="office", guardian__isnull=True, user__isnull=False)
                ),
                name="complaint_raised_by_one",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="wrong_charge", sale__isnull=False)
                    | Q(kind="wrong_recognition", sale__isnull=False)
                    | Q(kind="wrong_recognition", face_session__isnull=False)
                    | Q(
                        kind__in=[
                            "correction",
                            "objection",
                            "restriction",
                            "access",
                            "portability",
                            "erasure",
                            "other",
                        ],
                        sale__isnull=True,
                        face_session__isnull=True,
                    )
                ),
                name="complaint_names_what_is_wrong",
            ),
            models.CheckConstraint(
                condition=(
                    Q(outcome="", answered_by__isnull=True, answered_at__isnull=True)
                    | Q(
                        outcome__in=["confirmed", "not_confirmed"],
                        answered_by__isnull=False,
                        answered_at__isnull=False,
                    )
                ),
                name="complaint_answered_by_somebody",
            ),
            # A report pressed twice is one report; one for each guardian, since none sees another's.
            *_one_open("sale"),
            *_one_open("face_session"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return not self.outcome


class ComplaintWords(models.Model):
    """What someone wrote and the school's answer; read by the person who raised it, and by the office.

    identity: how staff recognised who asked. extension: why the answer takes longer.
    """

    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, primary_key=True, related_name="words"
    )
    said = models.CharField(max_length=WORDS_MAX, blank=True)
    answer = models.CharField(max_length=WORDS_MAX, blank=True)
    identity = models.CharField(max_length=IDENTITY_MAX, blank=True)
    extension = models.CharField(max_length=WORDS_MAX, blank=True)
