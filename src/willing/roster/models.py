"""How a school's lists are read, and what the last one changed, for a day."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.core.clock import now
from willing.people.models import Guardian, Person, School


class ListFormat(models.Model):
    """How the last plain list of a school was read, so that its columns are chosen once.

    columns: field -> the column's name, None where the list has none. guardians_max: for how many guardians
    of one person any list so far had room; a later one with less room says nothing of the others.
    """

    school = models.OneToOneField(
        School, on_delete=models.CASCADE, primary_key=True, related_name="list_format"
    )
    columns = models.JSONField(default=dict)
    encoding = models.CharField(max_length=12, blank=True)
    date_form = models.CharField(max_length=8, blank=True)
    header_line = models.PositiveIntegerField(default=0)
    guardians_max = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"list format of {self.school_id}"


class ListImport(models.Model):
    """An import that changed something, for the day in which it may be undone."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="list_imports")
    # The school's imports in the order in which they were made, whatever the clock said.
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # The entry of the log that says so.
    entry = models.PositiveBigIntegerField(default=0)
    undone_at = models.DateTimeField(null=True, blank=True)
    # The school's own before it: ListFormat's fields, its id in the register, and the classes that are new.
    format_before = models.JSONField(default=dict)
    external_id_before = models.CharField(max_length=255, blank=True, default="")
    classes_added = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "number"], name="list_import_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"import {self.number} of {self.school_id}"


class ListedChange(models.Model):
    """What an import did to a person, to a guardian, or (both named) to who is a guardian of whom.

    before, after: the values of the fields that it changed; all in `after` of one who was added.
    """

    class Deed(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        RETURNED = "returned", _("Back at school")
        LEFT = "left", _("Left")
        LINKED = "linked", _("Guardian added")
        UNLINKED = "unlinked", _("Guardian removed")

    list_import = models.ForeignKey(ListImport, on_delete=models.CASCADE, related_name="changes")
    deed = models.CharField(max_length=8, choices=Deed.choices)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, null=True, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | models.Q(guardian__isnull=False),
                name="listed_change_is_about_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deed} by {self.list_import_id}"
