"""The scans of signed forms, sealed."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.people.models import Person


class ConsentForm(models.Model):
    """One signed form. Its id is the id of its key in the other database; without that it can't be read."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"

    id = models.UUIDField(primary_key=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consent_forms")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    size_bytes = models.PositiveIntegerField(help_text=_("Of the scan, before it was encrypted"))
    sealed = models.BinaryField()
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["pdf", "jpeg", "png"]), name="consent_form_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
