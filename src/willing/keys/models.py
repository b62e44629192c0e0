"""Wrapped keys. Only here; the main database holds their ids and nothing more."""

from django.db import models

from willing.core.clock import now
from willing.core.ids import new_id


class PersonKey(models.Model):
    """The key of one template of one person. Deleting the row is erasing the template, everywhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(db_index=True)
    wrapped = models.BinaryField(max_length=64)
    created_at = models.DateTimeField(default=now)


class GallerySecret(models.Model):
    """A secret from which a gallery's rotation follows. The newest of a school is the one in use."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school_id = models.UUIDField(db_index=True)
    wrapped = models.BinaryField(max_length=64)
    created_at = models.DateTimeField(default=now)
