"""How a school's lists are read; nothing about a person."""

from django.db import models

from willing.people.models import School


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
