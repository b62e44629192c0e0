"""Which installation a database belongs to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.core.clock import now


class InstallationMark(models.Model):
    """The one row by which a database says which installation it belongs to; set-up writes it.

    master_check: a digest of the installation's id under the master key. It tells whether a master key is the
    right one, and gives nothing of it away.
    """

    number = models.PositiveSmallIntegerField(primary_key=True, default=1)
    installation_id = models.UUIDField()
    master_check = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=now)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number=1), name="%(app_label)s_one_installation_a_database")
        ]


class Installation(InstallationMark):
    """The mark of the main database."""

    class Meta(InstallationMark.Meta):
        pass
