"""Wrapped keys. Only here; the main database holds their ids and nothing more."""

from typing import ClassVar

from django.db import models

from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.models import InstallationMark


class PersonKey(models.Model):
    """The key of one template of one person. Deleting the row is erasing the template, everywhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(db_index=True)
    wrapped = models.BinaryField(max_length=64)
    created_at = models.DateTimeField(default=now)


class GallerySecret(models.Model):
    """A secret from which a gallery's rotation follows. A school uses the last one recorded (`number`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school_id = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField()
    wrapped = models.BinaryField(max_length=64)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_id", "number"], name="gallery_secret_numbered_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="gallery_secret_number_from_one"),
        ]


class PendingWipe(models.Model):
    """Bytes of destroyed keys that may still lie in SQLite's write-ahead log, until a checkpoint empties it.

    Written in the transaction that destroys the keys. No row once nothing of a key is left in any file.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    since = models.DateTimeField(default=now)


class KeysInstallation(InstallationMark):
    """The mark of this database: the same as the main database's, or the keys are another installation's."""

    class Meta(InstallationMark.Meta):
        pass
