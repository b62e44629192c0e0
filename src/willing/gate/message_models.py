"""Which guardians want to know that a child came in or went out, and what is on its way to them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from willing.core.ids import new_id
from willing.people.models import Guardian, Person


class MessageChoice(models.Model):
    """A guardian wants a message about a child's passages. Without a row: none, which is how it begins."""

    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    wants_in = models.BooleanField()
    wants_out = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "person"], name="gate_choice_once"),
            models.CheckConstraint(
                condition=Q(wants_in=True) | Q(wants_out=True), name="gate_choice_of_something"
            ),
        ]


class PassageMessage(models.Model):
    """A message that a worker is about to send. The row is gone before it goes out, so it goes out once.

    It bears no time, and nothing says afterwards that or when it was sent.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    passage = models.ForeignKey("gate.Passage", on_delete=models.CASCADE, related_name="+")
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["passage", "guardian"], name="gate_message_once"),
        ]
