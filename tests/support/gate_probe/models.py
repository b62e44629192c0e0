"""Who went through which gate, and how the gate knew them."""

from typing import ClassVar

from django.db import models

from willing.core.clock import now
from willing.people.models import Person
from willing.terminals.models import Terminal, Way


class Passage(models.Model):
    """One person went through one gate."""

    id = models.UUIDField(primary_key=True, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=8, choices=Way.choices)
    at = models.DateTimeField(default=now)

    objects: ClassVar[models.Manager["Passage"]] = models.Manager()
